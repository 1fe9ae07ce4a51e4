"""A day of room 101 as Maria's phone sees it: booked, arrived, left; and as Hugo's feed tells it. Over the real hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from housekeeping.fragments import MY_ROOM_CARD
from pms.accounts.models import User
from pms.events.selectors import stream_head
from pms.live.hub import Hub
from pms.live.pages import audience_of
from properties.models import Property, Room
from reservations.services.front_desk import reservation_check_out
from tests.factories.housekeeping import guest_in
from tests.factories.reservations import open_for_sale
from tests.live import Listener, Screen, listen, sight

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@pytest_asyncio.fixture
async def hub(transactional_db: Any) -> AsyncIterator[Hub]:
    """A hub of this test alone."""
    running = Hub()
    yield running
    await running.stop()


async def open_page(hub: Hub, user: User, hotel: Property, *topics: str) -> Listener:
    """Open a page that was drawn just now."""
    now = await in_thread(stream_head)(hotel.pk)
    return await listen(hub, user, hotel.pk, *topics, seq=now.seq, epoch=now.epoch)


def shows(dom_id: str, text: str) -> Callable[[Screen], bool]:
    return lambda screen: text in screen.pieces.get(dom_id, "")


def tells(text: str) -> Callable[[Screen], bool]:
    return lambda screen: any(text in piece for piece in screen.pieces.values())


async def test_a_room_from_booking_to_cleaning(hub: Hub, hotel: Property, maria: User, hugo: User) -> None:
    await in_thread(open_for_sale)(hotel, nights=5)
    room = await in_thread(Room.objects.select_related("property", "room_type").get)(property=hotel, number="101")
    card = MY_ROOM_CARD.dom_id(room.pk)
    phone = await open_page(hub, maria, hotel, "my_room_card", "rooms_done")
    desk = await open_page(hub, hugo, hotel, "activity_line")

    stay = await in_thread(guest_in)(room, name="Helene Brandt", adults=2)
    await phone.until(shows(card, "Arrived today · 2 guests"))
    await desk.until(tells("Helene Brandt checked in to room 101"))

    await in_thread(reservation_check_out)(hotel=hotel, reservation_id=stay.pk, accepted={"early_departure"})
    await phone.until(shows(card, 'data-condition="dirty"'))
    await phone.until(shows(f"rooms-done-{hotel.pk}", "3 of 4 done"))
    await desk.until(tells("Helene Brandt checked out of room 101"))

    fresh = await in_thread(lambda: MY_ROOM_CARD.render(room.pk, audience_of(maria, hotel.pk)))()
    await phone.until(lambda screen: sight(screen.pieces[card]) == sight(fresh))
    assert "Brandt" not in "".join(phone.screen.pieces.values())
    await phone.leave()
    await desk.leave()
