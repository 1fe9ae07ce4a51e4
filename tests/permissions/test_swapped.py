"""Names of another hotel in everything that the pages send: forms, links, filters, orders, searches.

The owner of SEA opens every page and sends every form and every link so that it is accepted, and again with each key
and name of SEA in it replaced by the like one of LAK, and by one that nobody has: both answers are the same, word for
word, so no row, no count, no order and no time tells of LAK (foreign.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from django.test import Client

from properties.models import Room
from tests.committed import rolled_back
from tests.permissions.foreign import (
    Heard,
    amiss,
    crossing,
    heard,
    marked_of,
    nobodys,
    one_hole,
    state_of,
    swaps_between,
    unscoped,
)
from tests.permissions.house import NO_TOKEN, House, browser
from tests.permissions.sendings import Sending, Swaps, harvest

# So large a part of the forms is accepted, or refused for the state of things; a form that is refused for what is typed
# says nothing about the keys in it.
READ = 0.95
UNREAD = frozenset({400, 405, 422})
# So many requests there are at the least; fewer would mean that the pages are not read any more.
FEWEST_SWAPPED, FEWEST_ASKED = 100, 40


@pytest.fixture(scope="module")
def sent(shared_house: House) -> list[Sending]:
    """What the pages of SEA would send to its owner."""
    for hotel, user in ((shared_house.sea, shared_house.olga), (shared_house.lak, shared_house.eve)):
        hotel.bell_of(user)
    with rolled_back():
        return harvest(shared_house, browser(shared_house.olga))


@pytest.fixture
def marked(house: House) -> House:
    """The house; what is LAK's is called as nothing of SEA."""
    return marked_of(house)


def names(house: House) -> Swaps:
    """Return what LAK calls the like of what SEA names."""
    return {**swaps_between(house), "balcony": "lak_view", "own_night_porter": "own_lak_porter"}


def told_by(house: House, sent: Iterable[Sending], *, only: str = "") -> tuple[list[tuple[str, str]], int]:
    """Send everything with each name of LAK's and of nobody's; return what is amiss, and how many there were."""
    client, swaps, state, found, count = browser(house.olga), names(house), state_of(house.lak.row), [], 0
    to_nobody = {own: nobodys(theirs) for own, theirs in swaps.items()}
    for one in sent:
        if only not in str(one):
            continue
        for (foreign, own), (nobody, _own) in zip(one.swapped(swaps), one.swapped(to_nobody), strict=True):
            count += 1
            words = (swaps[own], to_nobody[own])
            what = _amiss(client, house, foreign, nobody, words, state)
            if what.startswith("questions"):  # the first time fills caches
                what = _amiss(client, house, foreign, nobody, words, state)
            if what:
                found.append((what, str(foreign)))
    return found, count


def _amiss(
    client: Client, house: House, foreign: Sending, nobody: Sending, words: tuple[str, str], state: object
) -> str:
    with rolled_back():
        alone = _heard(client, nobody, words)
    with rolled_back():
        given = _heard(client, foreign, words)
        touched = foreign.method == "POST" and (state_of(house.lak.row) != state or crossing(house))
    return given.differs(alone) or given.amiss or ("touched" if touched else "")


def _heard(client: Client, one: Sending, words: tuple[str, str]) -> Heard:
    client.cookies.pop("messages", None)  # what was said about the one before
    return heard(lambda: one.send(client), *words)


# --- forms and links --------------------------------------------------------------------------------------------------


def test_what_pages_send_is_accepted_before_its_names_are_swapped(house: House, sent: list[Sending]) -> None:
    client, unread, count = browser(house.olga), [], 0
    for one in sent:
        if one.method == "POST" and NO_TOKEN not in one.path:
            with rolled_back():
                answer = one.send(client)
            assert answer.status_code < 500, str(one)
            count += 1
            unread += [str(one)] if answer.status_code in UNREAD else []

    assert count - len(unread) >= READ * count, unread


def test_a_name_of_another_hotel_is_a_name_of_nobody(marked: House, sent: list[Sending]) -> None:
    found, count = told_by(marked, sent)

    assert found == []
    assert count >= FEWEST_SWAPPED


def test_control_one_missing_filter_is_seen(marked: House, sent: list[Sending]) -> None:
    with one_hole(marked.sea.row, Room):
        found, _count = told_by(marked, sent, only="POST /h/SEA/rooms/")

    assert found


def test_control_without_the_scope_forms_and_links_tell(marked: House, sent: list[Sending]) -> None:
    with unscoped(marked.sea.row):
        found, _count = told_by(marked, sent, only="/h/SEA/reservations/")

    assert found


# --- searches, filters, orders ----------------------------------------------------------------------------------------


def questions(house: House, sent: Iterable[Sending]) -> Iterator[tuple[str, str, str]]:
    """Yield path, field and text: every field of every list is asked for names, numbers and keys of LAK."""
    stay = house.lak.expected
    asked = ("Quagga", stay.number, str(stay.pk), str(house.lak.room.pk), "-property__reservation__guest", "LAK")
    names = {(one.path, name) for one in sent if one.method == "GET" for name, _value in one.fields}
    for path, name in sorted(names | {("/h/SEA/find/", "q"), ("/h/SEA/reservations/", "q"), ("/h/SEA/staff/", "q")}):
        for text in asked:
            yield path, name, text


def answers(client: Client, asked: Iterable[tuple[str, str, str]], stay: str) -> list[tuple[str, str, str, str]]:
    """Ask; return the questions whose answer tells of LAK, names its stay, or broke."""
    found = []
    for path, name, text in asked:
        answer = client.get(path, {name: text}, headers={"hx-request": "true"})
        what = amiss(answer, but=text) or ("named" if stay in answer.content.decode().replace(text, "") else "")
        if what:
            found.append((what, path, name, text))
    return found


def test_searches_filters_and_orders_find_nothing_of_another_hotel(marked: House, sent: list[Sending]) -> None:
    asked = list(questions(marked, sent))

    assert answers(browser(marked.olga), asked, str(marked.lak.expected.pk)) == []
    assert len(asked) >= FEWEST_ASKED


def test_control_without_the_scope_searches_find_it(marked: House) -> None:
    client = browser(marked.olga)

    with unscoped(marked.sea.row):
        found = answers(client, questions(marked, ()), str(marked.lak.expected.pk))

    assert {what for what, *_ in found} & {"told", "named"}
