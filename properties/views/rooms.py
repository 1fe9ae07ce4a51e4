"""The rooms board: every room by floor with its condition, marked in place."""

from __future__ import annotations

import uuid
from itertools import groupby

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, StaleVersion
from pms.core.templatetags.ui import condition_look
from pms.live.pages import audience_of, page_context
from properties.cards import room_counts, room_rows
from properties.forms import MarkForm, RoomFilterForm
from properties.fragments import ROOM_CARD
from properties.http import at_hotel, require, with_toast
from properties.models import Property, Room
from properties.permissions import Permission, right_to_mark
from properties.selectors import room_for, room_ids_of, rooms_archived
from properties.services import room_mark

UNDO_SALT = "properties.unmark_room"
UNDO_SECONDS = 15  # the toast counts ten; a slow line gets the rest


@at_hotel(Permission.ROOM_VIEW)
def rooms(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show all rooms by floor; `?condition=dirty` shows only those, also as they change."""
    context = page_context(request, hotel.pk, topics=("room_card", "room_counts"))
    cards = room_rows(room_ids_of(hotel.pk), context["audience"]).values()
    floors = [
        {"floor": floor, "rows": list(rows)}
        for (_place, floor), rows in groupby(cards, key=lambda card: (card.place, card.floor))
    ]
    chosen = RoomFilterForm(request.GET)
    context |= {
        "floors": floors,
        "counts": room_counts([hotel.pk], context["audience"])[hotel.pk],
        "condition": chosen.cleaned_data["condition"] if chosen.is_valid() else "",
        "archived": rooms_archived(hotel.pk) if Permission.ROOM_CHANGE in context["audience"].rights else [],
    }
    return render(request, "properties/rooms.html", context)


@at_hotel(Permission.ROOM_MARK, methods={"POST"})
def mark_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Mark a room and answer with its card, and with a way back that lasts ten seconds."""
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise InvalidValue(_("The room was not marked: the page was too old. Reload it and try again."))
    condition, seen = form.cleaned_data["condition"], form.cleaned_data["version"]
    require(request, hotel, right_to_mark(condition))
    room = room_for(request.user, Permission.ROOM_MARK, pk, hotel=hotel)
    before = room.condition
    try:
        room = room_mark(room_id=room.pk, condition=condition, seen_version=seen)
    except StaleVersion:
        return _overtaken(request, room)
    words = _("Room %(room)s: %(condition)s") % {
        "room": room.number,
        "condition": condition_look(room.condition).words,
    }
    undo = _undo_url(hotel, room, before) if before != room.condition else ""
    return with_toast(_card(request, room), words, undo=undo)


@at_hotel(Permission.ROOM_MARK, methods={"POST"})
def unmark_room(request: HttpRequest, hotel: Property, pk: uuid.UUID, token: str) -> HttpResponse:
    """Take a mark back, as long as nobody has marked the room since.

    It is asked from a message that outlives the card, so no card is answered: the page looks where its rooms stand now.
    The signed token names what it was: so a housekeeper can restore an inspection which she could not give herself.
    """
    room = room_for(request.user, Permission.ROOM_MARK, pk, hotel=hotel)
    try:
        facts = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        raise InvalidValue(_("It was too late to take that back. The room stays as it is.")) from None
    if facts["room"] != str(room.pk):
        raise InvalidValue(_("It was too late to take that back. The room stays as it is."))
    try:
        room_mark(room_id=room.pk, condition=facts["condition"], seen_version=facts["version"])
    except StaleVersion:
        words = _("Somebody else marked room %s meanwhile. It stays as it is.") % room.number
        return with_toast(HttpResponse(status=204), words, tone="amber", changed=ROOM_CARD.name)
    return with_toast(HttpResponse(status=204), _("Room %s is as it was") % room.number, changed=ROOM_CARD.name)


def _card(request: HttpRequest, room: Room, *, status: int = 200) -> HttpResponse:
    return HttpResponse(ROOM_CARD.render(room.pk, audience_of(request.user, room.property_id)), status=status)


def _overtaken(request: HttpRequest, room: Room) -> HttpResponse:
    """Answer with the card as it stands now: somebody else was faster."""
    words = _("Somebody else marked room %s a moment ago. Nothing was changed; look again.") % room.number
    return with_toast(_card(request, room, status=409), words, tone="amber")


def _undo_url(hotel: Property, room: Room, before: str) -> str:
    facts = {"room": str(room.pk), "condition": before, "version": room.version}
    token = signing.dumps(facts, salt=UNDO_SALT)
    return reverse("properties:unmark_room", args=[hotel.code, room.pk, token])
