"""A channel in trouble, and trouble of our own: nothing is lost, doubled, or acknowledged too early."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import time_machine
from django.utils import timezone

from channel_manager import outbound
from channel_manager.models import CallLog, ChannelConnection, ConnectionPulse, InboxMessage
from channel_manager.services import pull as pulling
from channel_manager.services.connections import connection_test
from channel_manager.services.lanes import calls_prune, lane_claim, pause_after
from channel_manager.services.pull import PullResult, channel_pull
from pms.events.models import StreamEvent
from pms.runtime.testing import server_environment
from properties.models import Property
from reservations.models import Booking, Guest, Reservation
from tests.cards import tables_with
from tests.channels.booking_com.wire import PAN, reservation
from tests.domain.reservations.given import assert_counts_are_right
from tests.factories.channels import Sandbox, make_connection

State = InboxMessage.State


@pytest.fixture
def connection(site: Sandbox, sea: Property) -> ChannelConnection:
    """SEA, live at the site."""
    return make_connection(hotel=sea, url=site.url)


@pytest.fixture
def pull(connection: ChannelConnection) -> Callable[[], PullResult]:
    """Ask the queues once, whatever the pause after a failure."""

    def ask() -> PullResult:
        ConnectionPulse.objects.update(pull_due_at=None, pull_lease_until=None)
        return channel_pull(connection_id=connection.pk)

    return ask


def pulse() -> ConnectionPulse:
    return ConnectionPulse.objects.get()


# --- the channel's ----------------------------------------------------------------------------------------------------


def test_a_token_is_fetched_once_and_anew_when_it_is_refused(site: Sandbox, sea: Property, pull):
    pull()
    pull()
    assert site.do("state")["tokens_given"] == 1

    site.do("forget_tokens")
    site.book(sea)

    assert pull().acknowledged == 1 and site.do("state")["tokens_given"] == 2


def test_wrong_credentials_are_told_and_tried_slowly(site: Sandbox, sea: Property):
    connection = make_connection(hotel=sea, url=site.url, credentials={"client_id": "sandbox", "client_secret": "no"})
    for _ in range(3):
        channel_pull(connection_id=connection.pk)

    assert pulse().pull_failures == 3 and "credentials" in pulse().failure
    assert StreamEvent.objects.filter(code="channel_connection.failed").count() == 1
    assert pulse().pull_due_at > timezone.now()


def test_an_account_without_the_hotel_is_refused(site: Sandbox, sea: Property):
    account = {"client_id": "stranger", "client_secret": "stranger-secret"}
    connection = make_connection(hotel=sea, url=site.url, credentials=account)

    channel_pull(connection_id=connection.pk)

    assert "403" in pulse().failure


@pytest.mark.parametrize("kind", ["500", "503", "429"])
def test_a_failing_channel_is_left_alone_and_nothing_is_lost(site: Sandbox, sea: Property, pull, kind: str):
    site.book(sea)
    site.do("fault", at="new", kind=kind, times=3)
    for _ in range(3):
        assert pull().delivered == 0

    assert pulse().pull_failures == 3
    assert pull().acknowledged == 1
    assert pulse().pull_failures == 0 and pulse().failure == ""
    assert [event.code for event in StreamEvent.objects.filter(code__startswith="channel_connection.").order_by("id")
            if event.kind == "happened"] == ["channel_connection.failed", "channel_connection.healed"]  # fmt: skip


def test_pauses_grow_to_a_minute_and_heed_what_the_channel_asks():
    assert all(pause_after(failures, 20.0) <= 60 for failures in range(1, 30))
    assert pause_after(9, 0.5) >= 16 and pause_after(1, 20.0, asked=300) == 300


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("Sat, 14 Mar 2026 12:02:00 GMT", 120), ("Sat, 14 Mar 2026 13:02:00 +0100", 120),
        ("Sat, 14 Mar 2026 12:02:00 -0000", 120), ("Sat, 14 Mar 2026 11:00:00 GMT", 0),
        ("²", 0), ("٣", 0), ("-5", 0), ("1.5", 0), ("soon", 0), ("", 0), (None, 0), ("9" * 5000, 0),
        ("Sat, 14 Mar 2026 12:02:00 +9999", 0), ("Sat, 99 Mar 2026 12:02:00 GMT", 0),
    ],
)  # fmt: skip
def test_how_long_the_channel_asks_us_to_wait(said: str | None, seconds: int):
    with time_machine.travel("2026-03-14T12:00:00+00:00", tick=False):
        assert outbound.seconds_asked(said) == seconds


def test_a_hanging_channel_is_given_up_at_the_deadline(site: Sandbox, pull, monkeypatch):
    monkeypatch.setattr(outbound.call, "__kwdefaults__", {**outbound.call.__kwdefaults__, "total": 1.0})
    pull()
    site.do("fault", at="new", kind="hang", seconds=8)
    started = time.monotonic()

    pull()

    assert time.monotonic() - started < 5 and "No answer" in pulse().failure
    assert CallLog.objects.filter(ok=False, http_status=None).exists()


def test_the_deadline_is_twenty_seconds_at_most():
    assert max(outbound.TOTAL, outbound.READ, outbound.CONNECT) <= 20


def test_what_cannot_be_read_is_kept_once_and_never_acknowledged(site: Sandbox, sea: Property, pull):
    site.do("deliver_raw", queue="new", body=reservation(sea)[:-90])
    site.do("deliver_raw", queue="new", body=reservation(sea)[:-90])
    pull()
    pull()

    message = InboxMessage.objects.get()
    assert (message.message_id, message.state, message.acknowledged_at) == ("unreadable", State.FAILED, None)
    assert StreamEvent.objects.filter(code="channel_message.parked").count() == 1
    assert not any(call["method"] == "POST" and call["place"] == "new" for call in site.do("state")["calls"])
    site.book(sea)
    assert pull().acknowledged == 1  # the polling goes on


def test_what_cannot_be_read_is_the_same_under_another_reference(site: Sandbox, sea: Property, pull):
    for reference in ("one", "two"):
        site.do("deliver_raw", queue="new", body=f"{reservation(sea)[:-90]}\n<!-- RUID: [{reference}] -->")
        pull()
    site.do("deliver_raw", queue="new", body=reservation(sea, number="5100000002")[:-90])
    pull()

    assert InboxMessage.objects.count() == StreamEvent.objects.filter(code="channel_message.parked").count() == 2


def test_a_lost_answer_to_an_acknowledgement_doubles_nothing(site: Sandbox, sea: Property, pull):
    sold = site.book(sea)
    site.do("fault", at="ack", kind="lost")
    pull()
    message = InboxMessage.objects.get()
    assert message.state == State.APPLIED and message.acknowledged_at is None

    pull()

    message.refresh_from_db()
    assert message.acknowledged_at is not None and Booking.objects.count() == 1
    assert site.booking(sold["id"])["queue"] is None


def test_a_message_sent_again_is_acknowledged_again(site: Sandbox, sea: Property, pull):
    sold = site.book(sea)
    for _ in range(3):
        pull()
        site.do("redeliver", id=sold["id"])
    pull()

    assert Booking.objects.count() == 1 and site.booking(sold["id"])["acknowledged"] == 4
    assert Guest.objects.count() == 1 and Reservation.objects.count() == 1


def test_a_change_between_question_and_acknowledgement_is_fetched_again(
    site: Sandbox, sea: Property, pull, monkeypatch
):
    sold = site.book(sea)
    apply = pulling.message_apply

    def changes_meanwhile(**facts):
        monkeypatch.setattr(pulling, "message_apply", apply)
        site.redate(sea, sold, nights=3)
        return apply(**facts)

    monkeypatch.setattr(pulling, "message_apply", changes_meanwhile)
    pull()
    assert site.booking(sold["id"])["queue"] == "new"  # 400, wrong type: the channel has a newer one

    pull()

    assert Reservation.objects.get().night_count == 3 and site.booking(sold["id"])["queue"] is None


def test_a_booking_that_nobody_took_for_half_an_hour_leaves_the_queue(site: Sandbox, sea: Property, pull):
    sold = site.book(sea)
    site.do("forward", seconds=31 * 60)

    assert pull().delivered == 0 and site.booking(sold["id"])["missed"]


# --- ours -------------------------------------------------------------------------------------------------------------


def test_nothing_is_acknowledged_before_it_is_applied(site: Sandbox, sea: Property, pull, monkeypatch):
    sold = site.book(sea)
    monkeypatch.setattr(pulling, "message_apply", lambda **_: None)  # applying never ends well
    pull()

    assert site.booking(sold["id"])["queue"] == "new" and site.booking(sold["id"])["acknowledged"] == 0
    monkeypatch.undo()
    pull()
    assert Booking.objects.count() == 1 and site.booking(sold["id"])["queue"] is None


def test_control_an_early_acknowledgement_and_a_rollback_would_lose_the_booking(
    site: Sandbox, sea: Property, pull, monkeypatch
):
    sold = site.book(sea)

    def early(connection, client, queue, stored, result):
        return pulling_acknowledged(connection, client, queue, stored, result)

    pulling_acknowledged = pulling._acknowledged
    monkeypatch.setattr(pulling, "message_apply", lambda **_: None)
    monkeypatch.setattr("channel_manager.selectors.messages.SETTLED", tuple(State))
    monkeypatch.setattr(pulling, "_acknowledged", early)
    pull()
    InboxMessage.objects.all().delete()  # what a crash before the commit leaves
    monkeypatch.undo()
    pull()

    assert site.booking(sold["id"])["queue"] is None and not Booking.objects.exists()


def test_one_worker_at_a_time(pull, connection: ChannelConnection):
    lane = lane_claim(connection.pk, "pull")
    assert lane is not None and lane_claim(connection.pk, "pull") is None
    assert not channel_pull(connection_id=connection.pk).asked

    ConnectionPulse.objects.update(pull_lease_until=timezone.now() - dt.timedelta(seconds=1))  # it died

    assert channel_pull(connection_id=connection.pk).asked and not lane.renew()


def test_a_suspended_connection_is_not_asked(site: Sandbox, connection: ChannelConnection):
    connection.status = "suspended"
    connection.save()

    assert not channel_pull(connection_id=connection.pk).asked and site.do("state")["calls"] == []


def test_an_acknowledgement_is_followed_by_the_documented_pause(site: Sandbox, sea: Property, connection, pull):
    connection.poll_seconds = 20
    connection.save()
    site.do("reset", pace=4.5, oldest_days=5000)
    site.book(sea)
    pull()

    assert pulse().next_queue == "modify" and pulse().pull_due_at > timezone.now() + dt.timedelta(seconds=4)
    assert site.do("state")["violations"] == []


def test_no_card_lies_anywhere_in_the_database(site: Sandbox, sea: Property, pull):
    site.book(sea, card=PAN, remarks=f"my card is {PAN[:4]} {PAN[4:8]} {PAN[8:12]} {PAN[12:]} cvc 123")
    site.do("deliver_raw", queue="modify", body=f'<broken CardNumber="{PAN}" SeriesCode="987"> {PAN}')
    pull()
    pull()

    assert Booking.objects.count() == 1 and InboxMessage.objects.filter(message_id="unreadable").count() == 1
    assert tables_with(PAN) == [] and tables_with('SeriesCode="987') == []
    assert tables_with("4111 1111 1111 1111") == []


def test_control_a_planted_card_is_found(connection: ChannelConnection):
    CallLog.objects.create(connection=connection, purpose="planted", answer=f"<x>{PAN}</x>")

    assert tables_with(PAN) == ["channel_manager_calllog"]


def test_calls_are_forgotten_after_two_weeks(connection: ChannelConnection):
    CallLog.objects.create(connection=connection, purpose="old")
    CallLog.objects.update(at=timezone.now() - dt.timedelta(days=15))
    CallLog.objects.create(connection=connection, purpose="new")

    assert calls_prune() == 1 and CallLog.objects.get().purpose == "new"


def test_rooms_and_rates_are_fetched_for_the_mapping(site: Sandbox, sea: Property):
    connection = make_connection(hotel=sea, url=site.url, mapped=False)

    found = connection_test(connection_id=connection.pk)

    assert {room.name for room in found.rooms} == {"Single Room", "Double Room", "Suite"}
    assert connection.rooms.count() == 3 and connection.rates.count() == 2


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["inbox.stored", "inbox.applied"])
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(site: Sandbox, sea: Property, point: str):
    connection = make_connection(hotel=sea, url=site.url)
    sold = site.book(sea, nights=2)
    program = (
        "import django; django.setup()\n"
        "from channel_manager.services.pull import channel_pull\n"
        f"channel_pull(connection_id='{connection.pk}')"
    )
    environment = {**server_environment("http://localhost"), "PMS_PROCESS": "command", "PMS_CRASHPOINT": point}
    environment["DATABASE_URL"] = environment["DATABASE_OWNER_URL"]

    died = subprocess.run([sys.executable, "-c", program], env={**os.environ, **environment}, check=False)

    assert died.returncode == -signal.SIGKILL
    assert InboxMessage.objects.get().state == (State.RECEIVED if point == "inbox.stored" else State.APPLIED)
    assert site.booking(sold["id"])["acknowledged"] == 0
    assert not channel_pull(connection_id=connection.pk).asked  # its lease still stands
    ConnectionPulse.objects.update(pull_lease_until=timezone.now())

    channel_pull(connection_id=connection.pk)

    assert Booking.objects.count() == 1 and InboxMessage.objects.get().state == State.APPLIED
    assert site.booking(sold["id"])["queue"] is None
    assert_counts_are_right(sea)
