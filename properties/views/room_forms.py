"""The pages of one room: added, changed, connected, of another type from a day on, archived and taken back."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core.errors import DomainError
from pms.core.forms import Outcome, save_merged
from pms.core.http import is_htmx
from pms.core.templatetags.ui import day
from properties.fragments import ROOM_CARD
from properties.http import add_error, at_hotel, require, with_toast
from properties.models import Property, Room
from properties.permissions import Permission
from properties.places.forms import ConnectedForm, NewRoomForm, RoomForm, TypePlanForm
from properties.places.selectors import TypeCalendar, connected_with
from properties.selectors import room_for
from properties.services.connections import room_connect
from properties.services.room_type_spans import room_type_plan
from properties.services.rooms import room_add, room_archive, room_change, room_restore


@at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
def add_room(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Add a room; the next one begins with the same type and floor."""
    form = NewRoomForm(request.POST or None, hotel=hotel, initial=_like_the_last(request))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                room = room_add(property_id=hotel.pk, **form.new_values())
            except DomainError as error:
                add_error(form, error)
            else:
                messages.success(request, _("Room %s is added.") % room.number)
                query = f"?room_type={room.room_type_id}&on_floor={room.on_floor_id or ''}"
                return redirect(f"{request.path}{query}")
    return render(request, "properties/room_add.html", {"hotel": hotel, "form": form}, status=status)


@at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
def change_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Change number, place, features and doors of a room; what others saved meanwhile is merged or shown."""
    room = room_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    if request.method == "GET":
        return _page(request, hotel, room, Outcome(RoomForm.of(room, hotel=hotel, room=room)))
    form = RoomForm(request.POST, hotel=hotel, room=room)
    doors = ConnectedForm(request.POST, room=room, connected=_doors(room))
    if not doors.is_valid():
        return _page(request, hotel, room, Outcome(form, status=422), doors=doors)
    to, without = doors.difference()
    with transaction.atomic():
        outcome = save_merged(form, partial(room_change, room_id=room.pk))
        if outcome.row is not None:
            room_connect(room_id=room.pk, to=to, without=without)
    if outcome.row is None:
        return _page(request, hotel, room, outcome, doors=doors)
    messages.success(request, _("Room %s is saved.") % outcome.row.number)
    return redirect("properties:change_room", code=hotel.code, pk=room.pk)


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def plan_room_type(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let the room be of another type from a night on; forced only by who may change the hotel."""
    room = room_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    form = TypePlanForm(request.POST, hotel=hotel)
    if not form.is_valid():
        return _page(request, hotel, room, Outcome(RoomForm.of(room, hotel=hotel, room=room), status=422), plan=form)
    wanted = form.cleaned_data
    if wanted["forced"]:
        require(request, hotel, Permission.HOTEL_CHANGE)
    try:
        room_type_plan(
            room_id=room.pk, room_type_id=wanted["room_type"], since=wanted["since"], forced=wanted["forced"]
        )
    except DomainError as error:
        add_error(form, error)
        stays = error.facts.get("stays", ())
        outcome = Outcome(RoomForm.of(room, hotel=hotel, room=room), status=409)
        return _page(request, hotel, room, outcome, plan=form, stays=stays)
    messages.success(
        request, _("Room %(room)s changes its type on %(day)s.") % {"room": room, "day": day(wanted["since"])}
    )
    return redirect("properties:change_room", code=hotel.code, pk=room.pk)


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def archive_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take a room out of the house, with a way back that lasts ten seconds; later it stands below the rooms."""
    room = room_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    try:
        room_archive(room_id=room.pk)
    except DomainError as error:
        outcome = Outcome(RoomForm.of(room, hotel=hotel, room=room), status=409)
        return _page(request, hotel, room, outcome, refusal=error)
    undo = reverse("properties:restore_room", args=[hotel.code, pk])
    messages.success(request, _("Room %s is archived.") % room.number, extra_tags=undo)
    return redirect("properties:list_rooms", code=hotel.code)


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def restore_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take an archived room into the house again."""
    room = room_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    try:
        room_restore(room_id=room.pk)
    except DomainError as error:
        if is_htmx(request):
            raise
        outcome = Outcome(RoomForm.of(room, hotel=hotel, room=room), status=409)
        return _page(request, hotel, room, outcome, refusal=error)
    words = _("Room %s is in the house again, dirty until somebody looked at it.") % room.number
    if is_htmx(request):
        return with_toast(HttpResponse(status=204), words, changed=ROOM_CARD.name)
    messages.success(request, words)
    return redirect("properties:list_rooms", code=hotel.code)


def _like_the_last(request: HttpRequest) -> dict[str, Any]:
    return {name: request.GET[name] for name in ("room_type", "on_floor") if request.GET.get(name)}


def _doors(room: Room) -> list[Room]:
    return list(connected_with([room.pk]).get(room.pk, ()))


def _page(
    request: HttpRequest,
    hotel: Property,
    room: Room,
    outcome: Outcome,
    *,
    doors: ConnectedForm | None = None,
    plan: TypePlanForm | None = None,
    stays: Any = (),
    refusal: DomainError | None = None,
) -> HttpResponse:
    calendar = TypeCalendar([room])
    context = {
        "hotel": hotel,
        "room": room,
        "form": outcome.form,
        "conflicts": outcome.conflicts,
        "doors": doors or ConnectedForm(room=room, connected=_doors(room)),
        "plan": plan or TypePlanForm(hotel=hotel),
        "plans": calendar.changes(room.pk, after=hotel.business_date),
        "stays": stays,
        "refusal": refusal,
    }
    return render(request, "properties/room.html", context, status=outcome.status)
