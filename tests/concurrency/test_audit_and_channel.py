"""A channel's word between the posting of a night and the roll of the date: books and stay say the same afterwards."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.services.apply import message_apply
from folios.models import NightAudit, Posting
from folios.selectors.folios import balance_of, folio_of_stay
from folios.selectors.ledgers import difference_to_books
from folios.services import night_audit, nights
from folios.services.night_audit import night_audit_resume, night_audit_run, night_audit_start
from properties.models import Property, Room
from reservations.models import Reservation, ReservationNight
from reservations.services import taking
from reservations.services.front_desk import reservation_check_in
from reservations.services.stays import reservation_assign_room
from tests.channels.booking_com.wire import reservation
from tests.concurrency.night_audits import rooms_posted, run_of
from tests.domain.channel_manager.given import sold, stored, the_stay
from tests.domain.reservations.given import assert_counts_are_right
from tests.factories.channels import make_connection
from tests.factories.folios import open_for_business
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.race import Rendezvous, errors_of, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

# What the channel says while the audit works, about a stay of three nights at 120.00.
CHEAPER = {"nights": 2, "price": "8000"}
# The same after a night that was slept: the guest should have left this morning.
LEFT = {"after": -1, "nights": 1}


@pytest.fixture
def sea() -> Property:
    return open_for_business(make_hotel(rooms=SMALL_HOUSE), nights=10)


@pytest.fixture
def connection(sea: Property) -> ChannelConnection:
    """SEA at its channel, with a guest of the channel in house for three nights."""
    connection = make_connection(hotel=sea)
    sold(connection, nights=3)
    stay = the_stay()
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=Room.objects.get(number="101").pk)
    reservation_check_in(hotel=sea, reservation_id=stay.pk)
    return connection


def word_of(connection: ChannelConnection, **facts: Any) -> InboxMessage:
    """Store a change as a pull does; a worker applies it later."""
    body = reservation(connection.property, entry="HotelResModify", at="2026-03-02T08:00:00", **facts)
    (message,) = stored(connection, body, queue="modify")
    return message


def agree(stay: Reservation) -> bool:
    """Tell whether the nights that were slept cost on the folio what they cost in the stay."""
    stay.refresh_from_db()
    slept = ReservationNight.objects.filter(reservation=stay, night__lt=stay.property.business_date)
    sold_for = sum((night.price for night in slept), Decimal(0))
    taxed = sum((one.gross for one in Posting.objects.filter(transaction_code__code="city_tax")), Decimal(0))
    return (
        len(slept) == len(rooms_posted(stay.property))
        and sum(one.gross for one in rooms_posted(stay.property)) == sold_for
        and stay.balance == balance_of(folio_of_stay(stay.pk).pk) == sold_for + taxed
        and stay.total == sum(night.price for night in ReservationNight.objects.filter(reservation=stay))
    )


def stopped_after_posting(sea: Property, monkeypatch: pytest.MonkeyPatch) -> NightAudit:
    """Return a run that stopped after the night was posted and before the date rolled."""
    day = sea.business_date

    def stop(name: str) -> None:
        if name == "audit.posted.1":
            raise ValueError("pulled the plug")

    with monkeypatch.context() as plug:
        plug.setattr(night_audit, "crashpoint", stop)
        audit = night_audit_run(audit_id=night_audit_start(hotel=sea).pk)
    sea.refresh_from_db()
    assert (audit.status, sea.business_date) == ("failed", day)
    assert Posting.objects.filter(service_date=day, transaction_code__code="room").count() == 1
    return audit


@pytest.mark.parametrize(
    ("closed", "word", "reason"),
    [(0, CHEAPER, "posted_night"), (1, LEFT, "early_departure")],
    ids=["cheaper", "left before it"],
)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control: nothing is marked"])
def test_a_change_while_the_audit_stands_still(
    sea: Property,
    connection: ChannelConnection,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
    closed: int,
    word: dict[str, Any],
    reason: str,
):
    if not guarded:
        monkeypatch.setattr(nights, "reservation_night_posted_set", lambda **_night: None)
    for _day in range(closed):
        night_audit_run(audit_id=night_audit_start(hotel=sea).pk)
        sea.refresh_from_db()
    audit = stopped_after_posting(sea, monkeypatch)
    connection.refresh_from_db()

    message = message_apply(message_id=word_of(connection, **word).pk)
    night_audit_resume(audit_id=audit.pk)
    done = night_audit_run(audit_id=audit.pk)

    sea.refresh_from_db()
    assert (done.status, sea.business_date.day, len(rooms_posted(sea))) == ("succeeded", 15 + closed, 1 + closed)
    assert difference_to_books(sea.pk) == 0
    assert agree(the_stay()) is guarded
    if guarded:
        assert message.reasons == [reason]
    assert_counts_are_right(sea)


@pytest.mark.parametrize("first", ["audit", "channel"])
def test_a_change_and_a_posting_at_once_end_alike_in_both_books(
    sea: Property, connection: ChannelConnection, monkeypatch: pytest.MonkeyPatch, first: str
):
    """Whoever has the stay's lock first is waited for: the other judges by what was written."""
    meeting, message, audit = Rendezvous(), word_of(connection, **CHEAPER), night_audit_start(hotel=sea)
    held = {"audit": (nights, "charges_write"), "channel": (taking, "_nights_written")}[first]
    real = getattr(*held)
    waited: list[str] = []

    def holding(*given: Any, **named: Any) -> Any:
        if not waited:  # under the lock of the stay
            waited.append(first)
            meeting.reached("held")
            meeting.wait_for("other one began")
            time.sleep(0.5)
        return real(*given, **named)

    monkeypatch.setattr(*held, holding)

    def at_once(who: str) -> None:
        if who != first:
            meeting.wait_for("held")
            meeting.reached("other one began")

    def close() -> NightAudit:
        at_once("audit")
        return night_audit_run(audit_id=audit.pk)

    def change() -> InboxMessage:
        at_once("channel")
        return message_apply(message_id=message.pk)

    results = together(close, change)

    assert errors_of(results) == [] and waited == [first]
    assert (run_of(sea).status, len(rooms_posted(sea))) == ("succeeded", 1)
    price = Decimal("120.00") if first == "audit" else Decimal("80.00")
    assert rooms_posted(sea)[0].gross == price
    stay = the_stay()
    assert (stay.night_count, stay.total) == (2, price + 80) and agree(stay)
    message.refresh_from_db()
    assert message.reasons == (["posted_night"] if first == "audit" else [])
    assert_counts_are_right(sea)
