"""What the night audit owes whom: late guests, guests who left, jumped hours, failures, leases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, OperationalError

from folios.errors import AuditNotFailed, AuditTooEarly, FolioHasPostings, FolioNotSettled
from folios.models import NightAudit, Posting, TransactionCode
from folios.rules import audit_due_at
from folios.selectors.audits import checks_of
from folios.selectors.ledgers import control_totals, difference_to_books, ledger_of_day
from folios.services import night_audit, nights
from folios.services.night_audit import AuditBusy, night_audit_resume, night_audit_run, night_audit_start
from folios.services.nights import night_post, stay_account_open
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from properties.errors import BusinessDateTooFarAhead
from properties.models import Property, Room
from reservations.models import Reservation, ReservationNight
from reservations.services.front_desk import (
    reservation_check_in,
    reservation_check_out,
    reservation_undo_check_in,
)
from reservations.services.stays import reservation_assign_room
from tests.domain.reservations.given import assert_counts_are_right
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.factories.reservations import make_reservation

EARLY = ["audit_too_early"]
NOON = dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC)
HALF_PAST_MIDNIGHT = dt.datetime(2026, 3, 14, 23, 30, tzinfo=dt.UTC)


def close_day(hotel: Property) -> NightAudit:
    """Close the hotel's day, whatever the hour."""
    return night_audit_run(audit_id=night_audit_start(hotel=hotel, accepted=EARLY).pk)


def posted(stay: Reservation) -> list[tuple[str, Decimal, int, int]]:
    """Return code, gross, service day and accounting day of what stands on the stay's folios."""
    rows = Posting.objects.filter(folio__reservation=stay).order_by("id")
    return [(one.transaction_code.code, one.gross, one.service_date.day, one.business_date.day) for one in rows]


@time_machine.travel(HALF_PAST_MIDNIGHT, tick=True)
def test_a_guest_after_the_roll_owes_the_night_before_it(sea: Property) -> None:
    """Scenario 2: at 00:40, before the roll the night is due by the audit, after it it is posted late."""
    stay = make_reservation(hotel=sea, nights=2)
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=Room.objects.get(number="101", property=sea).pk)
    early_bird, _folio = make_guest_in_house(hotel=sea, room="102", nights=1)
    close_day(sea)
    assert posted(early_bird) == [("room", Decimal("120.00"), 14, 14), ("city_tax", Decimal("2.50"), 14, 14)]

    reservation_check_in(hotel=sea, reservation_id=stay.pk)

    assert posted(stay) == [("room", Decimal("120.00"), 14, 15), ("city_tax", Decimal("2.50"), 14, 15)]
    assert stay_account_open(reservation_id=stay.pk) == 0
    with pytest.raises(FolioHasPostings):
        reservation_undo_check_in(hotel=sea, reservation_id=stay.pk)


def test_a_guest_who_left_meanwhile_owes_no_night(sea: Property) -> None:
    stay, _folio = make_guest_in_house(hotel=sea, nights=2)
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])

    assert night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date) == 0
    assert not Posting.objects.exists()


def test_a_day_use_is_a_charge_that_must_be_paid_before_the_guest_leaves(sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea, nights=2)
    charge_post(folio_id=folio.pk, line=Line("room", Decimal("60.00")))

    with pytest.raises(FolioNotSettled):
        reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])
    stay.refresh_from_db()
    assert (stay.status, stay.total, stay.night_count) == ("in_house", Decimal("240.00"), 2)  # nothing was given back

    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("60.00"))
    left = reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])
    assert (left.total, left.status) == (Decimal(0), "checked_out")
    assert night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date) == 0


def test_a_night_that_the_audit_has_posted_is_not_given_back(sea: Property) -> None:
    """While the audit works the desk stays open: paid or not, books and stay must say the same."""
    stay, folio = make_guest_in_house(hotel=sea, nights=2)
    night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date)
    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("122.50"))

    with pytest.raises(FolioHasPostings):
        reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])
    stay.refresh_from_db()
    assert (stay.status, stay.night_count) == ("in_house", 2)

    for posting in Posting.objects.filter(folio=folio):
        posting_reverse(folio_id=folio.pk, posting_id=posting.pk, reason="Leaves now")
    assert reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"]).total == 0


@time_machine.travel(NOON, tick=True)
def test_who_leaves_while_the_audit_works_owes_the_night_once(sea: Property) -> None:
    """Between the posting and the roll nobody leaves early; after the roll she does, and the night stands as it was."""
    stay, folio = make_guest_in_house(hotel=sea, nights=2)
    audit = night_audit_start(hotel=sea, accepted=EARLY)
    night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date)
    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("122.50"))
    with pytest.raises(FolioHasPostings):
        reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])

    night_audit_run(audit_id=audit.pk)
    sea.refresh_from_db()
    left = reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])

    (night,) = ReservationNight.objects.filter(reservation=stay)
    assert (night.night.day, night.counted, night.posted, night.price) == (14, True, True, Decimal("120.00"))
    assert (left.total, left.departure, left.balance) == (Decimal("120.00"), sea.business_date, 0)
    assert [line for line in posted(stay) if line[0] == "room"] == [("room", Decimal("120.00"), 14, 14)]
    assert_counts_are_right(sea)


def test_a_night_is_posted_under_the_tax_it_was_sold_with(sea: Property) -> None:
    TransactionCode.objects.filter(code__in=["room", "breakfast_drinks"]).delete()
    TransactionCode(property=sea, code="room", name="Room").save()
    stay, _folio = make_guest_in_house(hotel=sea, rate_plan="BB")

    night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date)

    rows = {one.description: (one.transaction_code.code, one.net) for one in Posting.objects.all()}
    assert rows["Room"] == ("room", Decimal("112.15"))
    assert rows["breakfast_drinks"] == ("room", Decimal("4.54"))  # no code of its own: revenue of the room


@pytest.mark.parametrize(
    ("first", "due", "last"),
    [
        ((2026, 3, 28), "2026-03-29T03:00:00+02:00", (2026, 3, 30)),  # 02:30 does not exist
        ((2026, 10, 24), "2026-10-25T02:30:00+02:00", (2026, 10, 26)),  # 02:30 exists twice: the first one
    ],
)
def test_the_nights_around_a_jump_of_the_clock_are_two(
    db: Any, first: tuple[int, int, int], due: str, last: tuple[int, int, int]
) -> None:
    """Scenario 14: each 2 nights, 240.00 and 5.00; the audit of the jumped night is due once."""
    hotel = make_hotel(business_date=dt.date(*first), rooms=SMALL_HOUSE)
    hotel.audit_time = dt.time(2, 30)
    hotel.save()
    with time_machine.travel(dt.datetime(*first, 11, tzinfo=dt.UTC), tick=True):
        open_for_business(hotel, nights=5)
        stay, _folio = make_guest_in_house(hotel=hotel, nights=2)
        assert audit_due_at(hotel).isoformat() == due
    for _night in range(2):
        moment = audit_due_at(hotel).astimezone(dt.UTC)
        with time_machine.travel(moment - dt.timedelta(seconds=1), tick=False), pytest.raises(AuditTooEarly):
            night_audit_start(hotel=hotel)
        with time_machine.travel(moment, tick=True):
            assert night_audit_run(audit_id=night_audit_start(hotel=hotel).pk).status == "succeeded"
        hotel.refresh_from_db()

    assert hotel.business_date == dt.date(*last)
    sums = {"room": Decimal(0), "city_tax": Decimal(0)}
    for code, gross, _service, _business in posted(stay):
        sums[code] += gross
    assert sums == {"room": Decimal("240.00"), "city_tax": Decimal("5.00")}


@time_machine.travel(NOON, tick=True)
def test_a_day_that_is_ahead_of_the_calendar_is_not_closed(sea: Property) -> None:
    close_day(sea)

    with pytest.raises(BusinessDateTooFarAhead):
        night_audit_start(hotel=sea, accepted=EARLY)
    assert {check.code: check.count for check in checks_of(sea)}["rolled_recently"] == 1


@time_machine.travel(NOON, tick=True)
def test_a_failed_run_says_where_and_goes_on_from_there(sea: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    make_guest_in_house(hotel=sea, room="102", nights=2)
    audit, real, calls = night_audit_start(hotel=sea, accepted=EARLY), nights.charges_write, []

    def broken(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise ValueError("4111 1111 1111 1111 is no number of ours")
        return real(*args, **options)

    monkeypatch.setattr(nights, "charges_write", broken)
    failed = night_audit_run(audit_id=audit.pk)
    assert (failed.status, failed.steps[2]["status"], Posting.objects.count()) == ("failed", "failed", 2)
    assert "4111 1111 1111 1111" not in failed.error

    night_audit_resume(audit_id=audit.pk)
    with pytest.raises(AuditNotFailed):
        night_audit_resume(audit_id=audit.pk)
    done = night_audit_run(audit_id=audit.pk)

    assert (done.status, done.totals["stays"], Posting.objects.count()) == ("succeeded", 2, 4)


@time_machine.travel(NOON, tick=True)
def test_a_database_that_is_away_leaves_the_run_to_the_next_delivery(
    sea: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    audit = night_audit_start(hotel=sea, accepted=EARLY)

    def away(**_stay: Any) -> int:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(night_audit, "night_post", away)
        with pytest.raises(DatabaseError):
            night_audit_run(audit_id=audit.pk)
    audit.refresh_from_db()
    assert (audit.status, audit.stopped) == ("running", False)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=21), tick=True):
        assert night_audit_run(audit_id=audit.pk).status == "succeeded"


@time_machine.travel(NOON, tick=True)
def test_the_lease_is_renewed_and_a_lost_one_stops_the_worker(sea: Property) -> None:
    make_guest_in_house(hotel=sea, nights=2)
    audit = night_audit_start(hotel=sea, accepted=EARLY)
    mine = night_audit._Run(night_audit._claim(audit.pk))
    before = NightAudit.objects.get().lease_until
    with time_machine.travel(NOON + dt.timedelta(seconds=15), tick=True):
        mine.progress("post_nights", "running", 0, 1)
    assert NightAudit.objects.get().lease_until > before

    with time_machine.travel(NOON + dt.timedelta(minutes=1), tick=True):
        night_audit._claim(audit.pk)
        with pytest.raises(AuditBusy):
            mine.progress("post_nights", "running", 1, 1)


@time_machine.travel(NOON, tick=True)
def test_the_control_totals_of_a_day_stay_what_they_were(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea, nights=3)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("50.00"))
    audit = close_day(sea)

    sea.refresh_from_db()
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("1.00")))

    day, after = dt.date(2026, 3, 14), audit.totals["after"]
    assert control_totals(sea, day) == after
    assert (after["opening"], after["guest_ledger"]) == ("0.00", "82.00")
    figures = ledger_of_day(sea, sea.business_date)
    moved = figures["revenue"] + figures["tax"] + figures["pass_through"] - figures["payments"]
    assert figures["opening"] + moved == figures["guest_ledger"] == Decimal("83.00")
    assert difference_to_books(sea.pk) == 0


def test_a_stay_costs_few_queries(sea: Property, django_assert_max_num_queries: Any) -> None:
    stay, _folio = make_guest_in_house(hotel=sea, nights=2)

    with django_assert_max_num_queries(45):
        night_post(reservation_id=stay.pk, property_id=sea.pk, night=sea.business_date)


def test_a_stay_sold_in_another_currency_is_warned_of(sea: Property) -> None:
    stay, _folio = make_guest_in_house(hotel=sea)
    assert "other_currency" not in {check.code for check in checks_of(sea)}

    stay.booking.currency = "USD"
    stay.booking.save()

    (check,) = [check for check in checks_of(sea) if check.code == "other_currency"]
    assert (check.count, check.blocks) == (1, False) and stay.number in check.detail
    warned = close_day(sea).totals["warnings"]
    assert "other_currency" in {warning["code"] for warning in warned}
