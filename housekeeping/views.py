"""My rooms: what is to be cleaned next, marked with one tap, on a phone in a corridor."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, StaleVersion
from pms.core.idempotency import Answer, fingerprint, once
from pms.core.templatetags.ui import condition_look
from pms.live.pages import audience_of, page_context
from properties.http import at_hotel, require, with_toast
from properties.models import Property, Room
from properties.permissions import Permission, right_to_mark
from properties.selectors import room_for
from properties.services import room_mark

from .cards import GROUPS, MyRoom, all_my_rooms, floors_told, rooms_done
from .forms import MarkForm, chosen_of
from .fragments import MY_FLOORS, MY_ROOM_CARD

UNDO_SALT = "housekeeping.unmark_room"
UNDO_SECONDS = 15  # the toast counts ten; a slow line gets the rest


@at_hotel(Permission.ROOM_MARK)
def my_rooms(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the rooms in working order; `?show=todo&floor=2` shows only those."""
    chosen = chosen_of(request.GET)
    cards = MY_ROOM_CARD.list_topic(urlencode(chosen))
    context = page_context(request, hotel.pk, topics=(cards, MY_FLOORS.name, "rooms_done"))
    rooms = all_my_rooms(context["audience"])
    told = floors_told([hotel.pk], context["audience"])[hotel.pk]
    wanted = [room for room in rooms if not chosen["floor"] or room.floor == chosen["floor"]]
    context |= {
        "hotel": hotel,
        "groups": _groups(wanted, chosen["show"]),
        "told": told,
        "show": chosen["show"],
        "done": rooms_done([hotel.pk], context["audience"])[hotel.pk],
        "chips": [_chip(chosen, "show", name) for name in ("", *GROUPS)],
        "floors": [_chip(chosen, "floor", floor) for floor in told.floors] if len(told.floors) > 1 else [],
    }
    return render(request, "housekeeping/my_rooms.html", context)


@at_hotel(Permission.ROOM_MARK, methods={"POST"})
def mark_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Mark a room and answer with its card; a tap that is sent twice counts once."""
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise InvalidValue(_("The room was not marked: the page was too old. Reload it and try again."))
    require(request, hotel, right_to_mark(form.cleaned_data["condition"]))
    room = room_for(request.user, Permission.ROOM_MARK, pk, hotel=hotel)
    try:
        facts = _mark_once(request, room, **form.cleaned_data)
    except StaleVersion:
        words = _("Somebody else marked room %s a moment ago. Nothing was changed; this is how it is now.")
        return _told(_card(request, room, status=409), words % room.number, tone="amber")
    words = _("Room %(room)s: %(condition)s") % {
        "room": room.number,
        "condition": condition_look(facts["condition"]).words,
    }
    undo = ""
    if facts["before"] != facts["condition"]:
        token = signing.dumps({"room": str(pk), **facts}, salt=UNDO_SALT)
        undo = reverse("housekeeping:unmark_room", args=[hotel.code, pk, token])
    return _told(_card(request, room), words, undo=undo)


@at_hotel(Permission.ROOM_MARK, methods={"POST"})
def unmark_room(request: HttpRequest, hotel: Property, pk: uuid.UUID, token: str) -> HttpResponse:
    """Take a mark back, as long as nobody has marked the room since.

    The signed token names what it was: so a housekeeper can restore an inspection which she could not give herself.
    """
    room = room_for(request.user, Permission.ROOM_MARK, pk, hotel=hotel)
    try:
        facts = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        facts = {}
    if facts.get("room") != str(room.pk):
        raise InvalidValue(_("It was too late to take that back. The room stays as it is."))
    try:
        room_mark(room_id=room.pk, condition=facts["before"], seen_version=facts["version"])
    except StaleVersion:
        words = _("Somebody else marked room %s meanwhile. It stays as it is.") % room.number
        return _told(HttpResponse(status=204), words, tone="amber")
    return _told(HttpResponse(status=204), _("Room %s is as it was") % room.number)


def _mark_once(request: HttpRequest, room: Room, *, condition: str, version: int, key: str) -> dict[str, Any]:
    """Mark the room and return what it was and what it is; with a key, a repeat gets the first answer."""

    def work() -> Answer:
        marked = room_mark(room_id=room.pk, condition=condition, seen_version=version)
        return Answer(200, {"before": room.condition, "condition": marked.condition, "version": marked.version})

    if not key:
        return dict(work().body)
    asked = fingerprint(request.path, condition, str(version))
    answer = once(client=f"user:{request.user.pk}", key=key, request=asked, work=work, property_id=room.property_id)
    return dict(answer.body)


def _card(request: HttpRequest, room: Room, *, status: int = 200) -> HttpResponse:
    return HttpResponse(MY_ROOM_CARD.render(room.pk, audience_of(request.user, room.property_id)), status=status)


def _told(response: HttpResponse, text: str, *, tone: str = "green", undo: str = "") -> HttpResponse:
    """Return `response` with a short message; the page puts the room where it belongs now, socket or not."""
    return with_toast(response, text, tone=tone, undo=undo, changed=MY_ROOM_CARD.name)


def _groups(rooms: list[MyRoom], show: str) -> list[dict[str, Any]]:
    """Return the parts of the page, or the one that was asked for; the page hides those without rooms."""
    parts = [show] if show else GROUPS
    return [{"name": name, "rows": [room for room in rooms if room.group == name]} for name in parts]


def _chip(chosen: dict[str, str], name: str, value: str) -> dict[str, Any]:
    """Return one filter; the chosen floor is taken back by choosing it again."""
    current = chosen[name] == value
    query = {**chosen, name: "" if current and name == "floor" else value}
    return {"value": value, "current": current, "query": urlencode({key: text for key, text in query.items() if text})}
