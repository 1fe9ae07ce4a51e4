"""A client set to 200 requests is held to them over two server processes, whatever address it claims (F8)."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from pms.runtime.testing import live_server
from properties.models import Property
from tests.api.partner import Partner, make_partner

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LIMIT, TRIES = 200, 480
# What the shared count looks back on (seconds); a machine that needs longer says nothing about it.
WINDOW = 60


def ask(servers: Sequence[str], partner: Partner, *, tries: int = TRIES) -> Counter[int]:
    """Return how often each status came, asking the servers by turns, each time from another claimed address."""
    began = time.monotonic()

    def one(number: int) -> int:
        forged = f"198.51.100.{number % 250}"
        headers = {**partner.headers(), "X-Forwarded-For": forged, "X-Real-IP": forged, "Forwarded": f"for={forged}"}
        answer = client.get(servers[number % len(servers)] + partner.url("room-types"), headers=headers)
        if answer.status_code == 429:
            assert 0 < int(answer.headers["Retry-After"]) <= WINDOW + 1
        return answer.status_code

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(one, range(tries)))
    assert time.monotonic() - began < WINDOW, "too slow to say anything: the count looks back on one minute"
    return statuses


def test_two_processes_hold_one_limit(hotel: Property) -> None:
    partner = make_partner([hotel], rate=LIMIT)

    with live_server() as one, live_server() as two:
        statuses = ask([one, two], partner)

    assert statuses == {200: LIMIT, 429: TRIES - LIMIT}


def test_control_counting_each_for_itself_lets_twice_as_many_through(hotel: Property) -> None:
    partner = make_partner([hotel], rate=LIMIT)

    alone = "tests.concurrency.counting_alone:application"
    with live_server(alone) as one, live_server(alone) as two:
        statuses = ask([one, two], partner)

    assert statuses == {200: 2 * LIMIT, 429: TRIES - 2 * LIMIT}


def test_two_processes_count_failed_sign_ins_of_one_place_whatever_it_claims(hotel: Property) -> None:
    with live_server() as one, live_server() as two:
        statuses = []
        for number in range(14):
            forged = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
            with httpx.Client(base_url=(one, two)[number % 2], timeout=60, headers=forged) as browser:
                browser.get("/account/login/")
                facts = {
                    "login": f"{uuid.uuid4().hex}@example.com",
                    "password": "not this one",
                    "csrfmiddlewaretoken": browser.cookies["csrftoken"],
                }
                statuses.append(browser.post("/account/login/", data=facts).status_code)

    assert statuses == [200] * 10 + [429] * 4
