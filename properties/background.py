"""What background work stands still: read for the page "Background work", its count in the navigation, and the admin.

Upper apps put work of their own beside ours through the slot "standing_work": an entry's provider is called with
`(audience)` and returns the lanes (`Lane`) of the audience's hotel; its right hides them. Through the slot "work_about"
they say where the page of a thing is that work is about: an entry's code is the type of the object, its provider is
called with `(hotel code, id)` and returns the address; its right hides that.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pms.accounts.access import fetch
from pms.api.selectors import jobs_shown
from pms.core import slots
from pms.core.errors import DomainError
from pms.events.canary import Pulse, pulses
from pms.events.models import Delivery
from pms.events.selectors import deliveries_parked, deliveries_standing, deliveries_waiting
from pms.live.fragments import Audience

from .models import Property
from .permissions import Permission
from .selectors import hotel_by_id

STANDING = "standing_work"
ABOUT = "work_about"
MOST = 100
# Bulk work by its kind; a program reads what was refused, so a failed one need not be settled by a person.
JOBS: dict[str, Promise] = {
    "rates": gettext_lazy("Prices"),
    "bookings": gettext_lazy("Bookings"),
    "room_conditions": gettext_lazy("Condition of rooms"),
}
FAILED_SHOWN = dt.timedelta(days=7)
# The classes of errors that say by themselves what went wrong, by the beginning of what is kept of them.
PLAIN: dict[str, Promise] = {
    "ConnectionError": gettext_lazy("The other side did not answer."),
    "ConnectionRefusedError": gettext_lazy("The other side did not answer."),
    "ConnectError": gettext_lazy("The other side did not answer."),
    "TimeoutError": gettext_lazy("The other side took too long to answer."),
    "ConnectTimeout": gettext_lazy("The other side took too long to answer."),
    "ReadTimeout": gettext_lazy("The other side took too long to answer."),
    "HTTPStatusError": gettext_lazy("The other side refused it."),
    "OperationalError": gettext_lazy("The database was away."),
    "LookupError": gettext_lazy("This version of the program does not know this work any more."),
    "RuntimeError": gettext_lazy("The work broke off each time."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One piece of work that stands: `what` it is, `why` it stands in plain words, `detail` as the program says it.

    With `parked` it waits for a person, else it is tried again by itself at `again`. `replay` and `discard` are the
    addresses of what may be done about it; without them it is looked after on its own page, `url`.
    """

    key: str
    what: str
    why: str
    since: dt.datetime | None
    parked: bool
    detail: str = ""
    tries: int = 0
    again: dt.datetime | None = None
    url: str = ""
    replay: str = ""
    discard: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """The work of one receiver; `replay_all` sends all of it that is parked again."""

    name: str
    lines: Sequence[Standing]
    parked: int
    replay_all: str = ""
    receiver: str = ""


@dataclass(frozen=True, slots=True)
class JobLine:
    """Bulk work of a program: `what` it writes, for whom, how far it is; `errors` are lines that were refused."""

    pk: uuid.UUID
    what: str
    program: str
    status: str
    done: int
    total: int
    errors: int
    why: str
    since: dt.datetime
    stop: str


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that stands at the hotel `pk`, and the bulk work of programs: one piece of the page."""

    pk: uuid.UUID
    lanes: Sequence[Lane]
    jobs: Sequence[JobLine] = ()


@dataclass(frozen=True, slots=True)
class WorkCount:
    """How much of the hotel's work waits for a person."""

    pk: uuid.UUID
    count: int


@dataclass(frozen=True, slots=True)
class WorkNow:
    """How background work fares at this moment: queues that are slow, and what is owed."""

    slow: Pulse | None
    last: Pulse | None
    waiting: int
    since: dt.datetime | None
    asked_at: dt.datetime = field(default_factory=timezone.now)


def standing_work(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Work]:
    """Return what stands at the audience's hotel, if it is asked for: ours by receiver, then that of upper apps."""
    here = audience.property_id
    if here not in pks:
        return {}
    hotel = hotel_by_id(here)
    by_receiver: dict[str, list[Standing]] = {}
    for row in deliveries_standing([here], most=MOST):
        by_receiver.setdefault(row.receiver, []).append(_line(row, hotel, audience))
    url = reverse("properties:replay_lane", args=[hotel.code])
    lanes = [
        Lane(receiver_name(receiver), lines, sum(line.parked for line in lines), url, receiver)
        for receiver, lines in by_receiver.items()
    ]
    for entry in slots.entries(STANDING, rights=audience.rights):
        lanes += entry.provider(audience)
    return {here: Work(here, lanes, _bulk_work(hotel))}


def work_count_of(property_id: uuid.UUID) -> WorkCount:
    """Return how many deliveries wait for a person; channels count their messages themselves."""
    return WorkCount(property_id, deliveries_parked(property_id).count())


def _bulk_work(hotel: Property) -> list[JobLine]:
    """Return what programs asked for by the thousand: all that has not ended, and what failed these days."""
    return [
        JobLine(
            pk=job.pk,
            what=str(JOBS.get(job.kind, job.kind)),
            program=job.client.name,
            status=job.status,
            done=job.done,
            total=job.total,
            errors=len(job.errors),
            why=(job.problem or {}).get("detail", ""),
            since=job.created_at,
            stop="" if job.status in job.ENDED else reverse("properties:cancel_job", args=[hotel.code, job.pk]),
        )
        for job in jobs_shown(hotel.pk, since=timezone.now() - FAILED_SHOWN)
    ]


def work_counts(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, WorkCount]:
    """Return the count of the audience's hotel, if it is asked for."""
    here = audience.property_id
    return {here: work_count_of(here)} if here in pks else {}


def work_now(property_id: uuid.UUID) -> WorkNow:
    """Return how background work fares now."""
    found = pulses()
    waiting, since = deliveries_waiting(property_id)
    slow = [pulse for pulse in found if pulse.slow]
    oldest = min(slow, key=lambda pulse: pulse.arrived_at, default=None)
    newest = max(found, key=lambda pulse: pulse.arrived_at, default=None)
    return WorkNow(slow=oldest, last=newest, waiting=waiting, since=since)


def parked_for(user: Any, hotel: Property, pk: int) -> Delivery:
    """Return the parked delivery if `user` may look after the hotel's work. Raises `NotThere` or `NotAllowed`."""
    rows: QuerySet[Delivery] = deliveries_parked(hotel.pk)
    found: Delivery = fetch(rows, user, Permission.WORK_MANAGE, pk=pk)
    return found


def receiver_name(receiver: str) -> str:
    """Return who has to do the work, as the house calls that app, and the work's own name."""
    app = apps.get_containing_app_config(receiver)
    act = receiver.rpartition(".")[2].replace("_", " ")
    return f"{app.verbose_name}: {act}" if app else act


def what_happened(code: str) -> str:
    """Return "Booking created" for "booking.created"."""
    return code.replace(".", " ").replace("_", " ").capitalize()


def plain(error: str) -> str:
    """Return what went wrong in words for people; the program's own words stand beside them."""
    kind, _colon, text = error.partition(": ")
    if kind in {refusal.__name__ for refusal in DomainError.catalogue.values()}:
        return text  # a refusal of the house is a whole sentence
    return str(PLAIN.get(kind) or _("Something went wrong in the program itself."))


def _line(row: Delivery, hotel: Property, audience: Audience) -> Standing:
    parked = row.state == Delivery.State.PARKED
    return Standing(
        key=str(row.pk),
        what=what_happened(row.event.code),
        why=plain(row.error),
        detail=row.error,
        since=row.event.occurred_at,
        parked=parked,
        tries=row.tries,
        again=None if parked else row.due_at,
        url=_address(row.event.object_type, row.event.object_id, hotel, audience),
        replay=reverse("properties:replay_work", args=[hotel.code, row.pk]) if parked else "",
        discard=reverse("properties:discard_work", args=[hotel.code, row.pk]) if parked else "",
    )


def _address(kind: str, pk: uuid.UUID | None, hotel: Property, audience: Audience) -> str:
    entry = next((one for one in slots.entries(ABOUT, rights=audience.rights) if one.code == kind), None)
    return str(entry.provider(hotel.code, pk)) if entry and pk else ""
