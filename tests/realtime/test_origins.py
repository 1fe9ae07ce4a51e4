"""From where a socket may be opened: our own pages, by the way that the site is reached."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from pms.live.origins import OwnOrigin

HOUSE = "pms.hotel.example"


async def opens(*headers: tuple[str, str]) -> bool:
    """Tell whether a handshake with these headers reaches the application."""

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    raw = [(name.encode(), value.encode()) for name, value in headers]
    line = ApplicationCommunicator(OwnOrigin(application), {"type": "websocket", "path": "/", "headers": raw})
    await line.send_input({"type": "websocket.connect"})
    answer = await line.receive_output(5)
    return bool(answer["type"] == "websocket.accept")


@pytest.fixture
def secure(settings: Any) -> None:
    """An installation in production: https, behind a proxy."""
    settings.SECURE = settings.BEHIND_PROXY = True
    settings.ALLOWED_HOSTS = [HOUSE]
    settings.CSRF_TRUSTED_ORIGINS = [f"https://{HOUSE}"]


@pytest.mark.parametrize(
    "origin",
    [
        f"http://{HOUSE}",
        f"https://{HOUSE}.evil.example",
        f"https://evil.example/{HOUSE}",
        f"https://evil{HOUSE}",
        f"https://{HOUSE}:8443",
        f"https://{HOUSE}@evil.example",
        "null",
        "",
        "https://[",
    ],
)
async def test_a_page_that_is_not_ours_opens_nothing(secure: None, origin: str) -> None:
    assert not await opens(("host", HOUSE), ("origin", origin), ("x-forwarded-proto", "https"))


async def test_without_an_origin_nothing_opens(secure: None) -> None:
    assert not await opens(("host", HOUSE))


async def test_two_origins_are_none(secure: None) -> None:
    assert not await opens(("host", HOUSE), ("origin", f"https://{HOUSE}"), ("origin", "https://evil.example"))


@pytest.mark.parametrize("proto", ["http", "ws"])
async def test_what_came_without_tls_is_refused_whatever_it_says(secure: None, proto: str) -> None:
    assert not await opens(("host", HOUSE), ("origin", f"https://{HOUSE}"), ("x-forwarded-proto", proto))


async def test_a_host_that_is_not_ours_is_no_proof(secure: None) -> None:
    assert not await opens(("host", "evil.example"), ("origin", "https://evil.example"))


@pytest.mark.parametrize("proto", ["https", "wss", ""])
async def test_control_our_own_page_opens_it(secure: None, proto: str) -> None:
    assert await opens(("host", HOUSE), ("origin", f"https://{HOUSE}"), ("x-forwarded-proto", proto))


async def test_a_page_of_another_port_of_this_machine_is_somebody_else(settings: Any) -> None:
    """A browser gives it our cookies all the same."""
    settings.CSRF_TRUSTED_ORIGINS = []
    here = ("host", "127.0.0.1:8000")

    assert not await opens(here, ("origin", "http://127.0.0.1:9000"))
    assert await opens(here, ("origin", "http://127.0.0.1:8000")), "the control"
