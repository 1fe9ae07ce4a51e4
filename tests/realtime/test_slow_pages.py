"""A page that does not read costs the others nothing, and reads itself anew once it is back."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import sync_to_async

from pms.accounts.models import User
from pms.live import sockets
from pms.live.hub import Hub
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import listen

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@in_thread
def many_changes(room: Room, times: int) -> None:
    """Change one room again and again."""
    for _ in range(times):
        room_mark(room_id=room.pk, condition="dirty")
        room_mark(room_id=room.pk, condition="clean")


async def test_a_stalled_page_is_bounded_and_resyncs(
    hub: Hub, hotel: Property, room: Room, hugo: User, maria: User, monkeypatch: pytest.MonkeyPatch, quick_heart: None
) -> None:
    monkeypatch.setattr(sockets, "MOST_UNREAD_BYTES", 4_000)
    stalled = await listen(hub, hugo, hotel.pk, "room_card")
    awake = await listen(hub, maria, hotel.pk, "room_card")
    stalled.reading.clear()

    await many_changes(room, 12)
    await awake.until(lambda screen: bool(screen.told))

    assert stalled.socket.lagging
    assert stalled.socket.sent - stalled.socket.read <= 4_000
    stalled.reading.set()
    await stalled.until(lambda screen: screen.resyncs >= 1 and not stalled.socket.lagging)


async def test_a_page_that_never_acknowledges_gets_no_more_than_the_limit(
    hub: Hub, hotel: Property, room: Room, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transport swallows everything (as a proxy may): only acknowledgements show that nobody reads."""
    monkeypatch.setattr(sockets, "MOST_UNREAD_BYTES", 4_000)
    page = await listen(hub, hugo, hotel.pk, "room_card")
    page.acknowledges = False

    await many_changes(room, 12)

    await asyncio.sleep(0.5)
    assert page.socket.lagging
    assert page.socket.sent <= 4_000


async def test_without_the_limit_a_stalled_page_would_pile_up(
    hub: Hub, hotel: Property, room: Room, hugo: User
) -> None:
    """The control: at the real limit a dozen changes are far from it."""
    page = await listen(hub, hugo, hotel.pk, "room_card")
    page.acknowledges = False
    sent = page.socket.sent

    await many_changes(room, 12)
    await page.until(lambda screen: bool(screen.told))

    assert not page.socket.lagging
    assert page.socket.sent > sent
