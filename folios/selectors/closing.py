"""What the night audit's page shows: the head with its progress, the steps, the checklist and the control totals.

Each piece is one per hotel and named by it: the run of a new day takes the place of the old one on every screen.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from folios import rules
from folios.models import NightAudit, Posting
from folios.permissions import Permission
from pms.accounts.models import User
from pms.core.errors import DomainError
from pms.core.templatetags.ui import day, money
from pms.live.fragments import Audience
from properties.models import Property
from properties.selectors import hotel_by_id
from reservations.selectors.people import guests_named

from .audits import Check, checks_of, last_audit, stay_ids_over
from .ledgers import ledger_of_day, revenue_by_code

Status = NightAudit.Status
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closing:
    """Where the hotel stands: the day to close, the run at work or the last one, and why none can be started now."""

    pk: uuid.UUID
    hotel_code: str
    night: dt.date
    due_at: dt.datetime
    run: NightAudit | None
    working: bool
    by: str
    done: int
    total: int
    against: Sequence[DomainError]
    early: bool

    @property
    def next_day(self) -> dt.date:
        """Return the date the hotel will have then."""
        return self.night + ONE_DAY

    @property
    def failed(self) -> bool:
        """Tell whether the run stopped and can be resumed."""
        return self.working and self.run is not None and self.run.stopped

    @property
    def step_no(self) -> int:
        """Return the place of the step at work."""
        steps = self.run.steps if self.run else []
        return next((place for place, step in enumerate(steps, 1) if step["status"] != "done"), len(steps))


def closings(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Closing]:
    """Return the head for the audience's hotel."""
    if audience.property_id not in pks:
        return {}
    hotel = hotel_by_id(audience.property_id)
    run = last_audit(hotel.pk)
    working = run is not None and run.status != Status.SUCCEEDED
    posts = next((step for step in run.steps if step["name"] == "post_nights"), None) if run else None
    reasons = rules.against_closing(hotel)
    may_early = Permission.NIGHT_AUDIT_EARLY in audience.rights
    against = [reason for reason in reasons if not (may_early and reason.code == "audit_too_early")]
    row = Closing(
        pk=hotel.pk,
        hotel_code=hotel.code,
        night=run.business_date if run and working else hotel.business_date,
        due_at=rules.audit_due_at(hotel),
        run=run,
        working=working,
        by=_name(run.user_id) if run else "",
        done=posts["done"] if posts else 0,
        total=posts["total"] if posts else 0,
        against=against,
        early=bool(reasons),
    )
    return {hotel.pk: row}


def _name(user_id: uuid.UUID | None) -> str:
    user = User.objects.filter(pk=user_id).first() if user_id else None
    return str(user) if user else ""


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `state` is done, now, next or failed."""

    title: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A stay that was posted just now; its guest is not named to readers without the right."""

    room: str
    guest: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of the run at work, or of the one to come."""

    pk: uuid.UUID
    currency: str
    steps: Sequence[Step]
    just_posted: Sequence[Posted] = field(default=())


def step_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Steps]:
    """Return the steps for the audience's hotel."""
    if audience.property_id not in pks:
        return {}
    hotel = hotel_by_id(audience.property_id)
    run = last_audit(hotel.pk)
    if run is not None and run.status == Status.SUCCEEDED and run.business_date != hotel.business_date - ONE_DAY:
        run = None
    working = run is not None and run.status != Status.SUCCEEDED
    night = run.business_date if run else hotel.business_date
    known = {step["name"]: step for step in run.steps} if run else {}
    rooms = len(stay_ids_over(hotel.pk, night)) if not run else 0
    steps = [_step(hotel, name, title, known.get(name), night, rooms, run) for name, title in _titles()]
    posted = _just_posted(hotel, night, named=guests_named(audience.rights)) if working else []
    return {hotel.pk: Steps(hotel.pk, hotel.currency, steps, posted)}


def _titles() -> list[tuple[str, str]]:
    return [
        ("check", _("Conditions checked")),
        ("freeze_totals", _("Control totals frozen")),
        ("post_nights", _("Rooms, taxes, packages")),
        ("roll_date", _("Move the business date")),
        ("balance_ledgers", _("Ledgers balanced")),
    ]


def _step(
    hotel: Property,
    name: str,
    title: str,
    step: dict[str, Any] | None,
    night: dt.date,
    rooms: int,
    run: NightAudit | None,
) -> Step:
    states = {"done": "done", "running": "now", "failed": "failed"}
    state = states.get(step["status"], "next") if step else "next"
    texts = {
        "check": _warnings(run) if run else _("Nothing may stand against it"),
        "freeze_totals": _("As they stand at the start") if not run else _guests(run, hotel.currency),
        "post_nights": _("%(done)s of %(total)s posted, none twice")
        % {"done": step["done"] if step else 0, "total": step["total"] if step else rooms},
        "roll_date": _("to %(day)s") % {"day": day(night + ONE_DAY)},
        "balance_ledgers": _("Folios and books must differ by 0.00"),
    }
    return Step(title, texts[name], state)


def _warnings(run: NightAudit) -> str:
    count = len(run.totals.get("warnings", []))
    return ngettext("%(count)s warning taken over", "%(count)s warnings taken over", count) % {"count": count}


def _guests(run: NightAudit, currency: str) -> str:
    before = run.totals.get("before", {}).get("guest_ledger", "0")
    return _("Guests owe %(amount)s") % {"amount": money(Decimal(before), currency)}


def _just_posted(hotel: Property, night: dt.date, *, named: bool, most: int = 3) -> list[Posted]:
    """Return the stays whose night was posted last, each with what it owes for it."""
    rows = Posting.objects.filter(
        property_id=hotel.pk, business_date=night, service_date=night, source=Posting.Source.AUDIT, reverses=None
    ).select_related("folio__reservation__guest")
    found: dict[uuid.UUID, Posted] = {}
    for posting in rows.order_by("-id")[: most * 5]:
        stay = posting.folio.reservation
        if stay is None or (len(found) == most and stay.pk not in found):
            continue
        before = found.get(stay.pk)
        amount = posting.gross + (before.amount if before else 0)
        found[stay.pk] = Posted(stay.number, stay.guest.full_name if named else "", amount)
    return list(found.values())


# --- checklist and totals ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checklist:
    """The conditions before the close."""

    pk: uuid.UUID
    checks: Sequence[Check]

    @property
    def clear(self) -> int:
        """Return how many conditions are clear."""
        return sum(not check.count for check in self.checks)


def checklists(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Checklist]:
    """Return the checklist of the audience's hotel."""
    if audience.property_id not in pks:
        return {}
    checks = checks_of(hotel_by_id(audience.property_id), audience.rights)
    return {audience.property_id: Checklist(audience.property_id, checks)}


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals of a day: the one open, or the one closed last."""

    pk: uuid.UUID
    day: dt.date
    closed: bool
    currency: str
    figures: dict[str, Decimal]
    codes: Sequence[dict[str, Any]]
    stays: int | None
    late: int

    @property
    def balanced(self) -> bool:
        """Tell whether opening and movement come to the closing figure."""
        one = self.figures
        moved = one["revenue"] + one["tax"] + one["pass_through"] - one["payments"]
        return one["opening"] + moved == one["guest_ledger"]

    @property
    def today(self) -> Decimal:
        """Return by how much the guest ledger moved."""
        return self.figures["guest_ledger"] - self.figures["opening"]


def totals_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Totals]:
    """Return the control totals of the audience's hotel."""
    if audience.property_id not in pks:
        return {}
    hotel = hotel_by_id(audience.property_id)
    run = last_audit(hotel.pk)
    closed = run is not None and run.status == Status.SUCCEEDED and run.business_date == hotel.business_date - ONE_DAY
    shown = run.business_date if run and closed else hotel.business_date
    row = Totals(
        pk=hotel.pk,
        day=shown,
        closed=closed,
        currency=hotel.currency,
        figures=ledger_of_day(hotel, shown),
        codes=revenue_by_code(hotel.pk, shown),
        stays=run.totals.get("stays") if run and closed else None,
        late=run.totals.get("late", 0) if run and closed else 0,
    )
    return {hotel.pk: row}
