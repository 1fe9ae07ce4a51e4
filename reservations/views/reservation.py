"""One reservation: everything about it on one page, and its notes."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from pms.core.errors import DomainError, NotThere, StaleVersion
from pms.core.forms import Outcome, save_merged
from pms.live.pages import page_context
from properties.http import add_error, at_hotel, require
from properties.models import Property
from reservations.forms import NotesForm, ProfileForm
from reservations.fragments import PAGE
from reservations.permissions import Permission
from reservations.selectors.stays import reservation_for
from reservations.services.guests import guest_change
from reservations.services.notes import reservation_notes_change
from reservations.texts import merged

from .answers import done


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
        reservation_notes_change(
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
    return done(request, hotel, pk, _("The notes are saved."))


@at_hotel(Permission.GUEST_CHANGE, methods={"GET", "POST"})
def change_guest(request: HttpRequest, hotel: Property, pk: uuid.UUID, guest_pk: uuid.UUID) -> HttpResponse:
    """Correct the profile of who sleeps here or who booked, in the dialog; two people at it lose nothing."""
    require(request, hotel, Permission.GUEST_VIEW)
    reservation = reservation_for(request.user, Permission.RESERVATION_VIEW, hotel, pk)
    people = {one.pk: one for one in (reservation.booking.booker, reservation.guest)}
    if guest_pk not in people:
        raise NotThere(_("That guest"))
    if request.method == "GET":
        outcome = Outcome(ProfileForm.of(people[guest_pk]))
    else:
        outcome = save_merged(ProfileForm(request.POST), partial(guest_change, hotel=hotel, guest_id=guest_pk))
    if outcome.row is not None:
        return done(request, hotel, pk, _("The guest is saved."))
    context = {"hotel": hotel, "reservation": reservation, "guest": people[guest_pk], "take_url": request.path}
    context |= {"form": outcome.form, "conflicts": outcome.conflicts}
    return render(request, "reservations/guest_dialog.html", context, status=outcome.status)
