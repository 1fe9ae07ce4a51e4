"""Closed rooms: the list, a new one, a change of its end, opened again before its time."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.core.errors import DomainError
from pms.core.forms import Outcome, save_merged
from pms.core.http import status_of
from pms.core.templatetags.ui import day
from pms.live.pages import page_context
from properties.http import add_error, at_hotel, require, with_toast
from properties.models import Property
from properties.permissions import Permission as HotelPermission
from reservations.closed_room_forms import ClosedRoomForm, CloseRoomForm
from reservations.closed_rooms import CLOSED_ROOM, closed_ids, closed_rows
from reservations.models import OutOfOrder
from reservations.permissions import Permission
from reservations.selectors.out_of_order import closed_room_for
from reservations.services.out_of_order import out_of_order_change, out_of_order_end, out_of_order_set

from .answers import into_dialog


@at_hotel(HotelPermission.ROOM_VIEW, methods={"GET", "POST"})
def list_closed_rooms(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show which rooms are or will be closed; close one."""
    form, status = CloseRoomForm(request.POST or None, hotel=hotel), 200
    if request.method == "POST":
        require(request, hotel, Permission.ROOM_CLOSE)
        status = _close(request, hotel, form)
        if status == 302:
            return redirect("reservations:list_closed_rooms", code=hotel.code)
    context = page_context(request, hotel.pk, topics=("closed_room",))
    context |= {"hotel": hotel, "form": form, "rows": closed_rows(closed_ids(hotel.pk), context["audience"]).values()}
    return render(request, "reservations/closed_rooms.html", context, status=status)


@at_hotel(Permission.ROOM_CLOSE, methods={"GET", "POST"})
def change_closed_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Change how long a room stays closed, and why."""
    row = closed_room_for(request.user, Permission.ROOM_CLOSE, pk, hotel=hotel)
    if request.method == "GET":
        form = ClosedRoomForm.of(row)
        form.initial["last"] = row.last
        return _dialog(request, hotel, row, Outcome(form))
    form = ClosedRoomForm(request.POST)
    forced = form.is_valid() and form.cleaned_data["forced"]
    if forced:
        require(request, hotel, Permission.OVERBOOK)
    outcome = save_merged(form, partial(out_of_order_change, hotel=hotel, out_of_order_id=row.pk, forced=forced))
    if outcome.row is None:
        return _dialog(request, hotel, row, outcome)
    return _done(_("Room %(room)s is closed until %(day)s.") % {"room": row.room, "day": day(outcome.row.last)})


@at_hotel(Permission.ROOM_CLOSE, methods={"POST"})
def end_closed_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Open a room again from today on."""
    row = closed_room_for(request.user, Permission.ROOM_CLOSE, pk, hotel=hotel)
    out_of_order_end(hotel=hotel, out_of_order_id=row.pk)
    return _done(_("Room %s is open again.") % row.room)


def _close(request: HttpRequest, hotel: Property, form: CloseRoomForm) -> int:
    if not form.is_valid():
        return 422
    values = dict(form.cleaned_data)
    if values["forced"]:
        require(request, hotel, Permission.OVERBOOK)
    try:
        row = out_of_order_set(hotel=hotel, room_id=values.pop("room"), **values)
    except DomainError as error:
        add_error(form, error)
        return status_of(error)
    messages.success(request, _("Room %(room)s: %(kind)s.") % {"room": row.room, "kind": row.get_kind_display()})
    return 302


def _dialog(request: HttpRequest, hotel: Property, row: OutOfOrder, outcome: Outcome) -> HttpResponse:
    context = {"hotel": hotel, "row": row, "form": outcome.form, "conflicts": outcome.conflicts}
    return into_dialog(render(request, "reservations/closed_room_dialog.html", context, status=outcome.status))


def _done(words: str) -> HttpResponse:
    """Leave the dialog empty, which closes it, and say what happened."""
    return into_dialog(with_toast(HttpResponse(), words, changed=CLOSED_ROOM.name))
