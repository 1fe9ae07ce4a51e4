"""The night audit among others: a worker that is killed, a desk that sells meanwhile, a worker that wakes too late."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from folios.errors import AuditRunning
from folios.models import Folio, NightAudit, Posting
from folios.selectors.folios import folio_of_stay
from folios.services import night_audit
from folios.services.night_audit import night_audit_run, night_audit_start
from folios.services.postings import Line, charge_post
from pms.core.retry import with_retry
from pms.events.models import Delivery, StreamEvent
from properties.models import Property, Room
from reservations.drafts import GuestDraft
from reservations.models import Reservation
from reservations.services.front_desk import walk_in_create
from tests.concurrency.night_audits import WORKER, full_house, rooms_posted, run_of
from tests.concurrency.test_workers import process
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.factories.reservations import make_stay
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def time_passes() -> None:
    """Let all leases run out, as twenty seconds would."""
    gone = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=gone)
    for audit in NightAudit.objects.filter(lease_until__isnull=False):
        audit.lease_until = gone
        audit.save()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_audit_is_finished_by_another_worker() -> None:
    """Scenario 21: killed after 23 of 40 rooms; 40 postings once, 4,480.00 once, the date rolled once."""
    hotel = full_house()
    night_audit_start(hotel=hotel)

    with process("-c", WORKER, PMS_CRASHPOINT="audit.posted.23") as victim:
        assert victim.wait(90) == -9, victim.stderr.read() if victim.stderr else ""
    hotel.refresh_from_db()
    assert (len(rooms_posted(hotel)), hotel.business_date.day, run_of(hotel).status) == (23, 14, "running")
    with pytest.raises(AuditRunning):
        night_audit_start(hotel=hotel)
    time_passes()
    with process("-c", WORKER) as second:
        assert second.wait(90) == 0, second.stderr.read() if second.stderr else ""

    rooms = rooms_posted(hotel)
    hotel.refresh_from_db()
    assert (len(rooms), len({posting.folio_id for posting in rooms})) == (40, 40)
    assert sum(posting.gross for posting in rooms) == Decimal("4480.00")
    assert (run_of(hotel).status, run_of(hotel).attempt, hotel.business_date.day) == ("succeeded", 2, 15)
    assert StreamEvent.objects.filter(code="business_date.rolled").count() == 1
    assert Posting.objects.filter(transaction_code__code="city_tax").count() == 40


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_desk_sells_while_the_audit_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario 1: a walk-in after 23 of 40 rooms is posted by the last sweep; nobody at the desk waits a second."""
    hotel, meeting = full_house(), Rendezvous(patience=60)
    began: list[float] = []
    rolled_in: list[float] = []
    real_roll = night_audit._Run.roll

    def roll(run: Any) -> None:
        started = time.monotonic()
        real_roll(run)
        rolled_in.append(time.monotonic() - started)  # of the try that got the lock

    monkeypatch.setattr(night_audit._Run, "roll", roll)

    def at_the_23rd(name: str) -> None:
        if name == "audit.posted.23":
            meeting.reached("half")
            meeting.wait_for("sold")

    monkeypatch.setattr(night_audit, "crashpoint", at_the_23rd)
    audit = night_audit_start(hotel=hotel)
    waits: list[float] = []
    sold_in: list[float] = []
    finished = threading.Event()

    def audit_work() -> NightAudit:
        began.append(time.monotonic())
        try:
            done = night_audit_run(audit_id=audit.pk)
            began.append(time.monotonic())
            return done
        finally:
            finished.set()

    def sell() -> Reservation:
        meeting.wait_for("half")
        started = time.monotonic()
        booking = with_retry(
            lambda: walk_in_create(
                hotel=hotel, booker=GuestDraft(last_name="Late"), stay=make_stay(hotel=hotel, nights=1)
            )
        )
        sold_in.append(time.monotonic() - started)
        meeting.reached("sold")
        return booking.reservations.get()

    def charge_all_the_time() -> None:
        folios = list(Folio.objects.order_by("pk").values_list("pk", flat=True))
        while not finished.is_set():
            for folio in folios:
                started = time.monotonic()
                charge_post(folio_id=folio, line=Line("minibar", Decimal("1.00")))
                waits.append(time.monotonic() - started)
                time.sleep(0.05)
                if finished.is_set():
                    return

    done, stay, desk = together(audit_work, sell, charge_all_the_time)

    assert not isinstance(desk, BaseException), desk
    assert done.status == "succeeded", done
    hotel.refresh_from_db()
    assert (hotel.business_date.day, stay.arrival.day) == (15, 14)
    assert (len(rooms_posted(hotel)), done.totals["stays"], done.totals["late"]) == (41, 41, 1)
    folio = folio_of_stay(stay.pk)
    assert sum(one.gross for one in folio.postings.exclude(transaction_code__code="minibar")) == Decimal("122.50")
    took = began[1] - began[0]
    sys.stderr.write(f"audit {took:.2f} s, desk: {len(waits)} writes, longest {max(waits):.2f} s\n")
    sys.stderr.write(f"walk-in {sold_in[0]:.2f} s, roll {rolled_in[0]:.2f} s\n")
    assert Room.objects.filter(property=hotel, occupancy="occupied", condition="dirty").count() == 41
    # How much the audit delays the desk (domain.md 11): a second, or on a busy machine ten of its own usual writes.
    usual = median(waits)
    patience = max(1.0, 10 * usual)
    assert max(waits) - usual < patience
    assert rolled_in[0] < patience  # with the last sweep, the stay-overs of all rooms, and the wait for its lock
    assert sold_in[0] < 3.0  # forty statements of its own; it waits for nobody
    assert took < 30  # on a busy machine; alone it is about five


def small_house() -> Property:
    """Open a hotel with one guest in house."""
    hotel = open_for_business(make_hotel(rooms=SMALL_HOUSE), nights=5)
    make_guest_in_house(hotel=hotel, nights=2)
    return hotel


def sold_before_the_roll(hotel: Property, monkeypatch: pytest.MonkeyPatch) -> NightAudit:
    """Close the day; the desk sells a room after the stays were posted and before the roll."""

    def sell(name: str) -> None:
        if name == "audit.posted.1":
            walk_in_create(hotel=hotel, booker=GuestDraft(last_name="Late"), stay=make_stay(hotel=hotel))

    monkeypatch.setattr(night_audit, "crashpoint", sell)
    return night_audit_run(audit_id=night_audit_start(hotel=hotel).pk)


def test_a_guest_of_the_last_minute_owes_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    hotel = small_house()

    assert sold_before_the_roll(hotel, monkeypatch).totals["late"] == 1
    assert len(rooms_posted(hotel)) == 2


def test_control_without_the_last_sweep_the_night_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: the stays are listed once, before the desk sold."""
    hotel, real, seen = small_house(), night_audit.stay_ids_unposted, []

    def only_once(*where: Any) -> Any:
        seen.append(where)
        return real(*where) if len(seen) == 1 else []

    monkeypatch.setattr(night_audit, "stay_ids_unposted", only_once)
    sold_before_the_roll(hotel, monkeypatch)

    assert len(rooms_posted(hotel)) == 1


def woken_too_late(hotel: Property) -> Callable[[], None]:
    """Return the roll of a worker that slept through its lease, after another one closed the day."""
    audit = night_audit_start(hotel=hotel)
    sleeper = night_audit._Run(night_audit._claim(audit.pk))
    time_passes()
    assert night_audit_run(audit_id=audit.pk).status == "succeeded"
    return sleeper.roll


def test_a_worker_that_wakes_too_late_rolls_nothing() -> None:
    hotel = small_house()

    woken_too_late(hotel)()

    hotel.refresh_from_db()
    assert hotel.business_date.day == 15


def test_control_without_a_look_at_the_date_it_rolls_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: the worker believes in the date it began with, and nobody counts its turn."""
    hotel = small_house()
    late, real = woken_too_late(hotel), night_audit.hotel_by_id

    def as_it_was(pk: Any) -> Property:
        found = real(pk)
        found.business_date -= timedelta(days=1)
        return found

    monkeypatch.setattr(night_audit, "hotel_by_id", as_it_was)
    monkeypatch.setattr(night_audit._Run, "_mine", lambda run: NightAudit.objects.get(pk=run.pk))
    late()

    hotel.refresh_from_db()
    assert hotel.business_date.day == 16


def test_two_starts_at_once_make_one_run() -> None:
    hotel = small_house()

    results = together(*[lambda: night_audit_start(hotel=hotel)] * 4)

    assert sum(isinstance(result, NightAudit) for result in results) == 1
    assert NightAudit.objects.count() == 1


def test_workers_at_once_post_every_night_once() -> None:
    hotel = small_house()
    for room in ("102", "501"):
        make_guest_in_house(hotel=hotel, room=room, room_type="DBL" if room == "102" else "SUI", nights=2)
    audit = night_audit_start(hotel=hotel)

    def work() -> None:
        try:
            night_audit_run(audit_id=audit.pk)
        finally:
            connections.close_all()

    together(*[work] * 3)
    run_of(hotel).refresh_from_db()

    assert (run_of(hotel).status, len(rooms_posted(hotel))) == ("succeeded", 3)
