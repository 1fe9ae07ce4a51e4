"""Background work: what stands still, why, and what a person may do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.api.selectors import job_at
from pms.api.services.jobs import job_cancel
from pms.events.parking import deliveries_replay, delivery_discard, delivery_replay
from pms.live.pages import audience_of, page_context
from properties.background import parked_for, standing_work, what_happened, work_now
from properties.forms import DiscardForm, LaneForm
from properties.fragments import STANDING_WORK
from properties.http import at_hotel, with_toast
from properties.models import Property
from properties.permissions import Permission


@at_hotel(Permission.WORK_MANAGE)
def background(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show what is parked and what is tried again, and how the workers fare."""
    context = page_context(request, hotel.pk, topics=(STANDING_WORK.topic(hotel.pk),))
    work = standing_work([hotel.pk], context["audience"])[hotel.pk]
    context |= {"hotel": hotel, "work": work, "now": work_now(hotel.pk)}
    return render(request, "properties/background.html", context)


@at_hotel(Permission.WORK_MANAGE)
def background_now(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Answer with how the workers fare now: the page asks by itself, since silence is no news."""
    return render(request, "properties/background_now.html", {"hotel": hotel, "now": work_now(hotel.pk)})


@at_hotel(Permission.WORK_MANAGE, methods={"POST"})
def replay_work(request: HttpRequest, hotel: Property, pk: int) -> HttpResponse:
    """Send one parked delivery again."""
    row = parked_for(request.user, hotel, pk)
    done = delivery_replay(delivery_id=row.pk)
    return _piece(request, hotel, _("It is sent again.") if done else _("Somebody else was faster."))


@at_hotel(Permission.WORK_MANAGE, methods={"POST"})
def replay_lane(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Send everything again that one receiver could not take."""
    form = LaneForm(request.POST)
    receiver = form.cleaned_data["receiver"] if form.is_valid() else ""
    count = deliveries_replay(property_id=hotel.pk, receiver=receiver)
    words = ngettext("%(n)s is sent again.", "%(n)s are sent again.", count) % {"n": count}
    return _piece(request, hotel, words)


@at_hotel(Permission.WORK_MANAGE, methods={"GET", "POST"})
def discard_work(request: HttpRequest, hotel: Property, pk: int) -> HttpResponse:
    """Ask why, and give up one parked delivery for good."""
    row = parked_for(request.user, hotel, pk)
    form = DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        delivery_discard(delivery_id=row.pk, reason=form.cleaned_data["reason"])
        # Nothing in place of the dialog closes it.
        return with_toast(HttpResponse(), _("It will not be done any more."), changed=STANDING_WORK.name)
    context: dict[str, Any] = {"hotel": hotel, "delivery": row, "form": form, "what": what_happened(row.event.code)}
    status = 422 if request.method == "POST" else 200
    return render(request, "properties/background_discard.html", context, status=status)


@at_hotel(Permission.WORK_MANAGE, methods={"POST"})
def cancel_job(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Stop the bulk work of a program; what was done stays."""
    job = job_at(hotel.pk, pk)
    job_cancel(job_id=job.pk)
    return _piece(request, hotel, _("It is stopped. What was done stays."))


def _piece(request: HttpRequest, hotel: Property, words: str) -> HttpResponse:
    return with_toast(HttpResponse(STANDING_WORK.render(hotel.pk, audience_of(request.user, hotel.pk))), words)
