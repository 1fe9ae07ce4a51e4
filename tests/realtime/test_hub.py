"""The hub keeps every open page equal to the server, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from pms.accounts.models import User
from pms.events import bell
from pms.events.models import StreamHead
from pms.events.selectors import stream_head
from pms.live import batches
from pms.live.hub import Hub
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import Listener, draw_all, fragment, listen, sight

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@in_thread
def mark(room: Room, condition: str) -> None:
    """Mark the room as a housekeeper would."""
    room_mark(room_id=room.pk, condition=condition)


@in_thread
def head(hotel: Property) -> Any:
    """Return where the hotel's stream stands."""
    return stream_head(hotel.pk)


async def at_head(hub: Hub, user: User, hotel: Property, *topics: str) -> Listener:
    """Open a page that was drawn just now."""
    now = await head(hotel)
    return await listen(hub, user, hotel.pk, *topics, seq=now.seq, epoch=now.epoch)


async def equal_to_the_server(page: Listener, hotel: Property, user: User) -> None:
    """Assert that every card the page got is what a fresh page shows."""

    @in_thread
    def fresh() -> dict[str, str]:
        rooms = list(Room.objects.filter(property=hotel).values_list("pk", flat=True))
        return draw_all(fragment("room_card"), rooms, audience_of(user, hotel.pk))

    drawn = await fresh()
    assert page.screen.pieces, "the page was told nothing"
    for dom_id, html in page.screen.pieces.items():
        if dom_id.startswith("room-card-"):
            assert sight(html) == sight(drawn[dom_id])


async def test_a_commit_reaches_another_page(hub: Hub, hotel: Property, room: Room, hugo: User) -> None:
    page = await at_head(hub, hugo, hotel, "room_card")

    await mark(room, "dirty")

    took = await page.until(
        lambda screen: any("is-dirty" in html or "dirty" in html for html in screen.pieces.values())
    )
    assert took < 2.0
    await equal_to_the_server(page, hotel, hugo)


async def test_a_page_that_cannot_be_served_leaves_nothing_behind(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_named: Any) -> None:
        raise ValueError("a broken fragment")

    monkeypatch.setattr(batches, "read", broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            await listen(hub, hugo, hotel.pk, "room_card")

    assert (hub.feeds, hub.people) == ({}, {})
    assert not any(hotel.pk.hex in name.replace("-", "") for name in hub.ear.channels)


async def test_only_subscribed_pieces_travel(hub: Hub, hotel: Property, room: Room, hugo: User) -> None:
    other = await sync_to_async(Room.objects.exclude(pk=room.pk).filter(property=hotel).first)()
    assert other is not None
    page = await at_head(hub, hugo, hotel, f"room_card:{room.pk}")

    await mark(other, "dirty")
    await mark(room, "dirty")

    await page.until(lambda screen: bool(screen.pieces))
    assert list(page.screen.pieces) == [f"room-card-{room.pk}"]


async def test_a_page_that_shows_nothing_of_it_hears_only_the_number(
    hub: Hub, hotel: Property, room: Room, hugo: User, quick_heart: None
) -> None:
    page = await at_head(hub, hugo, hotel, "reservation_row")
    before = page.screen.seq

    await mark(room, "dirty")

    await page.until(lambda screen: screen.seq > before)
    assert set(page.screen.kinds()[1:]) <= {"beat", "news"}
    assert page.screen.told == []


async def test_news_in_the_middle_of_catching_up_do_not_move_the_page_on(
    hub: Hub, hotel: Property, room: Room, hugo: User, monkeypatch: pytest.MonkeyPatch, quick_heart: None
) -> None:
    """Had the line broken then, the page would never ask for what it had not been told yet."""
    page = await at_head(hub, hugo, hotel, "room_card")
    page.socket.catching_up = True
    before = page.screen.seq

    await mark(room, "dirty")

    await page.until(lambda screen: bool(screen.told))
    await page.until(lambda screen: screen.kinds()[-1] == "beat")
    assert page.screen.seq == before
    page.socket.catching_up = False
    await page.until(lambda screen: screen.seq > before)


async def test_a_page_that_slept_catches_up_by_number(hub: Hub, hotel: Property, room: Room, hugo: User) -> None:
    before = await head(hotel)
    await mark(room, "dirty")
    await mark(room, "clean")
    await mark(room, "touch_up")

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=before.seq, epoch=before.epoch)

    await page.until(lambda screen: screen.seq == before.seq + 6)  # each mark: the row and the event
    assert len(page.screen.told) == 1  # three changes of one card are drawn once
    assert page.screen.resyncs == 0
    await equal_to_the_server(page, hotel, hugo)


async def test_a_page_from_another_epoch_reads_itself_anew(hub: Hub, hotel: Property, hugo: User) -> None:
    now = await head(hotel)

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=now.seq, epoch="00000000-0000-0000-0000-000000000000")

    await page.until(lambda screen: screen.resyncs == 1)
    assert page.screen.epoch == now.epoch


async def test_a_page_ahead_of_a_restored_database_reads_itself_anew(hub: Hub, hotel: Property, hugo: User) -> None:
    now = await head(hotel)

    page = await listen(hub, hugo, hotel.pk, "room_card", seq=now.seq + 1000, epoch=now.epoch)

    await page.until(lambda screen: screen.resyncs == 1)
    assert page.screen.seq == now.seq


async def test_a_lost_hint_is_found_by_the_heartbeat(
    hub: Hub, hotel: Property, room: Room, hugo: User, monkeypatch: pytest.MonkeyPatch, quick_heart: None
) -> None:
    page = await at_head(hub, hugo, hotel, "room_card")
    monkeypatch.setattr(bell, "send", lambda channel, hint: None)

    await mark(room, "dirty")

    await page.until(lambda screen: bool(screen.pieces))
    await equal_to_the_server(page, hotel, hugo)


async def test_without_the_heartbeat_a_lost_hint_stays_lost(
    hub: Hub, hotel: Property, room: Room, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the heartbeat that heals, nothing else."""
    monkeypatch.setattr("pms.live.hub.HEARTBEAT", 3600.0)
    page = await at_head(hub, hugo, hotel, "room_card")
    monkeypatch.setattr(bell, "send", lambda channel, hint: None)

    await mark(room, "dirty")

    with pytest.raises(AssertionError, match="not seen"):
        await page.until(lambda screen: bool(screen.pieces), seconds=1.5)


async def test_a_new_epoch_while_the_page_is_open_is_a_resync(
    hub: Hub, hotel: Property, room: Room, hugo: User, quick_heart: None
) -> None:
    await mark(room, "dirty")
    page = await at_head(hub, hugo, hotel, "room_card")

    @in_thread
    def restore() -> None:
        StreamHead.objects.filter(property_id=hotel.pk).update(seq=1, epoch="11111111-1111-4111-8111-111111111111")

    await restore()

    await page.until(lambda screen: screen.resyncs >= 1)
    assert page.screen.seq == 1
    assert page.screen.epoch == "11111111-1111-4111-8111-111111111111"


async def test_a_hotel_sees_nothing_of_another(
    hub: Hub, hotel: Property, room: Room, other_hotel: Property, eve: User
) -> None:
    stranger = await at_head(hub, eve, other_hotel, "room_card", "room_counts")

    await mark(room, "dirty")
    await asyncio.sleep(0.5)

    assert not stranger.screen.pieces
    assert "resync" not in stranger.screen.kinds()


async def test_a_burst_is_drawn_once_per_card(hub: Hub, hotel: Property, room: Room, hugo: User) -> None:
    page = await at_head(hub, hugo, hotel, "room_card")

    @in_thread
    def toggle() -> None:
        for _ in range(10):
            room_mark(room_id=room.pk, condition="dirty")
            room_mark(room_id=room.pk, condition="clean")

    await toggle()
    now = await head(hotel)
    await page.until(lambda screen: screen.seq >= now.seq)
    assert len(page.screen.told) < 20
    await equal_to_the_server(page, hotel, hugo)


async def test_the_last_page_of_a_hotel_ends_its_subscription(hub: Hub, hotel: Property, hugo: User) -> None:
    page = await at_head(hub, hugo, hotel, "room_card")
    assert len(hub.ear.channels) == 2

    await page.leave()

    assert hub.feeds == {}
    assert hub.people == {}
    assert hub.ear.channels == set()
