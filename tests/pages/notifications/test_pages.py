"""The page of the feed, and the bell in the frame: whose they are, and what a click does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications.fragments import ACTIVITY_LINE
from notifications.models import Notification
from notifications.selectors.feed import feed
from pms.accounts.models import User
from pms.events import worker
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark
from reservations.drafts import ExternalRef
from tests.committed import commit
from tests.factories.reservations import make_booking, open_for_sale
from tests.live import sight


@pytest.fixture
def sea(hotel: Property, hugo: User) -> Property:
    """SEA with a booking from a channel, of which Hugo was told."""
    open_for_sale(hotel)
    make_booking(hotel=hotel, external_ref=ExternalRef(system="booking_com", id="4711"), name="Nora Neu")
    commit(run=False)
    worker.deliver_due()
    return hotel


def url(name: str, hotel: Property, *rest: Any) -> str:
    return reverse(f"notifications:{name}", args=[hotel.code, *rest])


def get(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_feed_is_live_and_drawn_like_the_piece(client: Client, sea: Property, hugo: User) -> None:
    client.force_login(hugo)

    html = get(client, url("list_activity", sea))

    assert f'data-live-topics="activity_line activity_names business_date:{sea.pk} channel_attention:{sea.pk}"' in html
    audience = audience_of(hugo, sea.pk)
    newest = feed(audience).lines[0].pk
    assert sight(ACTIVITY_LINE.render(newest, audience)) in re.sub(r"\s+", " ", sight(html))
    assert "Nora Neu" in html


def test_an_older_page_says_between_which_places_it_stands(client: Client, sea: Property, maria: User) -> None:
    for _turn in range(60):
        room_mark(room_id=Room.objects.get(property=sea, number="101").pk, condition="dirty")
        room_mark(room_id=Room.objects.get(property=sea, number="101").pk, condition="clean")
    commit(run=False)
    client.force_login(maria)
    newest = get(client, url("list_activity", sea))
    older = re.search(r"\?before=\d+", newest)
    assert older is not None

    html = get(client, url("list_activity", sea) + older.group())

    (end,) = re.findall(r'data-to="(\w+)"', newest)
    (begin,) = re.findall(r'data-from="(\w+)"', html)
    assert begin == end  # nothing between the pages, nothing on both
    assert newest.count('id="activity-line-') == 50 and 'data-from="' not in newest
    assert "Newest" in html


def test_everybody_who_works_here_reads_it_and_nobody_else(
    client: Client, sea: Property, maria: User, eve: User
) -> None:
    client.force_login(maria)
    html = get(client, url("list_activity", sea))
    assert "Nora Neu" not in html
    assert "Booking.com: Double" in html

    client.force_login(eve)
    for name in ("list_activity", "show_bell"):
        assert client.get(url(name, sea)).status_code == 404
    client.logout()
    assert client.get(url("list_activity", sea)).status_code == 302


def test_the_bell_counts_what_is_unread(client: Client, sea: Property, hugo: User, maria: User) -> None:
    client.force_login(hugo)
    assert "Notifications, 1 unread" in get(client, url("list_activity", sea))

    client.force_login(maria)
    assert "unread" not in get(client, url("list_activity", sea)).partition('id="bell"')[2].partition("</summary")[0]


def test_the_open_bell_lists_what_was_told(client: Client, sea: Property, hugo: User) -> None:
    client.force_login(hugo)

    panel = get(client, url("show_bell", sea), **{"HX-Request": "true"})

    assert "Nora Neu" in panel
    assert 'id="bell"' not in panel


def test_a_page_that_hears_the_bell_fetches_the_bell_alone(client: Client, sea: Property, hugo: User) -> None:
    client.force_login(hugo)

    html = get(client, url("show_bell", sea), **{"X-Live": "refetch"})

    assert html.strip().splitlines()[-1].strip() == "</details>"
    assert "<html" not in html
    assert "Notifications, 1 unread" in html
    assert "Nora Neu" in html


def test_a_click_reads_it_and_opens_the_stay(client: Client, sea: Property, hugo: User) -> None:
    told = Notification.objects.get(user=hugo)
    client.force_login(hugo)

    answer = client.post(url("open_notification", sea, told.pk))

    told.refresh_from_db()
    assert told.read_at is not None
    assert answer.status_code == 302
    assert answer["Location"].startswith("/h/SEA/reservations/")


def test_somebody_elses_notification_is_not_there(client: Client, sea: Property, hugo: User, maria: User) -> None:
    told = Notification.objects.get(user=hugo)
    client.force_login(maria)

    assert client.post(url("open_notification", sea, told.pk)).status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_reading_changes_nothing_by_a_get(client: Client, sea: Property, hugo: User) -> None:
    client.force_login(hugo)

    assert client.get(url("read_all", sea)).status_code == 405
    assert Notification.objects.filter(user=hugo, read_at=None).exists()


def test_all_can_be_read_at_once(client: Client, sea: Property, hugo: User) -> None:
    client.force_login(hugo)

    html = client.post(url("read_all", sea), headers={"HX-Request": "true"}).content.decode()

    assert not Notification.objects.filter(user=hugo, read_at=None).exists()
    assert 'id="bell"' in html
    assert "unread" not in html.partition("</summary")[0]


def test_a_guests_name_is_text(client: Client, sea: Property, hugo: User) -> None:
    make_booking(hotel=sea, name='<img src=x onerror="alert(1)"> Neu')
    commit(run=False)
    client.force_login(hugo)

    html = get(client, url("list_activity", sea))

    assert "<img src=x" not in html
    assert "&lt;img src=x" in html
