"""Who is here, and who looks at or edits the same: told to those who may know it, and only as long as it is so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.test.utils import CaptureQueriesContext

from pms.accounts.models import User
from pms.live import hub as hub_module
from pms.live import places, presence, sockets
from pms.live.hub import Hub
from pms.live.pages import audience_of
from pms.live.sockets import Close
from properties.models import Property, Room
from properties.services import staff_remove
from reservations.models import Reservation
from tests.factories.reservations import make_reservation
from tests.live import Listener, listen
from tests.realtime.own_servers import OwnServer, own_valkey

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


@pytest_asyncio.fixture
async def other_hub(transactional_db: Any) -> AsyncIterator[Hub]:
    """The hub of another server process."""
    running = Hub()
    yield running
    await running.stop()


@pytest.fixture
def stay(hotel_for_sale: Property) -> Reservation:
    """A stay that both people open."""
    return make_reservation(hotel=hotel_for_sale)


@pytest.fixture
def hotel(hotel_for_sale: Property) -> Property:
    return hotel_for_sale


def said(html: str) -> str:
    """Return the words of a drawn piece."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r'<span class="avatar".*?</span>', " ", html)).split())


async def at(page: Listener, place: str, mode: str = "looking") -> Listener:
    """Let the page say where its reader is."""
    await page.hub.presence.say(page.socket, place, mode)
    return page


def reads(place: str, words: str) -> Any:
    """Return what asks whether a screen says these words of who is at the place; an empty text: nobody."""
    return lambda screen: said(screen.at.get(place, "")) == words


async def test_two_people_at_one_stay_hear_of_each_other_through_two_processes(
    hub: Hub, other_hub: Hub, hotel: Property, stay: Reservation, hugo: User, anna: User
) -> None:
    place = f"reservation:{stay.pk}"
    hugos = await at(await listen(hub, hugo, hotel.pk), place)
    annas = await at(await listen(other_hub, anna, hotel.pk), place)

    await hugos.until(reads(place, f"{anna.name} is looking at this"))
    await annas.until(reads(place, f"{hugo.name} is looking at this"))
    assert f'aria-label="{anna.name}, here now"' in hugos.screen.here
    await at(annas, place, "editing")
    await hugos.until(reads(place, f"{anna.name} is changing this"))
    assert f'aria-label="{anna.name}, editing"' in hugos.screen.here
    await at(annas, place, "")
    await hugos.until(reads(place, ""))
    await hugos.until(lambda screen: f"{anna.name}, here now" in screen.here)
    await annas.leave()
    assert await hugos.until(lambda screen: not screen.here) < 2.0


async def test_another_tab_of_mine_is_me_in_another_window(
    hub: Hub, hotel: Property, stay: Reservation, hugo: User
) -> None:
    place = f"reservation:{stay.pk}"
    first, second = [await at(await listen(hub, hugo, hotel.pk), place) for _tab in range(2)]

    await first.until(reads(place, "You, in another window"))
    await at(second, place, "editing")
    await first.until(reads(place, "You are changing this in another window"))
    assert not first.screen.here  # the frame shows others


async def test_who_may_not_see_it_neither_stands_there_nor_hears_of_it(
    hub: Hub, hotel: Property, stay: Reservation, room: Room, hugo: User, maria: User
) -> None:
    """Maria cleans: she sees rooms, no reservations."""
    place, open_place = f"reservation:{stay.pk}", f"room:{room.pk}"
    hugos = await at(await at(await listen(hub, hugo, hotel.pk), place), open_place)
    marias = await at(await at(await listen(hub, maria, hotel.pk), place), open_place)

    await hugos.until(reads(open_place, f"{maria.name} is looking at this"))
    await marias.until(reads(open_place, f"{hugo.name} is looking at this"))

    assert reads(place, "")(hugos.screen)
    assert place not in marias.screen.at


async def test_nothing_crosses_to_another_hotel(
    hub: Hub, hotel: Property, other_hotel: Property, stay: Reservation, hugo: User, eve: User
) -> None:
    place = f"reservation:{stay.pk}"
    hugos = await at(await listen(hub, hugo, hotel.pk), place)
    eves = await at(await listen(hub, eve, other_hotel.pk), place)
    await at(eves, f"hotel:{hotel.pk}")

    await at(await listen(hub, eve, other_hotel.pk), f"hotel:{other_hotel.pk}", "editing")
    await eves.until(lambda screen: not eves.socket.at)
    await asyncio.sleep(2 * presence.GATHER)

    assert not eves.socket.at
    assert hugos.screen.here == eves.screen.here == ""


async def test_somebody_taken_out_of_the_hotel_is_not_here_any_more(
    hub: Hub, hotel: Property, hugo: User, maria: User
) -> None:
    hugos = await listen(hub, hugo, hotel.pk)
    await listen(hub, maria, hotel.pk)
    await hugos.until(lambda screen: maria.name in screen.here)

    membership = await in_thread(hotel.memberships.get)(user=maria)
    await in_thread(staff_remove)(membership_id=membership.pk)

    await hugos.until(lambda screen: not screen.here)


@pytest.mark.parametrize("reaped", [True, False], ids=["reaped", "control"])
async def test_a_page_that_answers_no_heartbeat_is_closed_and_not_here(
    hub: Hub, hotel: Property, hugo: User, maria: User, monkeypatch: pytest.MonkeyPatch, quick_heart: None, reaped: bool
) -> None:
    """A half-open line: TCP says it is well. At the figures of the hotel that takes 43 s at most."""
    assert sockets.SILENCE + hub_module.HEARTBEAT < 60
    monkeypatch.setattr(sockets, "SILENCE", 1.0 if reaped else 3600.0)
    hugos = await listen(hub, hugo, hotel.pk)
    dead = await listen(hub, maria, hotel.pk)
    dead.acknowledges = False
    await hugos.until(lambda screen: maria.name in screen.here)

    if reaped:
        await asyncio.wait_for(dead.gone.wait(), 10)
        assert dead.closed == Close.DEAD
        await hugos.until(lambda screen: not screen.here)
    else:
        await asyncio.sleep(2.5)
        assert not dead.gone.is_set()
        assert maria.name in hugos.screen.here
    assert not hugos.gone.is_set()


@pytest.mark.parametrize("lasts", [1.0, 3600.0], ids=["runs out", "control"])
async def test_what_a_dead_process_leaves_behind_runs_out(
    hub: Hub, other_hub: Hub, hotel: Property, hugo: User, maria: User, monkeypatch: pytest.MonkeyPatch, lasts: float
) -> None:
    assert presence.LASTS + presence.REFRESH < 60
    monkeypatch.setattr(presence, "REFRESH", 0.3)
    monkeypatch.setattr(presence, "LASTS", lasts)
    hugos = await listen(hub, hugo, hotel.pk)
    await listen(other_hub, maria, hotel.pk)
    await hugos.until(lambda screen: maria.name in screen.here)

    await other_hub.stop()  # as kill -9: nobody takes back what it said

    if lasts < 60:
        await hugos.until(lambda screen: not screen.here)
    else:
        await asyncio.sleep(2.0)
        assert maria.name in hugos.screen.here


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[OwnServer]:
    """A Valkey of this test's own, which may die."""
    with own_valkey(tmp_path_factory.mktemp("redis")) as (server, url):
        settings.REDIS_URL = url
        yield server


async def test_without_redis_nobody_is_shown_and_then_everybody_again(
    hub: Hub, valkey: OwnServer, hotel: Property, hugo: User, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REFRESH", 0.3)
    hugos = await listen(hub, hugo, hotel.pk)
    await listen(hub, maria, hotel.pk)
    await hugos.until(lambda screen: maria.name in screen.here)

    valkey.kill()
    await hugos.until(lambda screen: not screen.here, seconds=10)
    valkey.start()

    await hugos.until(lambda screen: maria.name in screen.here, seconds=10)
    assert not hugos.gone.is_set()


async def test_a_page_is_at_a_few_places_at_most(hub: Hub, hotel: Property, hugo: User) -> None:
    page = await listen(hub, hugo, hotel.pk)
    rooms = await in_thread(lambda: list(Room.objects.filter(property=hotel)[: presence.MOST_PLACES + 3]))()

    for room in rooms:
        await at(page, f"room:{room.pk}")
    for nonsense in ("room", "room:", "room:1", "no_such:thing", f"room:{hotel.pk}"):
        await at(page, nonsense)

    assert len(page.socket.at) == min(len(rooms), presence.MOST_PLACES)
    assert set(page.socket.at) <= {f"room:{room.pk}" for room in rooms}


def test_being_somewhere_reads_once_and_writes_nothing(hotel: Property, room: Room, hugo: User) -> None:
    from django.db import connection

    audience = audience_of(hugo, hotel.pk)

    with CaptureQueriesContext(connection) as asked:
        assert places.exists(f"room:{room.pk}", audience)

    assert [query["sql"].partition(" ")[0] for query in asked.captured_queries] == ["SELECT"]


def test_a_crowd_is_a_few_faces_and_a_number() -> None:
    from pms.live.crowd import FACES, NAMED, Crowd

    crowd = Crowd.of((str(n), f"user-{n:02}", f"Person {n:02}", {"room:1": "looking"}) for n in range(50))

    class Page:
        key, user_id = "3", "user-03"
        at = {"room:1": "looking"}

        class audience:  # noqa: N801
            locale, rights = "en", frozenset({"room_view"})

    view = crowd.seen_by(Page())  # type: ignore[arg-type]

    assert [person.name for person in view.here.people] == ["Person 00", "Person 01", "Person 02", "Person 04"]
    assert len(view.here.people) == FACES
    assert view.here.more == 50 - 1 - FACES
    assert dict(view.at)["room:1"].more == 50 - 1 - NAMED
