"""The pretended site is as strict as the real one: what it would not take there, it does not take here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from channel_manager.channels.booking_com import messages
from channel_manager.channels.opentravel import availability_message
from channel_manager.drafts import Acknowledgement, AvailabilityRun
from tests.factories.channels import Sandbox

NEW, MODIFY = "/hotels/ota/OTA_HotelResNotif", "/hotels/ota/OTA_HotelResModifyNotif"
AVAILABILITY = "/hotels/ota/OTA_HotelAvailNotif"
EXCHANGE = "/token-based-authentication/exchange"
XML = {"Content-Type": "application/xml"}
TODAY = dt.datetime.now(dt.UTC).date()
ROOM = "90010002"


@pytest.fixture
def partner(site: Sandbox) -> httpx.Client:
    """A hotel's machine that is signed in."""
    return signed_in(site, "sandbox", "sandbox-secret")


def signed_in(site: Sandbox, client_id: str, secret: str) -> httpx.Client:
    token = site.http.post(EXCHANGE, json={"client_id": client_id, "client_secret": secret}).json()["jwt"]
    return httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def booked(site: Sandbox, **facts: Any) -> dict[str, Any]:
    room = {"room": ROOM, "arrival": TODAY.isoformat(), "departure": (TODAY + dt.timedelta(days=1)).isoformat()}
    return site.do("book", rooms=[room], **facts)


def ack(queue: str, number: str) -> bytes:
    return messages.acknowledgement(queue, [Acknowledgement(number, ((number, "14"),), "OURS")]).encode()


def runs(**facts: Any) -> bytes:
    values = {"room": ROOM, "first": TODAY, "last": TODAY, "value": 3, **facts}
    return availability_message([AvailabilityRun(**values)]).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"client_id": "sandbox", "client_secret": "sandbox-secret"}, 200),
        ({"client_id": "sandbox", "client_secret": "wrong"}, 401),
        ({"client_id": "nobody", "client_secret": "x"}, 401),
        ({"client_id": "sandbox"}, 400),
    ],
)
def test_tokens_are_for_who_has_the_secret(site: Sandbox, body: dict[str, str], status: int):
    assert site.http.post(EXCHANGE, json=body).status_code == status


def test_thirty_tokens_an_hour(site: Sandbox):
    account = {"client_id": "sandbox", "client_secret": "sandbox-secret"}
    assert [site.http.post(EXCHANGE, json=account).status_code for _ in range(31)] == [200] * 30 + [429]


@pytest.mark.parametrize("path", [NEW, MODIFY, AVAILABILITY, "/hotels/xml/roomrates"])
def test_without_a_token_nothing_is_told(site: Sandbox, path: str):
    assert site.http.get(path).status_code == 401
    assert site.http.get(path, headers={"Authorization": "Bearer made-up"}).status_code == 401


def test_a_token_lives_an_hour(site: Sandbox, partner: httpx.Client):
    assert partner.get(NEW).status_code == 200
    site.do("forward", seconds=3601)

    assert partner.get(NEW).status_code == 401


def test_another_hotels_machine_sees_and_acknowledges_nothing(site: Sandbox):
    sold = booked(site)
    stranger = signed_in(site, "stranger", "stranger-secret")

    assert stranger.get(NEW).status_code == 403
    assert stranger.post(NEW, content=ack("new", sold["id"])).status_code == 403


def test_a_booking_waits_until_it_is_acknowledged_on_its_own_queue(site: Sandbox, partner: httpx.Client):
    sold = booked(site)
    assert sold["id"] in partner.get(NEW).text and sold["id"] in partner.get(NEW).text
    assert sold["id"] not in partner.get(MODIFY).text

    wrong = partner.post(MODIFY, content=ack("modify", sold["id"]))
    assert wrong.status_code == 400 and "wrong type" in wrong.text
    assert partner.post(NEW, content=ack("new", "1")).status_code == 404
    right = partner.post(NEW, content=ack("new", sold["id"]))

    assert right.status_code == 200 and "<Success/>" in right.text and "RUID" in right.text
    assert sold["id"] not in partner.get(NEW).text


def test_a_newer_version_has_to_be_fetched_before_it_is_acknowledged(site: Sandbox, partner: httpx.Client):
    sold = booked(site)
    partner.get(NEW)
    site.do("change", id=sold["id"], remarks="later")

    assert partner.post(NEW, content=ack("new", sold["id"])).status_code == 400
    assert "later" in partner.get(NEW).text
    assert partner.post(NEW, content=ack("new", sold["id"])).status_code == 200


@pytest.mark.parametrize("broken", [b"<a", b"<OTA_HotelResNotifRS/>", b""])
def test_an_incomplete_acknowledgement_is_refused(partner: httpx.Client, broken: bytes):
    assert partner.post(NEW, content=broken).status_code == 400


def test_a_card_comes_until_the_acknowledgement_only(site: Sandbox, partner: httpx.Client):
    sold = booked(site, card="4111111111111111")
    assert "4111111111111111" in partner.get(NEW).text
    partner.post(NEW, content=ack("new", sold["id"]))
    site.do("redeliver", id=sold["id"])

    assert "4111111111111111" not in partner.get(NEW).text


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"room": "1"}, "ROOM_ID_INVALID"),
        ({"value": 255}, "ROOMS_TO_SELL_INVALID"),
        ({"value": -1}, "ROOMS_TO_SELL_INVALID"),
        ({"last": TODAY - dt.timedelta(days=1)}, "FROM_DATE_SHOULD_BE_LESS_THAN_TO_DATE"),
        ({"first": dt.date(1999, 1, 1), "last": dt.date(1999, 1, 1)}, "NOT_A_VALID_DATE"),
        ({"last": TODAY + dt.timedelta(days=3000)}, "DATES_TOO_FAR_OR_INVALID"),
    ],
)
def test_availability_that_cannot_be_is_refused(partner: httpx.Client, facts: dict[str, Any], why: str):
    answer = partner.post(AVAILABILITY, content=runs(**facts), headers=XML)

    assert answer.status_code == 400 and why in answer.text and "<Success/>" not in answer.text


def test_availability_counts_line_by_line(site: Sandbox, partner: httpx.Client):
    lines = [AvailabilityRun(ROOM, TODAY, TODAY, 2), AvailabilityRun("1", TODAY, TODAY, 2)]
    answer = partner.post(AVAILABILITY, content=availability_message(lines).encode(), headers=XML)

    assert answer.status_code == 200 and 'RecordID="2"' in answer.text and "RUID" in answer.text
    assert site.available() == {(ROOM, TODAY.isoformat()): 2}


def test_a_date_told_twice_counts_once_and_warns(site: Sandbox, partner: httpx.Client):
    lines = [AvailabilityRun(ROOM, TODAY, TODAY, 2), AvailabilityRun(ROOM, TODAY, TODAY, 5)]
    answer = partner.post(AVAILABILITY, content=availability_message(lines).encode(), headers=XML)

    assert "WARN_DUPLICATE_DATES" in answer.text and site.available() == {(ROOM, TODAY.isoformat()): 2}


def test_availability_has_to_be_xml(partner: httpx.Client):
    assert partner.post(AVAILABILITY, content=runs(), headers={"Content-Type": "text/plain"}).status_code == 400
    assert partner.post(AVAILABILITY, content=b"<a>", headers=XML).status_code == 400
    assert partner.post(AVAILABILITY, content=runs(), headers=XML).status_code == 200


def test_a_person_books_changes_and_cancels(site: Sandbox):
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    form = {
        "hotel": "900100",
        "guest": "Ada <b>Muster</b>",
        "room": ROOM,
        "arrival": TODAY.isoformat(),
        "departure": tomorrow,
    }
    assert site.http.post("/book", data=form).status_code == 302
    (number,) = site.do("state")["bookings"]

    page = site.http.get("/").text
    assert number in page and "<b>Muster" not in page
    dates = {"arrival": TODAY.isoformat(), "departure": (TODAY + dt.timedelta(days=3)).isoformat()}
    site.http.post(f"/bookings/{number}/change", data=dates)
    assert len(site.booking(number)["stays"][0]["nights"]) == 3
    site.http.post(f"/bookings/{number}/cancel")
    assert site.booking(number)["cancelled"]
    assert site.http.post("/book", data={**form, "departure": TODAY.isoformat()}).status_code == 400
