"""Who is told of what, once; and what is forgotten."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notifications.models import Notification
from notifications.selectors.bell import newest_rings, unread_count
from notifications.services import alert_send, notification_read, notifications_prune, notifications_read_all
from notifications.tasks import prune
from pms.accounts.models import User
from pms.core.acting import act_as
from pms.events import worker
from pms.events.base import Event
from pms.events.models import StreamEvent
from pms.events.publish import publish
from pms.live.pages import audience_of
from properties.models import Property
from properties.selectors import membership_at
from properties.services import staff_set_roles
from reservations.drafts import ExternalRef
from tests.committed import commit, committed
from tests.domain.channel_manager.given import changed, sold
from tests.factories.channels import make_connection
from tests.factories.reservations import make_booking, open_for_sale


@pytest.fixture
def sea(hotel: Property, hugo: User, maria: User, anna: User) -> Property:
    """SEA, open for sale, with Hugo at the desk, Maria in the rooms, Anna in the office and Olga the owner."""
    open_for_sale(hotel)
    return hotel


def ota(number: str = "4711") -> ExternalRef:
    return ExternalRef(system="booking_com", id=number)


def deliver() -> None:
    commit(run=False)
    worker.deliver_due()


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("event_id").values_list("code", flat=True))


def last(code: str) -> StreamEvent:
    return StreamEvent.objects.filter(code=code).order_by("-id")[0]


def test_a_channel_booking_is_told_to_those_who_see_reservations(sea: Property, hugo: User, maria: User) -> None:
    make_booking(hotel=sea, external_ref=ota())

    deliver()

    assert (told(hugo), told(maria)) == (["alert.channel_booking"], [])


def test_what_the_desk_books_itself_is_no_alarm(sea: Property, hugo: User) -> None:
    make_booking(hotel=sea)

    deliver()

    assert told(hugo) == []


def test_an_overbooked_stay_is_an_alarm(sea: Property, hugo: User, anna: User) -> None:
    make_booking(hotel=sea, room_type="SUI")
    make_booking(hotel=sea, room_type="SUI", forced=True, name="Nora Neu")

    deliver()

    assert told(hugo) == told(anna) == ["alert.overbooked"]
    ring = newest_rings(hugo, sea, audience_of(hugo, sea.pk))[0]
    assert ring.told.line.text == "Suite overbooked on Sat 14 Mar: Nora Neu has no bed"
    assert ring.told.line.tone == "red"


def test_a_stay_that_a_change_leaves_without_a_bed_is_an_alarm_once(sea: Property, hugo: User) -> None:
    """A channel moves its stay into a night that is full, lengthens it there, moves it away, and comes back."""
    connection = make_connection(hotel=sea)
    for _double in range(2):
        make_booking(hotel=sea, arrival=sea.business_date + dt.timedelta(days=3), nights=2)
    sold(connection)
    deliver()
    assert told(hugo) == ["alert.channel_booking"]

    changed(connection, at="2026-03-02T08:00:00", after=3)
    deliver()
    assert told(hugo) == ["alert.channel_booking", "alert.overbooked"]

    changed(connection, at="2026-03-02T09:00:00", after=3, nights=2)
    deliver()
    assert told(hugo) == ["alert.channel_booking", "alert.overbooked"]

    changed(connection, at="2026-03-02T10:00:00", after=0)
    changed(connection, at="2026-03-02T11:00:00", after=3)
    deliver()
    assert told(hugo) == ["alert.channel_booking", "alert.overbooked", "alert.overbooked"]


def test_who_did_it_is_not_told(sea: Property, hugo: User, anna: User) -> None:
    with act_as(via="web", user=hugo):
        make_booking(hotel=sea, external_ref=ota())

    deliver()

    assert (told(hugo), told(anna)) == ([], ["alert.channel_booking"])


def test_a_delivery_that_comes_twice_tells_once(sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, external_ref=ota())
    commit(run=False)
    event = last("booking.created")

    counts = [alert_send(event=event), alert_send(event=event)]

    assert counts[0] == counts[1] > 0
    assert told(hugo) == ["alert.channel_booking"]


def test_a_repeat_leaves_what_was_read_read(sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, external_ref=ota())
    commit(run=False)
    event = last("booking.created")
    alert_send(event=event)
    notifications_read_all(user_id=hugo.pk, property_id=sea.pk)

    alert_send(event=event)

    assert Notification.objects.get(user=hugo).read_at is not None


def test_the_bell_rings_on_the_open_pages_of_who_is_told(
    sea: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr("pms.events.bell.send", lambda channel, hint: rung.append((channel, hint)))
    make_booking(hotel=sea, external_ref=ota())
    commit(run=False)

    with committed():
        alert_send(event=last("booking.created"))

    assert [hint for channel, hint in rung if channel.endswith(f"user:{hugo.pk}")] == ["bell"]


def test_strangers_hear_nothing(sea: Property, eve: User) -> None:
    make_booking(hotel=sea, external_ref=ota())

    deliver()

    assert told(eve) == []


def test_reading_is_each_persons_own(sea: Property, hugo: User, anna: User) -> None:
    make_booking(hotel=sea, external_ref=ota())
    deliver()
    mine = Notification.objects.get(user=hugo)

    notification_read(notification_id=mine.pk, user_id=anna.pk)  # somebody else's: nothing
    assert unread_count(hugo, sea.pk, audience_of(hugo, sea.pk).rights) == 1

    notification_read(notification_id=mine.pk, user_id=hugo.pk)
    assert unread_count(hugo, sea.pk, audience_of(hugo, sea.pk).rights) == 0
    assert unread_count(anna, sea.pk, audience_of(anna, sea.pk).rights) == 1


def test_a_lost_right_takes_its_notifications_along(sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, room_type="SUI")
    make_booking(hotel=sea, room_type="SUI", forced=True)
    deliver()
    member = membership_at(hugo, sea.pk)
    assert member is not None

    staff_set_roles(membership_id=member.pk, roles=["housekeeper"])
    hugo.refresh_from_db()

    audience = audience_of(hugo, sea.pk)
    assert (newest_rings(hugo, sea, audience), unread_count(hugo, sea.pk, audience.rights)) == ([], 0)


def test_a_failed_night_audit_is_told_to_those_who_close_the_day(sea: Property, hugo: User, maria: User) -> None:
    event = Event.catalogue["night_audit.failed"]
    publish(event(property_id=sea.pk, night_audit_id=uuid.uuid4(), step="rooms"))  # type: ignore[call-arg]  # its own fields

    deliver()

    assert (told(hugo), told(maria)) == (["night_audit.failed"], [])
    ring = newest_rings(hugo, sea, audience_of(hugo, sea.pk))[0]
    assert ring.told.line.text == "The night audit stopped at a step: rooms"


@pytest.mark.parametrize(
    ("reasons", "alarms"),
    [(["unreadable"], 1), (["overbooked", "unmapped"], 0), (["overbooked", "payment"], 1), ([], 1)],
)
def test_a_parked_message_is_told_unless_its_stay_tells(
    sea: Property, hugo: User, reasons: list[str], alarms: int
) -> None:
    event = StreamEvent(
        id=1,
        property_id=sea.pk,
        code="channel_message.parked",
        payload={"reasons": reasons},
        occurred_at=timezone.now(),
    )

    alert_send(event=event)

    assert len(told(hugo)) == alarms


@pytest.mark.parametrize(
    ("via", "name"), [("booking_com", "Booking.com"), ("night_audit", "Night audit"), ("worker", "The house")]
)
def test_the_bell_names_what_acted_where_no_person_did(sea: Property, hugo: User, via: str, name: str) -> None:
    with act_as(via=via):
        make_booking(hotel=sea, external_ref=ota())

    deliver()

    assert [ring.told.actor for ring in newest_rings(hugo, sea, audience_of(hugo, sea.pk))] == [name]


def test_notifications_are_kept_for_thirty_days(sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, external_ref=ota("1"))
    deliver()
    with time_machine.travel(timezone.now() + dt.timedelta(days=29), tick=False):
        assert notifications_prune() == 0
        make_booking(hotel=sea, external_ref=ota("2"))
        deliver()
    with time_machine.travel(timezone.now() + dt.timedelta(days=31), tick=False):
        prune()

    assert len(told(hugo)) == 1


def test_the_panel_costs_the_same_for_one_and_for_ten(
    sea: Property, hugo: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        arrival = sea.business_date + dt.timedelta(days=number)
        make_booking(hotel=sea, external_ref=ota(str(number)), arrival=arrival)
    deliver()
    audience = audience_of(hugo, sea.pk)

    with django_assert_max_num_queries(5):
        assert len(newest_rings(hugo, sea, audience)) == 10
