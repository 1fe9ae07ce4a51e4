"""What a channel sold stands in the house as the channel has it: never refused, in any order, counted rightly."""

from __future__ import annotations

import datetime as dt

import pytest

from channel_manager.models import ChannelConnection, InboxMessage, RoomMapping
from channel_manager.services.apply import message_apply, message_apply_again
from channel_manager.services.connections import mapping_set
from channel_manager.services.inbox import body_import
from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.models import Property, RoomType
from reservations.fragments import GUEST_CARD
from reservations.models import RatePlan, Reservation, ReservationNight, RoomTypeNight
from tests.channels.booking_com.wire import reservation, sample
from tests.domain.channel_manager.given import came, changed, prices, sold, stored, the_stay
from tests.domain.reservations.given import after, assert_counts_are_right, left, lefts
from tests.factories.channels import make_connection, map_all
from tests.factories.reservations import make_booking

State = InboxMessage.State


# --- what the channel gets --------------------------------------------------------------------------------------------


def test_the_commission_follows_the_channels_latest_word(sea: Property, connection: ChannelConnection):
    sold(connection, nights=5, price="10000", commission="7500")
    assert the_stay().commission == 75

    changed(connection, nights=3, price="10000", commission="4500")
    assert the_stay().commission == 45

    changed(connection, at="2026-03-03T08:00:00", nights=2, price="10000")  # silent about it
    assert the_stay().commission == 45


def test_a_stay_of_a_silent_channel_has_no_commission(sea: Property, connection: ChannelConnection):
    sold(connection)

    assert the_stay().commission is None


def test_the_commission_is_shown_to_those_who_may_see_rates(sea: Property, connection: ChannelConnection):
    sold(connection, commission="1800")
    audiences = [Audience(sea.pk, frozenset({"reservation_view", *more})) for more in ((), ("rate_view",))]

    hidden, shown = (GUEST_CARD.render(the_stay().pk, audience) for audience in audiences)

    assert "€18.00" in shown and "Commission" in shown
    assert "18.00" not in hidden and "Commission" not in hidden


# --- the published sample ---------------------------------------------------------------------------------------------


def test_the_sample_stands_in_the_past_priced_and_not_counted(sea: Property):
    connection = make_connection(hotel=sea, hotel_id="286567", mapped=False)
    before = list(RoomTypeNight.objects.order_by("pk").values_list())

    (message,) = body_import(connection=connection, body=sample())
    message = message_apply(message_id=message.pk)

    stay = the_stay()
    assert (stay.arrival, stay.departure, stay.total) == (dt.date(2021, 1, 1), dt.date(2021, 1, 4), 34)
    assert [float(price) for _, price, _ in prices()] == [12, 12, 10] and not any(counted for *_, counted in prices())
    assert set(stay.flags) == {"past", "totals_differ", "unmapped"}
    assert "30" in stay.notes and "34" in stay.notes and "Deluxe Double Room" in stay.notes
    assert (stay.adults, stay.guest.full_name, stay.booking.external_id) == (2, "Jordi Martí", "400000001")
    assert message.state == State.ATTENTION and message.reasons == ["unmapped"]
    assert list(RoomTypeNight.objects.order_by("pk").values_list()) == before
    assert RoomMapping.objects.get().external_id == "28656731" and RoomMapping.objects.get().room_type is None


def test_the_sample_gets_its_type_and_both_plans_when_mapped(sea: Property):
    connection = make_connection(hotel=sea, hotel_id="286567")
    kind = RoomType.objects.get(property=sea, code="DBL")
    bar, breakfast = (RatePlan.objects.get(property=sea, code=code) for code in ("BAR", "BB"))
    rates = {"997364": bar.pk, "11290621": breakfast.pk}
    mapping_set(connection_id=connection.pk, rooms={"28656731": kind.pk}, rates=rates)

    message = came(connection, sample())

    stay = the_stay()
    assert stay.room_type == kind and set(stay.flags) == {"past", "totals_differ"}
    plans = list(ReservationNight.objects.order_by("night").values_list("rate_plan__code", flat=True))
    assert plans == ["BAR", "BB", "BAR"]
    assert message.state == State.APPLIED


# --- never refused ----------------------------------------------------------------------------------------------------


def test_a_booking_beyond_the_last_room_is_taken_and_flagged(sea: Property, connection: ChannelConnection):
    make_booking(hotel=sea, rooms=2)

    message = sold(connection)

    stay = Reservation.objects.latest("created_at")
    assert stay.flags == ["overbooked"] and left(sea, "DBL") == -1
    assert message.state == State.ATTENTION and message.reasons == ["overbooked"]
    assert_counts_are_right(sea)


def test_an_unknown_room_counts_on_the_house_alone_until_it_is_mapped(sea: Property):
    connection = make_connection(hotel=sea, mapped=False)

    message = sold(connection, nights=2)

    stay = the_stay()
    assert (stay.room_type, stay.rate_plan, stay.flags) == (None, None, ["unmapped"])
    assert lefts(sea, "DBL", None) == [2, 3] and message.reasons == ["unmapped"]

    assert map_all(connection) == 1

    stay.refresh_from_db()
    assert stay.room_type.code == "DBL" and stay.rate_plan.code == "BAR" and stay.flags == []
    assert lefts(sea, "DBL", None) == [1, 3]
    assert InboxMessage.objects.get().state == State.APPLIED
    assert_counts_are_right(sea)


def test_a_mapped_room_that_is_full_takes_the_forced_door(sea: Property):
    connection = make_connection(hotel=sea, mapped=False)
    sold(connection)
    make_booking(hotel=sea, rooms=2)

    map_all(connection)

    assert the_first().flags == ["overbooked"] and left(sea, "DBL") == -1
    assert_counts_are_right(sea)


def the_first() -> Reservation:
    return Reservation.objects.earliest("created_at")


def test_nights_before_the_business_date_are_stored_and_not_counted(sea: Property, connection: ChannelConnection):
    sold(connection, after=-2, nights=3)

    assert [counted for *_, counted in prices()] == [False, False, True]
    assert the_stay().flags == ["past"] and the_stay().total == 360
    assert_counts_are_right(sea)


def test_nights_beyond_the_horizon_are_opened(sea: Property, connection: ChannelConnection):
    sold(connection, after=200, nights=2)

    assert the_stay().status == "confirmed" and left(sea, "DBL", after(sea, 201)) == 1
    assert_counts_are_right(sea)


@pytest.mark.parametrize(
    ("facts", "flag"), [({"currency": "USD"}, "foreign_currency"), ({"tax": "Before"}, "net_prices")]
)
def test_odd_money_is_taken_and_flagged(sea: Property, connection: ChannelConnection, facts: dict, flag: str):
    message = sold(connection, **facts)

    assert flag in the_stay().flags and message.reasons == [flag]
    assert the_stay().booking.currency == facts.get("currency", "EUR")


def test_breakfast_is_split_out_of_the_price(sea: Property, connection: ChannelConnection):
    sold(connection, rate="55002", price="13800")

    night = ReservationNight.objects.get()
    assert night.price == 138
    assert {part["code"]: part["amount"] for part in night.parts} == {
        "room": "120.00", "breakfast_food": "12.60", "breakfast_drinks": "5.40",
    }  # fmt: skip


# --- what cannot be applied -------------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_parked_and_the_next_goes_on(sea: Property, connection: ChannelConnection):
    broken = reservation(sea, number="5100000009").replace('EffectiveDate="2026', 'EffectiveDate="tomorrow')
    message = came(connection, broken)

    assert (message.state, message.reasons) == (State.FAILED, ["unreadable"]) and "tomorrow" in message.error
    assert StreamEvent.objects.filter(code="channel_message.parked").count() == 1
    assert sold(connection).state == State.APPLIED


def test_a_fault_of_ours_is_tried_three_times_and_then_parked(
    monkeypatch, connection: ChannelConnection, sea: Property
):
    from channel_manager.services import apply

    def fails(*_a: object, **_k: object) -> None:
        raise ValueError("card 4111 1111 1111 1111")

    monkeypatch.setattr(apply, "booking_take", fails)
    (message,) = stored(connection, reservation(sea))
    states = [message_apply(message_id=message.pk).state for _ in range(3)]

    assert states == [State.RECEIVED, State.RECEIVED, State.FAILED]
    message.refresh_from_db()
    assert message.reasons == ["failed"] and "4111" not in message.error


def test_a_message_that_fails_again_holds_up_no_other(monkeypatch, sea: Property):
    from channel_manager.services import apply

    connection = make_connection(hotel=sea, mapped=False)
    sold(connection, number="5100000001")
    sold(connection, number="5100000002", after=1)
    take = apply.booking_take

    def fails(**facts: object) -> object:
        if facts["ref"].id == "5100000001":  # type: ignore[attr-defined]
            raise ValueError("card 4111 1111 1111 1111")
        return take(**facts)

    monkeypatch.setattr(apply, "booking_take", fails)

    assert map_all(connection) == 2
    first, second = InboxMessage.objects.order_by("message_id")
    assert (first.state, first.reasons, second.state) == (State.FAILED, ["failed"], State.APPLIED)
    assert "4111" not in first.error and second.reasons == []

    monkeypatch.undo()
    assert message_apply_again(message_id=first.pk).state == State.APPLIED


def test_a_newer_version_settles_older_ones_on_every_screen(monkeypatch, sea: Property, connection: ChannelConnection):
    from channel_manager.services import apply

    for place in range(2):
        sold(connection, number=f"520000000{place}")
    overbooked = sold(connection, number="5100000001")
    with monkeypatch.context() as fault:
        fault.setattr(apply, "booking_take", lambda **_: 1 / 0)
        (failed,) = stored(connection, reservation(sea, number="5100000001", nights=2, at="2026-03-01T09:00:00"))
        assert [message_apply(message_id=failed.pk).state for _ in range(3)][-1] == State.FAILED
    assert overbooked.state == State.ATTENTION

    changed(connection, number="5100000001", after=3)

    assert set(InboxMessage.objects.values_list("state", "reasons__0")) == {(State.APPLIED, None)}
    touched = [row.touches for row in StreamEvent.objects.filter(code="inboxmessage.touched")]
    assert {names[0] for names in touched} == {f"channel_message:{one.pk}" for one in (overbooked, failed)}
