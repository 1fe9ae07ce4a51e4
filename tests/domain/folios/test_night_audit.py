"""The night audit posts every night once and moves the date once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folios.errors import AuditRunning
from folios.models import Posting
from folios.selectors.books import Books
from folios.selectors.folios import balance_of
from folios.services.night_audit import AuditBusy, night_audit_run, night_audit_start
from folios.services.nights import night_post
from properties.models import Property
from tests.committed import committed
from tests.factories.folios import make_guest_in_house

EARLY = ["audit_too_early"]
NOON = dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC)


@time_machine.travel(NOON, tick=True)
def test_a_night_is_posted_with_tax_and_the_date_moves(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea, nights=2, adults=2, rate_plan="BB")

    with committed():
        audit = night_audit_run(audit_id=night_audit_start(hotel=sea, accepted=EARLY).pk)

    assert audit.status == "succeeded"
    sea.refresh_from_db()
    assert sea.business_date == dt.date(2026, 3, 15)
    posted = Posting.objects.filter(folio=folio).values_list("transaction_code__code", "gross", "service_date")
    assert sorted(posted) == [
        ("breakfast_drinks", Decimal("10.800"), dt.date(2026, 3, 14)),
        ("breakfast_food", Decimal("25.200"), dt.date(2026, 3, 14)),
        ("city_tax", Decimal("5.000"), dt.date(2026, 3, 14)),
        ("room", Decimal("120.000"), dt.date(2026, 3, 14)),
    ]
    assert balance_of(folio.pk) == Decimal("161.00")


@time_machine.travel(NOON, tick=True)
def test_a_second_run_of_the_same_date_changes_nothing(sea: Property) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    audit = night_audit_start(hotel=sea, accepted=EARLY)
    with pytest.raises(AuditRunning):
        night_audit_start(hotel=sea, accepted=EARLY)
    night_audit_run(audit_id=audit.pk)
    posted = Posting.objects.count()

    again = night_audit_run(audit_id=audit.pk)

    assert (again.status, Posting.objects.count()) == ("succeeded", posted)
    sea.refresh_from_db()
    assert sea.business_date == dt.date(2026, 3, 15)


def test_guests_who_should_have_left_stand_against_closing(sea: Property) -> None:
    with time_machine.travel(NOON, tick=True):
        stay, _folio = make_guest_in_house(hotel=sea, nights=1)
        night_audit_run(audit_id=night_audit_start(hotel=sea, accepted=EARLY).pk)
    sea.refresh_from_db()

    with time_machine.travel(NOON + dt.timedelta(days=1), tick=True):
        audit = night_audit_start(hotel=sea, accepted=EARLY)

    assert audit.status == "blocked"
    assert [(b["code"], b["reservation"]) for b in audit.blockers] == [("due_out_in_house", str(stay.pk))]


@time_machine.travel(NOON, tick=True)
def test_only_one_worker_does_a_run(sea: Property) -> None:
    from folios.services.night_audit import _claim

    audit = night_audit_start(hotel=sea, accepted=EARLY)
    _claim(audit.pk)

    with pytest.raises(AuditBusy):
        night_audit_run(audit_id=audit.pk)


def test_a_night_costs_the_same_queries_for_the_first_guest_and_the_last(sea: Property) -> None:
    """Counted per stay, with the plan of most parts: neither the parts nor the guests before add any."""
    books = Books(sea.pk)
    costs = []
    for room, plan in (("101", "BAR"), ("102", "BB"), ("201", "BAR")):
        kind = "SGL" if room == "201" else "DBL"
        stay, _folio = make_guest_in_house(hotel=sea, room=room, room_type=kind, rate_plan=plan, nights=2)
        with CaptureQueriesContext(connection) as queries:
            assert night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date, books=books)
        costs.append(len([one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]))

    first, parts, last = costs
    assert parts == last <= 33
    assert first > last  # the count can tell: codes and tax tables are read once, for the first
