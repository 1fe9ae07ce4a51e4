"""Acts on one stay from wherever it is shown: give it a room, take the room back, cancel."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.core.errors import DomainError
from pms.core.http import status_of
from properties.http import add_error, at_hotel
from properties.models import Property
from properties.selectors import room_for
from reservations import rules
from reservations.forms import CancelForm
from reservations.permissions import Permission
from reservations.selectors.choices import room_choice
from reservations.selectors.rows import stay_shown
from reservations.selectors.stays import assignments_of, reservation_for
from reservations.services.stays import reservation_assign_room, reservation_cancel, reservation_unassign_room

from .answers import called, done, into_dialog, piece_asked


@at_hotel(Permission.RESERVATION_ASSIGN)
def choose_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Show which rooms the stay could have, each with its consequence."""
    return _choice(request, hotel, pk)


@at_hotel(Permission.RESERVATION_ASSIGN, methods={"POST"})
def assign_room(request: HttpRequest, hotel: Property, pk: uuid.UUID, room_pk: uuid.UUID) -> HttpResponse:
    """Plan the stay into a room; refused, the dialog says why and shows what is free now."""
    reservation = reservation_for(request.user, Permission.RESERVATION_ASSIGN, hotel, pk)
    room = room_for(request.user, Permission.RESERVATION_ASSIGN, room_pk, hotel=hotel)
    before = assignments_of(reservation.pk)
    try:
        reservation_assign_room(hotel=hotel, reservation_id=reservation.pk, room_id=room.pk)
    except DomainError as refusal:
        return _choice(request, hotel, pk, refusal)
    undo = reverse("reservations:unassign_room", args=[hotel.code, pk])
    if before:
        undo = reverse("reservations:assign_room", args=[hotel.code, pk, before[0].room_id])
    words = _("%(guest)s gets room %(room)s") % {"guest": called(request, reservation), "room": room.number}
    return done(request, hotel, pk, words, undo=undo)


@at_hotel(Permission.RESERVATION_ASSIGN, methods={"POST"})
def unassign_room(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take the planned room back."""
    reservation = reservation_for(request.user, Permission.RESERVATION_ASSIGN, hotel, pk)
    before = assignments_of(reservation.pk)
    reservation_unassign_room(hotel=hotel, reservation_id=reservation.pk)
    undo = reverse("reservations:assign_room", args=[hotel.code, pk, before[0].room_id]) if before else ""
    return done(request, hotel, pk, _("%s has no room now") % called(request, reservation), undo=undo)


@at_hotel(Permission.RESERVATION_CANCEL, methods={"GET", "POST"})
def cancel_reservation(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Say in figures what a cancellation gives up, ask for the reason, cancel."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CANCEL, hotel, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    context = {
        "hotel": hotel,
        "stay": stay_shown(hotel, reservation.pk, rights_at(request.user, hotel.pk)),
        "form": form,
        "piece": piece_asked(request),
        "reasons": rules.against_cancelling(reservation),
    }
    if request.method == "GET":
        return render(request, "reservations/cancel_dialog.html", context)
    if not form.is_valid():
        return into_dialog(render(request, "reservations/cancel_dialog.html", context, status=422))
    try:
        reservation_cancel(hotel=hotel, reservation_id=reservation.pk, reason=form.cleaned_data["reason"])
    except DomainError as refusal:
        add_error(form, refusal)
        return into_dialog(render(request, "reservations/cancel_dialog.html", context, status=status_of(refusal)))
    return done(request, hotel, pk, _("%s is cancelled") % reservation.number)


def _choice(request: HttpRequest, hotel: Property, pk: uuid.UUID, refusal: DomainError | None = None) -> HttpResponse:
    reservation = reservation_for(request.user, Permission.RESERVATION_ASSIGN, hotel, pk)
    context = {
        "hotel": hotel,
        "choice": room_choice(hotel, reservation, rights_at(request.user, hotel.pk)),
        "piece": piece_asked(request),
        "refusal": refusal,
        "reasons": rules.against_assigning(reservation),
    }
    status = status_of(refusal) if refusal else 200
    return into_dialog(render(request, "reservations/room_dialog.html", context, status=status))
