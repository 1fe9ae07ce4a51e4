"""The room plan: the page, the rows that changed while it is open, and the card of one stay."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from pms.accounts.access import rights_at
from pms.core.http import is_htmx
from pms.events.selectors import stream_head
from pms.live.pages import page_context
from properties.http import at_hotel
from properties.models import Property
from reservations.permissions import Permission
from reservations.room_plan import DAYS, GROUPS, Asked
from reservations.room_plan_pen import Pen, window_title
from reservations.selectors.people import guests_named
from reservations.selectors.room_plan import Plan, frame_of, plan_of, plan_part, plan_stay
from reservations.selectors.stays import assignments_of

TOPICS = ("plan_room", "plan_row", "plan_lane", "plan_stock", "plan_frame")
# A page that needs more than this at once reads itself anew.
MOST_PIECES = 100


@at_hotel(Permission.RESERVATION_VIEW)
def room_plan(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show rooms down and days across; `from`, `days` and `group` are in the address."""
    context = page_context(request, hotel.pk, topics=TOPICS)
    asked = Asked.of(request.GET, hotel.business_date)
    plan = plan_of(hotel, asked.window)
    pen = _pen(hotel, plan, context["seq"], context["audience"].rights)
    frame = {"pk": hotel.pk, "rests_on": frame_of(hotel.pk)}
    context |= {"hotel": hotel, "asked": asked, "pen": pen, "row": frame}
    return render(request, "reservations/room_plan.html", context | _steering(asked) | {"rooms": len(plan.rooms)})


def _pen(hotel: Property, plan: Plan, seq: int, rights: frozenset[str]) -> Pen:
    calendar = hotel.local_now().date()
    return Pen(plan, seq=seq, names=guests_named(rights), hotel_id=hotel.pk, calendar=calendar)


def _steering(asked: Asked) -> dict[str, Any]:
    """Return the title of the window and the ways to others."""
    return {
        "title": window_title(asked.window),
        "earlier": asked.query(windows=-1),
        "later": asked.query(windows=1),
        "today": asked.query_today(),
        "lengths": [(days, asked.query(days=days)) for days in DAYS],
        "by_type": asked.query(group=GROUPS[0]),
        "by_floor": asked.query(group=GROUPS[1]),
    }


@at_hotel(Permission.RESERVATION_VIEW)
def room_plan_rows(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Return the rows, lanes and figures an open plan asks for, each in the form of a piece that the socket brings."""
    seq = stream_head(hotel.pk).seq  # before the rows are read
    asked = Asked.of(request.GET, hotel.business_date)
    rooms, lanes = _keys(request.GET.getlist("row")), _keys(request.GET.getlist("lane"))
    stock = "stock" in request.GET
    plan = plan_part(hotel, asked.window, rooms=rooms, with_lanes=bool(lanes), with_stock=stock)
    pen = _pen(hotel, plan, seq, rights_at(request.user, hotel.pk))
    drawn = dict.fromkeys([f"row-{pk}" for pk in rooms], "")
    drawn |= pen.pieces(lanes=lanes, stock=stock, named=asked.group == "floor")
    pieces = [{"id": name, "topic": "plan_row", "seq": seq, "html": html} for name, html in drawn.items()]
    return JsonResponse({"pieces": pieces})


def _keys(texts: Sequence[str]) -> list[uuid.UUID]:
    keys = []
    for text in texts[:MOST_PIECES]:
        with suppress(ValueError):
            keys.append(uuid.UUID(text))
    return keys


@at_hotel(Permission.RESERVATION_VIEW)
def room_plan_stay(request: HttpRequest, hotel: Property, number: str) -> HttpResponse:
    """Show the card of one stay in the dialog; a browser that opens it as a page gets the plan."""
    stay = plan_stay(hotel, number)
    if not is_htmx(request):
        return redirect("reservations:room_plan", code=hotel.code)
    context = {
        "hotel": hotel,
        "stay": stay,
        "rooms": assignments_of(stay.pk),
        "names": guests_named(rights_at(request.user, hotel.pk)),
    }
    return render(request, "reservations/room_plan_stay.html", context)
