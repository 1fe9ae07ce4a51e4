"""From the site to the desk: a reservation is stored, applied, and only then acknowledged."""

from __future__ import annotations

import pytest

from channel_manager.models import CallLog, InboxMessage
from channel_manager.services.pull import channel_pull
from notifications.selectors.feed import feed
from pms.core.models import AuditEntry
from pms.live.fragments import Audience
from properties.audit_lines import audit_lines
from properties.models import Property
from properties.selectors import audit_of
from reservations.models import Booking, Reservation
from reservations.selectors.detail import guest_rows
from reservations.selectors.history import history_of
from reservations.selectors.rows import stay_shown
from tests.committed import committed
from tests.domain.reservations.given import assert_counts_are_right, left, lefts
from tests.factories.channels import Sandbox, make_connection
from tests.factories.reservations import make_reservation

State = InboxMessage.State


@pytest.fixture
def pull(site: Sandbox, sea: Property):
    """Connect SEA to the site and return a call that asks the queues once."""
    connection = make_connection(hotel=sea, url=site.url)
    return lambda: channel_pull(connection_id=connection.pk)


def test_a_booking_of_the_site_stands_in_the_house_and_is_acknowledged(site: Sandbox, sea: Property, pull):
    sold = site.book(
        sea, nights=2, guest="Zoë Ďurišová", price="129.50", adults=2, children=[6], remarks="Late arrival"
    )

    result = pull()

    assert (result.delivered, result.acknowledged) == (1, 1)
    stay = Reservation.objects.get()
    assert (stay.status, stay.arrival, stay.night_count) == ("confirmed", sea.business_date, 2)
    assert stay.room_type.code == "DBL" and stay.rate_plan.code == "BAR"
    assert (stay.total, stay.adults, stay.children, stay.flags) == (259, 2, [6], [])
    assert stay.guest.full_name == "Zoë Ďurišová"
    assert stay.booking.source == "booking_com" and stay.booking.external_id == sold["id"]
    assert stay.booking.notes == "Late arrival"
    assert lefts(sea, "DBL", None) == [1, 3]
    message = InboxMessage.objects.get()
    assert message.state == State.APPLIED and message.acknowledged_at is not None
    theirs = site.booking(sold["id"])
    assert theirs["queue"] is None and theirs["our_number"] == stay.booking.number
    assert_counts_are_right(sea)


def test_a_change_and_a_cancellation_follow(site: Sandbox, sea: Property, pull):
    sold = site.book(sea, nights=3)
    pull()

    site.redate(sea, sold, nights=1, after=1)
    pull()

    stay = Reservation.objects.get()
    assert (stay.arrival, stay.night_count, stay.total) == (site_day(sea, 1), 1, 120)
    assert [left(sea, "DBL", site_day(sea, day)) for day in range(3)] == [2, 1, 2]

    site.do("cancel", id=sold["id"])
    pull()

    stay.refresh_from_db()
    assert stay.status == "cancelled" and left(sea, "DBL", site_day(sea, 1)) == 2
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {State.APPLIED}
    assert site.booking(sold["id"])["queue"] is None
    assert_counts_are_right(sea)


def test_what_a_channel_does_bears_its_name_everywhere(site: Sandbox, sea: Property, pull):
    """History, audit, feed and pages say "Booking.com": neither a code nor "The house", as a command of ours does."""
    ours = make_reservation(hotel=sea)
    sold = site.book(sea, nights=1)
    with committed(run=False):
        pull()
    theirs = Reservation.objects.exclude(pk=ours.pk).get()
    site.do("cancel", id=sold["id"])
    pull()
    theirs.refresh_from_db()

    assert set(AuditEntry.objects.filter(object_pk=str(theirs.pk)).values_list("via", flat=True)) == {"booking_com"}
    assert [(line.actor, line.via) for line in history_of(theirs, ())] == [("Booking.com", "as a channel")] * 2
    assert [(line.actor, line.via) for line in history_of(ours, ())] == [("The house", "by a command")]
    named = {(line.actor, line.via) for line in audit_lines(audit_of(sea.pk), frozenset())}
    assert {("Booking.com", "as a channel"), ("The house", "by a command")} <= named
    assert theirs.cancel_reason == "cancelled by Booking.com"
    assert stay_shown(sea, theirs.pk, ()).source == "Booking.com"
    (card,) = guest_rows([theirs.pk], Audience(sea.pk, frozenset())).values()
    assert (card.source, card.external) == ("Booking.com", sold["id"])
    told = [one.told for one in feed(Audience(sea.pk, frozenset({"reservation_view"}))).lines]
    assert ("Booking.com", True) in {(one.actor, one.line.text.startswith("Booking.com: ")) for one in told}


@pytest.mark.parametrize("mark", ["status", "info", "empty", "total"])
def test_every_sign_of_a_cancellation_is_understood(site: Sandbox, sea: Property, pull, mark: str):
    sold = site.book(sea)
    pull()

    site.do("cancel", id=sold["id"], mark=mark)
    pull()

    assert Reservation.objects.get().status == "cancelled" and left(sea, "DBL") == 2


def test_a_booking_again_after_the_cancellation_is_booked_again(site: Sandbox, sea: Property, pull):
    sold = site.book(sea)
    pull()
    site.do("cancel", id=sold["id"])
    pull()

    site.redate(sea, sold, nights=2)
    pull()

    stay = Reservation.objects.get()
    assert (stay.status, stay.night_count) == ("confirmed", 2) and Booking.objects.count() == 1
    assert_counts_are_right(sea)


def test_empty_queues_leave_no_trace(site: Sandbox, sea: Property, pull):
    assert pull().asked

    assert not InboxMessage.objects.exists() and not CallLog.objects.exists()
    assert site.do("state")["violations"] == []


def site_day(hotel: Property, days: int):
    import datetime as dt

    return hotel.business_date + dt.timedelta(days=days)
