"""One reservation: everything about it on one page, and its notes."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core.errors import DomainError, NotThere, StaleVersion
from pms.core.forms import Outcome, save_merged
from pms.live.pages import page_context
from properties.http import add_error, at_hotel, require
from properties.models import Property
from properties.undo import undo_asked, undo_offered, undo_overtaken
from reservations.forms import NotesForm, ProfileForm
from reservations.fragments import PAGE
from reservations.models import Guest, Reservation
from reservations.permissions import Permission
from reservations.selectors.stays import reservation_for
from reservations.services.guests import guest_change
from reservations.services.notes import reservation_notes_change
from reservations.texts import merged

from .answers import done, said


@at_hotel(Permission.RESERVATION_VIEW)
def open_reservation(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Show the stay: each part is a piece of its own, so a change elsewhere moves nothing else."""
    reservation = reservation_for(request.user, Permission.RESERVATION_VIEW, hotel, pk)
    context = page_context(request, hotel.pk, topics=tuple(fragment.topic(pk) for fragment in PAGE))
    rows = {fragment.name: fragment.rows([pk], context["audience"])[pk] for fragment in PAGE}
    context |= {"hotel": hotel, "reservation": reservation, "rows": rows}
    return render(request, "reservations/reservation.html", context)


@at_hotel(Permission.RESERVATION_CHANGE, methods={"GET", "POST"})
def change_notes(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Change the notes in the dialog; what a colleague wrote meanwhile is shown beside, nothing is overwritten."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHANGE, hotel, pk)
    context: dict[str, Any] = {"hotel": hotel, "reservation": reservation}
    if request.method == "GET":
        return render(request, "reservations/notes_dialog.html", context | {"form": NotesForm.of(reservation)})
    form = NotesForm(request.POST)
    if not form.is_valid():
        return render(request, "reservations/notes_dialog.html", context | {"form": form}, status=422)
    try:
        changed = reservation_notes_change(
            hotel=hotel,
            reservation_id=reservation.pk,
            seen=form.cleaned_data["version"],
            values=form.values(),
            originals=form.originals(),
        )
    except StaleVersion as conflict:
        mine, theirs = conflict.conflicts["notes"]
        both = merged(form.originals()["notes"], mine, theirs)
        context |= {"mine": mine, "theirs": theirs, "both": both, "seen": form.cleaned_data["version"]}
        return render(request, "reservations/notes_conflict.html", context | {"conflict": conflict}, status=409)
    except DomainError as error:
        add_error(form, error)
        return render(request, "reservations/notes_dialog.html", context | {"form": form}, status=422)
    before, after = form.originals()["notes"], changed.notes
    facts = {"before": before, "after": after, "version": changed.version}
    undo = ""
    if before != after:
        token = undo_offered(request, hotel, "notes", pk, facts)
        undo = reverse("reservations:undo_notes", args=[hotel.code, pk, token])
    return done(request, hotel, pk, _("The notes are saved."), undo=undo)


@at_hotel(Permission.RESERVATION_CHANGE, methods={"POST"})
def undo_notes(request: HttpRequest, hotel: Property, pk: uuid.UUID, token: str) -> HttpResponse:
    """Put the notes back as they were, unless somebody wrote there meanwhile."""
    reservation = reservation_for(request.user, Permission.RESERVATION_CHANGE, hotel, pk)
    facts = undo_asked(request, hotel, "notes", pk, token)
    try:
        reservation_notes_change(
            hotel=hotel,
            reservation_id=reservation.pk,
            seen=facts["version"],
            values={"notes": facts["before"]},
            originals={"notes": facts["after"]},
        )
    except StaleVersion:
        return said(undo_overtaken(), tone="amber")
    return done(request, hotel, pk, _("The notes are as they were."))


@at_hotel(Permission.GUEST_CHANGE, methods={"GET", "POST"})
def change_guest(request: HttpRequest, hotel: Property, pk: uuid.UUID, guest_pk: uuid.UUID) -> HttpResponse:
    """Correct the profile of who sleeps here or who booked, in the dialog; two people at it lose nothing."""
    reservation, guest = _guest_of_stay(request, hotel, pk, guest_pk)
    if request.method == "GET":
        outcome = Outcome(ProfileForm.of(guest))
    else:
        outcome = save_merged(ProfileForm(request.POST), partial(guest_change, hotel=hotel, guest_id=guest_pk))
    if outcome.row is not None:
        undo = _guest_undo(request, hotel, pk, outcome)
        return done(request, hotel, pk, _("The guest is saved."), undo=undo)
    context = {"hotel": hotel, "reservation": reservation, "guest": guest, "take_url": request.path}
    context |= {"form": outcome.form, "conflicts": outcome.conflicts}
    return render(request, "reservations/guest_dialog.html", context, status=outcome.status)


def _guest_of_stay(
    request: HttpRequest, hotel: Property, pk: uuid.UUID, guest_pk: uuid.UUID
) -> tuple[Reservation, Guest]:
    """Return the stay, and who sleeps there or booked it, for who may read both."""
    require(request, hotel, Permission.GUEST_VIEW)
    reservation = reservation_for(request.user, Permission.RESERVATION_VIEW, hotel, pk)
    for guest in (reservation.booking.booker, reservation.guest):
        if guest.pk == guest_pk:
            return reservation, guest
    raise NotThere(_("That guest"))


def _guest_undo(request: HttpRequest, hotel: Property, pk: uuid.UUID, outcome: Outcome) -> str:
    """Return the address that takes back what this person changed of the guest; empty if that is nothing."""
    typed, shown, guest = outcome.form.values(), outcome.form.originals(), outcome.row
    before = {name: value for name, value in shown.items() if typed[name] != value}
    if not before:
        return ""
    facts = {"before": before, "after": {name: getattr(guest, name) for name in before}, "version": guest.version}
    token = undo_offered(request, hotel, "guest", guest.pk, facts)
    return reverse("reservations:undo_guest", args=[hotel.code, pk, guest.pk, token])


@at_hotel(Permission.GUEST_CHANGE, methods={"POST"})
def undo_guest(request: HttpRequest, hotel: Property, pk: uuid.UUID, guest_pk: uuid.UUID, token: str) -> HttpResponse:
    """Put back what was changed of the profile; what others changed in other fields stays."""
    _guest_of_stay(request, hotel, pk, guest_pk)
    facts = undo_asked(request, hotel, "guest", guest_pk, token)
    try:
        guest_change(
            hotel=hotel,
            guest_id=guest_pk,
            values=facts["before"],
            originals=facts["after"],
            seen_version=facts["version"],
        )
    except StaleVersion:
        return said(undo_overtaken(), tone="amber")
    return done(request, hotel, pk, _("The guest is as before."))
