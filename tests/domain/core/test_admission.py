"""The door of a server process: never more at work than the pool has connections for, and the others wait in order."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse

from pms.api.views import too_many
from pms.core.admission import Admission
from pms.settings.environment import database

AT_WORK = 3


class House:
    """An application that counts who is inside; each request stays until `let_go`."""

    def __init__(self) -> None:
        self.inside, self.most, self.order = 0, 0, list[str]()
        self.doors = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.order.append(scope["path"])
        try:
            await self.doors.wait()
        finally:
            self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(app: Any, path: str, kind: str = "http") -> list[dict[str, Any]]:
    """Send one request and return what was answered."""
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app({"type": kind, "path": path}, None, send)
    return said


def door(house: House, *, patience: float = 5) -> Any:
    """Return the door of `house`."""
    return Admission(house, at_work=AT_WORK, patience=patience, refusal=too_many)


async def crowd(app: Any, house: House, size: int = 10) -> list[list[dict[str, Any]]]:
    """Let `size` ask at once, open the doors when all stand where they will, and return their answers."""
    waiting = [asyncio.create_task(ask(app, f"/{number}")) for number in range(size)]
    await asyncio.sleep(0.05)
    house.doors.set()
    return await asyncio.gather(*waiting)


async def test_the_others_wait_in_order_and_all_are_answered() -> None:
    house = House()

    answers = await crowd(door(house), house)

    assert house.most == AT_WORK
    assert house.order == [f"/{number}" for number in range(10)]
    assert [answer[0]["status"] for answer in answers] == [200] * 10


async def test_control_without_the_door_all_are_inside_at_once() -> None:
    house = House()

    await crowd(house, house)

    assert house.most == 10


async def test_who_waited_too_long_is_told_to_come_back_and_nobody_loses_the_place() -> None:
    house = House()
    app = door(house, patience=0.05)
    inside = [asyncio.create_task(ask(app, "/first")) for _ in range(AT_WORK)]
    await asyncio.sleep(0)

    api, page = await asyncio.gather(ask(app, "/api/v1/bookings"), ask(app, "/h/SEA/"))

    problem = json.loads(api[1]["body"])
    assert (api[0]["status"], problem["code"], problem["status"]) == (503, "busy", 503)
    assert dict(api[0]["headers"])[b"retry-after"] == b"1"
    assert dict(api[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert page[0]["status"] == 503
    assert b"catching its breath" in page[1]["body"]
    house.doors.set()
    await asyncio.gather(*inside)
    assert [(await ask(app, "/later"))[0]["status"] for _ in range(AT_WORK + 1)] == [200] * (AT_WORK + 1)


async def test_who_hangs_up_in_the_line_leaves_no_gap() -> None:
    house = House()
    app = door(house)
    inside = [asyncio.create_task(ask(app, "/first")) for _ in range(AT_WORK)]
    gone = asyncio.create_task(ask(app, "/gone"))
    patient = asyncio.create_task(ask(app, "/patient"))
    await asyncio.sleep(0)

    gone.cancel()
    house.doors.set()
    await asyncio.gather(*inside, patient)

    assert "/gone" not in house.order
    assert len(await crowd(app, house)) == 10


async def test_a_fault_inside_gives_the_place_back() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    app = Admission(broken, at_work=1, patience=0.05, refusal=lambda _path: HttpResponse(status=503))

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await ask(app, "/")


@pytest.mark.parametrize(("path", "kind"), [("/healthz", "http"), ("/readyz", "http"), ("/ws/h/SEA/", "websocket")])
async def test_probes_and_sockets_never_wait(path: str, kind: str) -> None:
    house = House()
    app = door(house)
    inside = [asyncio.create_task(ask(app, "/first")) for _ in range(AT_WORK)]
    await asyncio.sleep(0)

    probe = asyncio.create_task(ask(app, path, kind))
    await asyncio.sleep(0)

    assert house.inside == AT_WORK + 1
    house.doors.set()
    await asyncio.gather(*inside, probe)


def test_the_pool_has_a_connection_for_everybody_inside_and_some_for_sockets() -> None:
    pool = database("postgres://pms@localhost/pms", process="web")["OPTIONS"]["pool"]

    assert settings.ADMISSION["at_work"] < pool["max_size"]
