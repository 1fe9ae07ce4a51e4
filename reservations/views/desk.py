"""The desk's acts on one stay: check in, check out, take either back."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.core.errors import DomainError
from pms.core.http import status_of
from pms.live.pages import audience_of
from properties.http import at_hotel, require
from properties.models import Property
from reservations.errors import EarlyDeparture, RoomNotReady
from reservations.permissions import Permission
from reservations.selectors.desk import leaving_now, overridden, panels_of
from reservations.selectors.rows import StayRow, stay_shown
from reservations.selectors.stays import reservation_for
from reservations.services.front_desk import (
    reservation_check_in,
    reservation_check_out,
    reservation_undo_check_in,
    reservation_undo_check_out,
)

from .answers import called, done, into_dialog, piece_asked, refused


@at_hotel(Permission.RESERVATION_CHECK_IN, methods={"GET", "POST"})
def check_in(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Give the guest the key; into a room that is not ready only after a question, with a right of its own."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHECK_IN, hotel, pk)
    rights = rights_at(request.user, hotel.pk)
    stay = stay_shown(hotel, reservation.pk, rights)
    if request.method == "GET" or _asked_in_dialog(request):
        require(request, hotel, Permission.ROOM_OVERRIDE)
    if request.method == "GET":
        return _ask_check_in(request, hotel, stay)
    accepted = {RoomNotReady.code} if overridden(stay.desk, request.POST.get("accepted", "")) else set()
    try:
        reservation_check_in(hotel=hotel, reservation_id=reservation.pk, accepted=accepted)
    except DomainError as refusal:
        if _asked_in_dialog(request):
            return _ask_check_in(request, hotel, stay_shown(hotel, reservation.pk, rights), refusal)
        return refused(request, hotel, pk, refusal)
    facts = {"guest": stay.guest, "room": stay.room.number if stay.room else "–"}
    undo = reverse("reservations:undo_check_in", args=[hotel.code, pk])
    return done(request, hotel, pk, _("%(guest)s is checked in to %(room)s") % facts, undo=undo)


@at_hotel(Permission.RESERVATION_CHECK_OUT, methods={"GET", "POST"})
def check_out(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let the guest leave; before the booked day only after saying in figures what is given back."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHECK_OUT, hotel, pk)
    if request.method == "GET":
        return _ask_check_out(request, hotel, pk)
    early = request.POST.get("accepted") == EarlyDeparture.code
    accepted = {EarlyDeparture.code} if early else set()
    try:
        reservation_check_out(hotel=hotel, reservation_id=reservation.pk, accepted=accepted)
    except DomainError as refusal:
        if _asked_in_dialog(request):
            return _ask_check_out(request, hotel, pk, refusal)
        return refused(request, hotel, pk, refusal)
    # Nights that were given back may be sold by now: what was confirmed in figures is not taken back in one tap.
    undo = "" if early else reverse("reservations:undo_check_out", args=[hotel.code, pk])
    return done(request, hotel, pk, _("%s is checked out") % called(request, reservation), undo=undo)


@at_hotel(Permission.RESERVATION_CHECK_IN, methods={"POST"})
def undo_check_in(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take the check-in back on its own business date."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHECK_IN, hotel, pk)
    try:
        reservation_undo_check_in(hotel=hotel, reservation_id=reservation.pk)
    except DomainError as refusal:
        return refused(request, hotel, pk, refusal)
    return done(
        request, hotel, pk, _("%s is not checked in any more; the room is dirty now") % called(request, reservation)
    )


@at_hotel(Permission.RESERVATION_CHECK_OUT, methods={"POST"})
def undo_check_out(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take the check-out back on its own business date, while nobody else is in the room."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHECK_OUT, hotel, pk)
    try:
        reservation_undo_check_out(hotel=hotel, reservation_id=reservation.pk)
    except DomainError as refusal:
        return refused(request, hotel, pk, refusal)
    return done(request, hotel, pk, _("%s is in house again") % called(request, reservation))


def _asked_in_dialog(request: HttpRequest) -> bool:
    """Tell whether the act comes out of a question: its form says what was accepted."""
    return "accepted" in request.POST


def _ask_check_in(
    request: HttpRequest, hotel: Property, stay: StayRow, refusal: DomainError | None = None
) -> HttpResponse:
    context = {"hotel": hotel, "stay": stay, "piece": piece_asked(request), "refusal": refusal}
    status = status_of(refusal) if refusal else 200
    return into_dialog(render(request, "reservations/check_in_dialog.html", context, status=status))


def _ask_check_out(
    request: HttpRequest, hotel: Property, pk: uuid.UUID, refusal: DomainError | None = None
) -> HttpResponse:
    reservation = reservation_for(request.user, Permission.RESERVATION_CHECK_OUT, hotel, pk)
    audience = audience_of(request.user, hotel.pk)
    context = {
        "hotel": hotel,
        "stay": stay_shown(hotel, pk, audience.rights),
        "leaving": leaving_now(hotel, reservation),
        "panels": panels_of(reservation, audience),
        "can": audience.can,
        "piece": piece_asked(request),
        "refusal": refusal,
    }
    status = status_of(refusal) if refusal else 200
    return into_dialog(render(request, "reservations/check_out_dialog.html", context, status=status))
