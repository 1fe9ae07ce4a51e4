"""How often a client may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings

from pms.api import throttle
from tests.api.partner import Partner, make_token, problem

MakePartner = Callable[..., Partner]


def test_the_sixth_request_of_five_a_minute_is_429(partner_with: MakePartner) -> None:
    partner = partner_with("*", rate=5)
    left = []
    for _ in range(5):
        answer = partner.get("rooms")
        assert answer.status_code == 200
        assert answer["RateLimit-Limit"] == "5"
        assert 0 < int(answer["RateLimit-Reset"]) <= 61
        left.append(answer["RateLimit-Remaining"])
    assert left == ["4", "3", "2", "1", "0"]

    refused = partner.get("rooms")
    told = problem(refused, 429, "rate_limited")
    assert 0 < int(refused["Retry-After"]) <= 61
    assert told["retry_after"] == int(refused["Retry-After"])
    assert refused["RateLimit-Remaining"] == "0"


def test_refused_requests_do_not_count_and_another_token_of_the_client_does_not_help(
    partner_with: MakePartner,
) -> None:
    partner = partner_with("*", rate=2)
    for _ in range(5):
        partner.get("rooms")
    partner.token = make_token(partner.client)
    problem(partner.get("rooms"), 429, "rate_limited")
    counted = redis.Redis.from_url(settings.REDIS_URL).hvals(f"{settings.REDIS_PREFIX}:rate:client:{partner.client.pk}")
    assert sum(map(int, counted)) == 2


def test_a_refused_scope_counts_too(partner_with: MakePartner) -> None:
    partner = partner_with("rooms.read", rate=1)
    problem(partner.get(""), 403, "insufficient_scope")
    problem(partner.get("rooms"), 429, "rate_limited")


def test_clients_do_not_share_a_limit(partner_with: MakePartner) -> None:
    one, two = partner_with("*", rate=1, name="One"), partner_with("*", rate=1, name="Two")
    assert one.get("rooms").status_code == 200
    assert two.get("rooms").status_code == 200


def test_no_more_than_the_limit_in_any_sixty_seconds() -> None:
    """Forged counts of earlier seconds: 61 seconds count, what is older does not."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    now = int(server.time()[0])
    key = f"{settings.REDIS_PREFIX}:rate:old"
    server.hset(key, mapping={str(now - 62): 50, str(now - 58): 4})
    first = throttle.take("old", 5)
    assert (first.allowed, first.remaining) == (True, 0)
    second = throttle.take("old", 5)
    assert not second.allowed
    assert 1 <= second.reset <= 3
    assert str(now - 62).encode() not in server.hkeys(key)


def test_without_redis_each_process_counts_alone_and_says_so(
    partner_with: MakePartner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> Any:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(throttle, "_script", gone)
    monkeypatch.setattr(throttle, "_quiet_until", 0.0)
    partner = partner_with("*", rate=2)
    assert [partner.get("rooms").status_code for _ in range(3)] == [200, 200, 429]
    assert "throttle.counts_alone" in caplog.text
