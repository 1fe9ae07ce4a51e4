"""What can be sold is told: the fewest messages, the present values, until the site has what the house has."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from django.db import OperationalError
from django.utils import timezone

from channel_manager.channels.opentravel import availability_message
from channel_manager.drafts import AvailabilityRun
from channel_manager.models import ChannelConnection, ConnectionPulse, DirtyRange, RoomMapping, SentValue
from channel_manager.receivers import push_availability
from channel_manager.selectors.availability import fewest_runs
from channel_manager.services import push as pushing
from channel_manager.services import turns
from channel_manager.services.connections import connection_sync
from channel_manager.services.push import PushResult, channel_push
from channel_manager.services.turns import serve_due
from channel_manager.xml import find_all, parse
from pms.events.models import Delivery, StreamEvent
from properties.models import Property
from reservations.models import RoomTypeNight
from reservations.services.stays import reservation_cancel
from tests.domain.reservations.given import after
from tests.factories.channels import ROOMS, Sandbox, make_connection
from tests.factories.reservations import make_booking

NIGHTS = 62  # SEA has the night before its business date and sixty ahead open


@pytest.fixture
def connection(site: Sandbox, sea: Property) -> ChannelConnection:
    """SEA, live at the site."""
    return make_connection(hotel=sea, url=site.url)


@pytest.fixture
def push(connection: ChannelConnection) -> Callable[[], PushResult]:
    """Tell what is dirty, whatever the pause after a failure."""

    def tell() -> PushResult:
        ConnectionPulse.objects.update(push_due_at=None)
        return channel_push(connection_id=connection.pk)

    return tell


def house(hotel: Property) -> dict[tuple[str, str], int]:
    """Return what can be sold now, counted here by the rule and not by the code under test."""
    left = {(row.room_type_id, row.night): row.available for row in RoomTypeNight.objects.filter(property=hotel)}
    return {
        (room.external_id, night.isoformat()): max(0, min(rooms, left[None, night]))
        for room in RoomMapping.objects.filter(room_type__isnull=False)
        for (kind, night), rooms in left.items()
        if kind == room.room_type_id and night >= hotel.business_date
    }


def test_going_live_tells_everything_in_one_message(site: Sandbox, sea: Property, push):
    result = push()

    assert (result.messages, result.refused) == (1, 0) and result.cells == len(house(sea)) == 3 * (NIGHTS - 1)
    assert site.available() == house(sea)
    assert not DirtyRange.objects.exists() and SentValue.objects.count() == result.cells


def test_what_is_committed_late_under_a_lower_number_stays_dirty(sea: Property, connection, push, monkeypatch):
    push()
    connection_sync(connection_id=connection.pk)
    read = DirtyRange.objects.get()
    night = sea.business_date
    tell = pushing._tell

    def told_while_another_commits(*args, **facts):
        DirtyRange(pk=read.pk - 1, connection=connection, first=night, last=night).save()
        return tell(*args, **facts)

    monkeypatch.setattr(pushing, "_tell", told_while_another_commits)
    monkeypatch.setattr(pushing, "MOST_ROUNDS", 1)
    push()

    assert list(DirtyRange.objects.values_list("pk", flat=True)) == [read.pk - 1]


def test_one_changed_night_is_one_range(site: Sandbox, sea: Property, push):
    push()
    make_booking(hotel=sea, arrival=after(sea, 5), nights=1)

    result = push()

    assert (result.messages, result.cells) == (1, 1)  # the house has more left than any type: only DBL moved
    assert site.available() == house(sea) and site.available()[ROOMS["DBL"], after(sea, 5).isoformat()] == 1


def test_nothing_that_changed_tells_nothing(sea: Property, push):
    push()
    stay = make_booking(hotel=sea).reservations.get()
    reservation_cancel(hotel=sea, reservation_id=stay.pk, reason="mistake")

    assert push().messages == 0 and not DirtyRange.objects.exists()


def test_an_overbooked_night_shows_zero(site: Sandbox, sea: Property, push):
    make_booking(hotel=sea, rooms=3, forced=True)
    push()

    assert site.available()[ROOMS["DBL"], sea.business_date.isoformat()] == 0


def test_a_full_house_closes_every_type(site: Sandbox, sea: Property, push):
    make_booking(hotel=sea, rooms=4, forced=True)
    push()

    today = {room: value for (room, day), value in site.available().items() if day == sea.business_date.isoformat()}
    assert set(today.values()) == {0}


@pytest.mark.parametrize("kind", ["500", "lost", "429"])
def test_a_retry_tells_what_is_true_then(site: Sandbox, sea: Property, push, kind: str):
    push()
    stay = make_booking(hotel=sea).reservations.get()
    site.do("fault", at="availability", kind=kind)
    assert push().cells == 0 and DirtyRange.objects.exists()
    reservation_cancel(hotel=sea, reservation_id=stay.pk, reason="mistake")  # back to what was told before

    push()

    assert site.available() == house(sea) and site.available()[ROOMS["DBL"], sea.business_date.isoformat()] == 2
    assert not DirtyRange.objects.exists()


def test_what_a_push_changes_bears_the_channels_name(site: Sandbox, sea: Property, push):
    site.do("fault", at="availability", kind="500")
    push()
    push()

    told = StreamEvent.objects.filter(code="channel_availability.sent").values_list("via", "actor_id")
    assert set(told) == {("booking_com", None)}


def test_control_trusting_the_old_acknowledgement_would_leave_the_site_wrong(
    site: Sandbox, sea: Property, push, monkeypatch
):
    push()
    monkeypatch.setattr("channel_manager.services.push._forget", lambda *_: None)
    monkeypatch.setattr("channel_manager.services.push._remember", lambda *_: None)
    stay = make_booking(hotel=sea).reservations.get()
    site.do("fault", at="availability", kind="lost")
    push()
    reservation_cancel(hotel=sea, reservation_id=stay.pk, reason="mistake")

    push()

    assert site.available() != house(sea)


def test_a_refused_line_stays_dirty_and_the_others_count(site: Sandbox, sea: Property, push):
    gone = RoomMapping.objects.get(external_id=ROOMS["SUI"])
    gone.external_id = "99999999"
    gone.save()

    result = push()

    assert result.refused == 1 and ConnectionPulse.objects.get().push_failures == 1
    assert "ROOM_ID_INVALID" in ConnectionPulse.objects.get().failure
    assert DirtyRange.objects.exists() and site.available()[ROOMS["DBL"], sea.business_date.isoformat()] == 2
    assert not SentValue.objects.filter(external_room="99999999").exists()


def test_sending_everything_anew_does_so(site: Sandbox, sea: Property, push, connection: ChannelConnection):
    push()
    site.do("reset", oldest_days=5000)

    connection_sync(connection_id=connection.pk)
    push()

    assert site.available() == house(sea)


def test_every_change_of_stock_is_noted_with_it_and_owed_to_the_teller(sea: Property, connection: ChannelConnection):
    DirtyRange.objects.all().delete()
    make_booking(hotel=sea, arrival=after(sea, 3), nights=2)

    dirty = DirtyRange.objects.get()
    assert (dirty.connection_id, dirty.room_type_id, dirty.first, dirty.last) == (
        connection.pk, None, after(sea, 3), after(sea, 4),
    )  # fmt: skip
    assert Delivery.objects.filter(receiver="channel_manager.receivers.push_availability").count() == 1


def test_the_news_of_a_sale_rings_the_teller(site: Sandbox, sea: Property, push):
    push()
    make_booking(hotel=sea)

    push_availability(StreamEvent.objects.filter(code="availability.moved").latest("id"))

    assert site.available() == house(sea)


def test_a_channel_in_trouble_is_not_rung_until_it_is_due(site: Sandbox, sea: Property, connection: ChannelConnection):
    ConnectionPulse.objects.update(push_due_at=timezone.now() + dt.timedelta(minutes=1))
    make_booking(hotel=sea)

    push_availability(StreamEvent.objects.filter(code="availability.moved").latest("id"))

    assert site.do("state")["calls"] == []


@pytest.mark.django_db(transaction=True)
def test_the_clock_serves_who_is_due(site: Sandbox, sea: Property):
    make_connection(hotel=sea, url=site.url)
    sold = site.book(sea)

    assert serve_due(seconds=2) >= 2

    assert site.booking(sold["id"])["our_number"] and site.available() == house(sea)
    assert site.do("state")["violations"] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", [ZeroDivisionError(), OperationalError("the connection is closed"), None])
def test_a_fault_of_a_turn_is_told_and_holds_up_no_other(
    site: Sandbox,
    sea: Property,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception | None,
):
    """The clock itself meets a database that is away, and says so once for all turns."""

    def pull(*, connection_id: uuid.UUID) -> None:
        if fault:
            raise fault

    make_connection(hotel=sea, url=site.url)
    monkeypatch.setitem(turns.WORK, "pull", pull)

    serve_due(seconds=2)

    told = [line for line in caplog.records if "channel.turn_failed" in str(line.msg)]
    assert bool(told) is isinstance(fault, ZeroDivisionError)
    assert site.available() == house(sea)


# --- the fewest -------------------------------------------------------------------------------------------------------

DAY = dt.date(2026, 3, 14)


def day(place: int) -> dt.date:
    return DAY + dt.timedelta(days=place)


def fewest_by_trying(changed: dict[int, int], present: dict[int, int]) -> int:
    """Return the least number of ranges that cover all changed nights with true values, by trying everything."""
    nights = max(present) + 1

    @cache
    def least(begin: int) -> int:
        if begin >= nights:
            return 0
        best = least(begin + 1) if begin not in changed else nights + 1
        for end in range(begin, nights):
            if present.get(end) != present.get(begin) or begin not in present:
                break
            best = min(best, 1 + least(end + 1))
        return best

    return least(0)


@pytest.mark.parametrize("seed", range(60))
def test_the_runs_are_the_fewest_that_tell_the_truth(seed: int):
    chance = Random(seed)
    present = {place: chance.choice([0, 1, 1, 2]) for place in range(12) if chance.random() < 0.9} or {0: 1}
    changed = {place: value for place, value in present.items() if chance.random() < 0.5}

    runs = fewest_runs(
        {("R", day(place)): value for place, value in changed.items()},
        {("R", day(place)): value for place, value in present.items()},
    )

    told = {cell[1]: run.value for run in runs for cell in run.cells()}
    assert all(told[day(place)] == value for place, value in changed.items())
    assert all(present[(night - DAY).days] == value for night, value in told.items())
    assert len(runs) == (fewest_by_trying(changed, present) if changed else 0)


def test_a_message_says_each_code_escaped_once():
    run = AvailabilityRun('A"<&1', day(0), day(2), 7)

    root = parse(availability_message([run]).encode())

    (line,) = find_all(root, "AvailStatusMessages/AvailStatusMessage")
    (control,) = find_all(line, "StatusApplicationControl")
    assert control.get("InvTypeCode") == 'A"<&1' and line.get("BookingLimit") == "7"
    assert (control.get("Start"), control.get("End")) == ("2026-03-14", "2026-03-16")
