"""/metrics: closed to strangers, bounded, and true about what passed through; one line in the log for each request."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from prometheus_client import generate_latest

from pms.accounts.models import User
from pms.core import metrics
from pms.core.admission import Admission
from pms.events.models import Canary, Delivery, StreamEvent
from properties.models import Property, Room
from properties.services import room_mark
from tests.clients import signed_in
from tests.committed import commit

ROOT = Path(__file__).resolve().parents[2]


def figures() -> dict[str, float]:
    """Return every figure that is given now, by name and labels."""
    lines = [line for line in generate_latest(metrics.REGISTRY).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize(
    ("token", "allowed", "headers", "status"),
    [
        ("", [], {}, 404),
        ("", [], {"authorization": "Bearer "}, 404),
        ("s3cret", [], {}, 404),
        ("s3cret", [], {"authorization": "Bearer wrong"}, 404),
        ("s3cret", [], {"authorization": "Bearer s3cret"}, 200),
        ("", ["10.0.0.0/8"], {}, 404),
        ("", ["10.0.0.0/8", "127.0.0.0/8"], {}, 200),
    ],
)
@pytest.mark.django_db
def test_only_the_token_or_an_allowed_address_opens_it(
    client: Client, settings: Any, token: str, allowed: list[str], headers: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN, settings.METRICS_ALLOW = token, allowed

    answer = client.get("/metrics", headers=headers)

    assert answer.status_code == status
    assert (b"pms_requests_total" in answer.content) is (status == 200)


def test_requests_are_counted_by_route_and_status(hotel: Property, anna: User) -> None:
    browser = signed_in(anna)
    name = 'pms_requests_total{method="GET",route="properties:list_rooms",status="200"}'
    before = figures().get(name, 0)

    for _ in range(3):
        browser.get("/h/SEA/rooms/")
    browser.get("/h/XXX/rooms/")
    browser.get("/no/such/page/4711")

    found = figures()
    assert found[name] == before + 3
    assert found['pms_requests_total{method="GET",route="properties:list_rooms",status="404"}'] >= 1
    assert found['pms_requests_total{method="GET",route="unknown",status="404"}'] >= 1
    assert not [line for line in found if "4711" in line or "SEA" in line or str(hotel.pk) in line]


def test_each_request_is_one_line_in_the_log(hotel: Property, anna: User) -> None:
    with structlog.testing.capture_logs() as lines:
        signed_in(anna).get("/h/SEA/rooms/?guest=Lena", headers={"X-Request-ID": "abcdefgh12345678"})

    [line] = [line for line in lines if line["event"] == "request"]
    assert line["duration_ms"] > 0
    assert {name: line[name] for name in ("method", "route", "status", "user", "hotel")} == {
        "method": "GET", "route": "properties:list_rooms", "status": 200, "user": str(anna.pk), "hotel": "SEA",
    }  # fmt: skip
    assert "Lena" not in str(line)


def test_what_is_owed_and_the_canary_are_read_when_asked(hotel: Property, room: Room, settings: Any) -> None:
    room_mark(room_id=room.pk, condition="dirty")
    commit(run=False)
    event = StreamEvent.objects.filter(property_id=hotel.pk).latest("pk")
    for number, state in enumerate([Delivery.State.PENDING, Delivery.State.PARKED, Delivery.State.PARKED]):
        other = event if number == 0 else StreamEvent.objects.filter(property_id=hotel.pk).order_by("pk")[number]
        Delivery.objects.create(event=other, receiver="house.teller", property_id=hotel.pk, state=state)
    Canary.objects.create(
        queue=settings.CANARY_QUEUES[0], arrived_at=timezone.now() - dt.timedelta(seconds=30), round_trip_ms=250
    )

    found = figures()

    assert found['pms_outbox_pending{receiver="house.teller"}'] == 1
    assert found['pms_outbox_parked{receiver="house.teller"}'] == 2
    assert 30 <= found['pms_canary_age_seconds{queue="work"}'] < 90
    assert found['pms_canary_round_trip_seconds{queue="work"}'] == 0.25
    assert not [name for name in found if name.startswith("pms_gauge_failed{")]


def test_a_gauge_that_fails_takes_no_other_along(hotel: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.GAUGES, "known", dict(metrics.GAUGES.known))
    metrics.gauge("pms_broken", "Breaks.", lambda: [([], 1 / 0)])

    found = figures()

    assert found['pms_gauge_failed{gauge="pms_broken"}'] == 1
    assert "pms_audit_lag_seconds" in found


def test_a_refused_sign_in_is_counted(client: Client, hotel: Property, anna: User) -> None:
    before = figures()["pms_sign_ins_failed_total"]

    client.post("/account/login/", {"login": anna.email, "password": "wrong"})

    assert figures()["pms_sign_ins_failed_total"] == before + 1


async def test_the_line_of_admission_is_measured() -> None:
    inside, go = asyncio.Event(), asyncio.Event()

    async def slow(_scope: Any, _receive: Any, _send: Any) -> None:
        inside.set()
        await go.wait()

    async def sent(_message: Any) -> None:
        """Nobody listens."""

    door = Admission(slow, at_work=1, patience=0.2, refusal=lambda _path: HttpResponse(status=503))
    ask = {"type": "http", "path": "/"}
    before = metrics.TURNED_AWAY._value.get()
    first = asyncio.create_task(door(ask, None, sent))  # type: ignore[arg-type]
    await inside.wait()
    second = asyncio.create_task(door(ask, None, sent))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert (metrics.AT_WORK._value.get(), metrics.LINE._value.get()) == (1, 1)
    await second
    go.set()
    await first
    assert (metrics.AT_WORK._value.get(), metrics.LINE._value.get()) == (0, 0)
    assert metrics.TURNED_AWAY._value.get() == before + 1


@pytest.mark.django_db
def test_the_names_are_those_of_the_guide() -> None:
    guide = (ROOT / "docs/operations.md").read_text()
    given = set(metrics.GAUGES.known) | {
        family.name for family in metrics.REGISTRY.collect() if not family.name.endswith("_created")
    }

    assert [name for name in sorted(given) if not re.search(rf"`{name}(?:_total)?[`{{]", guide)] == []
