"""Rights narrow and close open pages within two seconds; after that nothing protected arrives."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pms.accounts.models import User
from pms.accounts.services import user_set_active
from pms.events import bell
from pms.live import hub as hub_module
from pms.live.hub import Hub
from pms.live.sockets import Close
from properties.models import Membership, Property, Room
from properties.services import room_mark, staff_remove, staff_set_roles
from tests.live import Listener, listen

# As many as a person with a browser that forgets nothing has open.
MANY_PAGES = 200

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@in_thread
def give_roles(hotel: Property, user: User, roles: list[str]) -> None:
    """Give the member other roles, as a manager would."""
    member = Membership.objects.get(property=hotel, user=user)
    staff_set_roles(membership_id=member.pk, roles=roles)


@in_thread
def remove(hotel: Property, user: User) -> None:
    """Take the member out of the hotel."""
    member = Membership.objects.get(property=hotel, user=user)
    staff_remove(membership_id=member.pk)


@in_thread
def mark(room: Room, condition: str) -> None:
    """Mark the room as a housekeeper would."""
    room_mark(room_id=room.pk, condition=condition)


async def test_a_lowered_role_is_told_and_buttons_are_not_drawn_any_more(
    hub: Hub, hotel: Property, room: Room, hugo: User
) -> None:
    page = await listen(hub, hugo, hotel.pk, "room_card")
    await page.until(lambda screen: "news" in screen.kinds() or "resync" in screen.kinds())

    await give_roles(hotel, hugo, ["reservations"])

    assert await page.until(lambda screen: "rights" in screen.kinds()) < 2.0
    await mark(room, "dirty")
    await page.until(lambda screen: 'data-condition="dirty"' in screen.pieces.get(f"room-card-{room.pk}", ""))
    assert "hx-post" not in page.screen.pieces[f"room-card-{room.pk}"]


async def test_rights_are_read_once_for_all_pages_of_a_person(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [await listen(hub, hugo, hotel.pk, "room_card") for _page in range(MANY_PAGES)]
    asked: list[int] = []
    read = hub_module._rights_now

    def counted(*whose: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            found = read(*whose)
        asked.append(len(queries))
        return found

    monkeypatch.setattr(hub_module, "_rights_now", counted)
    monkeypatch.setattr(hub_module, "HEARTBEAT", 600.0)

    await give_roles(hotel, hugo, ["reservations"])

    for page in pages:
        await page.until(lambda screen: "rights" in screen.kinds())
    # The hint, and at most one look of a heartbeat that was on its way.
    assert len(asked) <= 2
    assert sum(asked) < MANY_PAGES


async def test_somebody_taken_out_of_the_hotel_loses_the_page_and_hears_no_more(
    hub: Hub, hotel: Property, room: Room, maria: User
) -> None:
    page = await listen(hub, maria, hotel.pk, "room_card")

    await remove(hotel, maria)

    await wait_closed(page, 2.0)
    heard = len(page.screen.messages)
    await mark(room, "dirty")
    await asyncio.sleep(0.5)
    assert len(page.screen.messages) == heard


async def test_a_disabled_person_loses_the_page(hub: Hub, hotel: Property, maria: User) -> None:
    page = await listen(hub, maria, hotel.pk, "room_card")

    await in_thread(user_set_active)(user_id=maria.pk, active=False)

    await wait_closed(page, 2.0)


async def test_with_redis_dead_the_heartbeat_closes_the_page(
    hub: Hub, hotel: Property, maria: User, monkeypatch: pytest.MonkeyPatch, quick_heart: None
) -> None:
    page = await listen(hub, maria, hotel.pk, "room_card")
    monkeypatch.setattr(bell, "send", lambda channel, hint: None)

    await in_thread(user_set_active)(user_id=maria.pk, active=False)

    await wait_closed(page, 5.0)


async def test_without_hint_and_heartbeat_the_page_would_stay_open(
    hub: Hub, hotel: Property, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: these two are what closes it."""
    monkeypatch.setattr("pms.live.hub.HEARTBEAT", 3600.0)
    page = await listen(hub, maria, hotel.pk, "room_card")
    monkeypatch.setattr(bell, "send", lambda channel, hint: None)

    await in_thread(user_set_active)(user_id=maria.pk, active=False)

    with pytest.raises(TimeoutError):
        await wait_closed(page, 1.0)


async def wait_closed(page: Listener, seconds: float) -> None:
    """Wait until the hub has closed the page, and see that it was for lack of rights."""
    await asyncio.wait_for(page.gone.wait(), seconds)
    assert page.closed == Close.RIGHTS
