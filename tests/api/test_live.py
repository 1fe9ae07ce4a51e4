"""The API as partners meet it: a real server, several requests at once, a real browser on the page of the API."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from playwright.sync_api import Browser

from pms.core.models import IdempotencyRecord
from pms.events.models import StreamEvent
from properties.models import Property, Room
from tests.api.partner import Partner, make_partner
from tests.race import together


@pytest.fixture
def live_hotel(transactional_db: Any, hotel: Property) -> Property:
    """SEA, where other processes see it."""
    return hotel


@pytest.fixture
def live(live_server_url: str) -> Iterator[httpx.Client]:
    """A connection pool to the server."""
    with httpx.Client(base_url=live_server_url, timeout=30) as client:
        yield client


def token_of(live: httpx.Client, partner: Partner) -> dict[str, str]:
    form = {"grant_type": "client_credentials"}
    answer = live.post("/identity/o/api/token", data=form, auth=(partner.client.oidc_id, partner.secret))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def wait_until_somebody_waits() -> None:
    """Return as soon as a connection waits for a lock of this test."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # The databases of other test processes live in the same server: only who waits for us counts.
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
    pytest.fail("Nobody waited for the lock.")


@pytest.mark.race
def test_ten_repeats_at_once_mark_the_room_once(live: httpx.Client, live_hotel: Property) -> None:
    headers = {**token_of(live, make_partner([live_hotel])), "Idempotency-Key": str(uuid.uuid4())}
    url, body = "/api/v1/properties/SEA/rooms/101/condition", {"condition": "dirty"}
    answers = together(*[lambda: live.post(url, json=body, headers=headers)] * 10)

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 409}
    assert statuses.count(200) >= 1
    done = [answer for answer in answers if answer.status_code == 200]
    assert sum("Idempotent-Replayed" not in answer.headers for answer in done) == 1
    assert len({answer.text for answer in done if "Idempotent-Replayed" in answer.headers}) <= 1
    assert all(answer.json() == done[0].json() for answer in done)
    for answer in answers:
        if answer.status_code == 409:
            assert (answer.json()["code"], answer.headers["Retry-After"]) == ("in_progress", "1")
    assert Room.objects.get(number="101").version == 2
    assert StreamEvent.objects.filter(code="room.marked").count() == 1
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.race
def test_control_without_a_key_each_request_is_an_act_of_its_own(live: httpx.Client, live_hotel: Property) -> None:
    headers = token_of(live, make_partner([live_hotel]))
    url = "/api/v1/properties/SEA/rooms/101/condition"
    for condition in ("dirty", "clean", "dirty"):
        answer = live.post(url, json={"condition": condition}, headers=headers)
        assert answer.status_code == 200
    assert StreamEvent.objects.filter(code="room.marked").count() == 3


@pytest.mark.race
def test_a_repeat_while_the_first_is_at_work_is_409_in_progress(live: httpx.Client, live_hotel: Property) -> None:
    headers = {**token_of(live, make_partner([live_hotel])), "Idempotency-Key": "slow"}
    url, body = "/api/v1/properties/SEA/rooms/101/condition", {"condition": "dirty"}
    found: list[httpx.Response] = []
    with transaction.atomic():
        Room.objects.select_for_update().get(number="101")  # the first request waits here
        first = threading.Thread(target=lambda: found.append(live.post(url, json=body, headers=headers)))
        first.start()
        wait_until_somebody_waits()
        second = live.post(url, json=body, headers=headers)
        assert (second.status_code, second.json()["code"]) == (409, "in_progress")
        assert second.headers["Retry-After"] == "1"
    first.join(20)
    assert found[0].status_code == 200
    again = live.post(url, json=body, headers=headers)
    assert (again.headers["Idempotent-Replayed"], again.json()) == ("true", found[0].json())


@pytest.mark.race
def test_a_room_that_is_held_too_long_is_503_with_a_time_to_come_back(live: httpx.Client, live_hotel: Property) -> None:
    headers = token_of(live, make_partner([live_hotel]))
    with transaction.atomic():
        Room.objects.select_for_update().get(number="101")
        answer = live.post("/api/v1/properties/SEA/rooms/101/condition", json={"condition": "dirty"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    assert Room.objects.get(number="101").condition == "clean"


@pytest.mark.race
def test_the_limit_is_one_for_the_server_and_this_process(live: httpx.Client, live_hotel: Property) -> None:
    partner = make_partner([live_hotel], rate=20)
    url = "/api/v1/properties/SEA/rooms"
    there = together(*[lambda: live.get(url, headers=partner.headers())] * 15)
    here = [partner.get("rooms") for _ in range(10)]
    assert sum(answer.status_code == 200 for answer in [*there, *here]) == 20
    assert here[-1].status_code == 429


def test_a_dry_run_rings_no_bell_and_spends_no_key(live: httpx.Client, live_hotel: Property) -> None:
    headers = {**token_of(live, make_partner([live_hotel])), "Idempotency-Key": "try"}
    before = StreamEvent.objects.count()
    url = "/api/v1/properties/SEA/rooms/101/condition"
    tried = live.post(f"{url}?dry_run=true", json={"condition": "dirty"}, headers=headers)
    assert (tried.status_code, tried.json()["condition"], tried.headers["Dry-Run"]) == (200, "dirty", "true")
    assert (StreamEvent.objects.count(), IdempotencyRecord.objects.count()) == (before, 0)
    assert Room.objects.get(number="101").condition == "clean"
    assert "Idempotent-Replayed" not in live.post(url, json={"condition": "dirty"}, headers=headers).headers


@pytest.mark.browser
def test_the_page_of_the_api_is_drawn_within_the_policy(
    live_server_url: str, transactional_db: Any, browser: Browser
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server_url}/api/v1/docs")
    page.get_by_text("Mark a room dirty, clean, inspected or for a touch-up").click()
    page.get_by_text("A fresh value for each new act").wait_for()
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_text("/identity/o/api/token").first.wait_for()
    page.goto(f"{live_server_url}/api/v1/docs/errors#rate_limited")
    assert page.locator("#rate_limited").inner_text().startswith("rate_limited")
    page.close()
    assert [line for line in said if line.startswith(("error", "warning"))] == [], asked
    assert [url for url in asked if not url.startswith((live_server_url, "data:"))] == []
