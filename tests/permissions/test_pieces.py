"""Every piece that a socket can bring × who listens: its right's holders get it, colleagues and strangers nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from pms.events.models import StreamEvent
from pms.events.selectors import numbers_happened
from pms.live.batches import draw
from pms.live.consumers import MOST_TOPICS, _topics
from pms.live.fragments import Audience, Fragment, all_fragments, fragment_named
from pms.live.looks import one_look
from properties.models import Membership
from tests.factories.properties import make_hotel
from tests.permissions.house import House

EVERY_FRAGMENT = pytest.mark.parametrize("name", [fragment.name for fragment in all_fragments()])
# Marks (of the room plan, of staff, of roles) carry nothing but the key that the stream itself names.
BARE_MARKS = frozenset({"plan_row", "plan_lane", "plan_stock", "staff_mark", "role_mark", "activity_names"})


def named(name: str) -> Fragment:
    """Return the fragment, which must exist."""
    found = fragment_named(name)
    assert found is not None
    return found


def audience(house: House, *rights: str) -> Audience:
    """Return somebody at SEA with exactly these rights."""
    return Audience(house.sea.row.pk, frozenset(rights))


def keys_of(house: House, name: str, property_id: Any) -> list[Any]:
    """Return the keys for which the stream of the hotel ever named this piece; numbers for one that shows events."""
    if named(name).of_events is not None:
        return numbers_happened(property_id, 0, 2**62)
    rows = StreamEvent.objects.filter(property_id=property_id).values_list("touches", flat=True)
    topics = dict.fromkeys(topic for touches in rows for topic in touches)
    return [uuid.UUID(pk) for kind, _, pk in (topic.partition(":") for topic in topics) if kind == name]


@EVERY_FRAGMENT
def test_who_holds_the_right_gets_the_piece_and_nobody_else(house: House, name: str) -> None:
    fragment = named(name)
    keys = keys_of(house, name, house.sea.row.pk)
    assert keys, f"Nothing that tests/permissions/house.py does touches {name}: put what it shows into the house."

    holder = draw([fragment.topic(pk) for pk in keys], audience(house, fragment.right), frozenset({name}))
    colleague = {str(code) for code in all_rights()} - {str(fragment.right)}
    other = draw([fragment.topic(pk) for pk in keys], audience(house, *colleague), frozenset({name}))

    assert any(piece.html for piece in holder), "the holder sees nothing of it"
    assert other == []
    assert set(fragment.render_many(keys, audience(house, *colleague)).values()) == {""}


@EVERY_FRAGMENT
def test_drawn_in_one_look_each_sees_what_she_sees_alone(house: House, name: str) -> None:
    topics = [named(name).topic(pk) for pk in keys_of(house, name, house.sea.row.pk)]
    narrow, wide = audience(house, named(name).right), audience(house, *(str(code) for code in all_rights()))

    alone = [draw(topics, one, frozenset({name})) for one in (narrow, wide)]
    with one_look():
        together = [draw(topics, one, frozenset({name})) for one in (narrow, wide)]
    with one_look():
        turned = [draw(topics, one, frozenset({name})) for one in (wide, narrow)]

    assert together == alone
    assert turned == alone[::-1]


@EVERY_FRAGMENT
def test_rows_of_another_hotel_are_never_drawn(house: House, name: str) -> None:
    fragment = named(name)
    foreign = keys_of(house, name, house.lak.row.pk)
    if fragment.of_events is not None:  # numbers are counted for each hotel: those that only the other one has
        foreign = [number for number in range(1, 1000) if number not in keys_of(house, name, house.sea.row.pk)]
    assert foreign

    drawn = fragment.render_many(foreign, audience(house, *all_rights()))

    if name in BARE_MARKS:
        assert all(len(html) < 120 and "<i hidden" in html for html in drawn.values())
    else:
        assert set(drawn.values()) == {""}


@EVERY_FRAGMENT
def test_a_socket_subscribes_only_to_what_its_reader_may_see(house: House, name: str) -> None:
    fragment = named(name)
    asked = [name, fragment.topic(house.sea.room.pk)]

    assert _topics(asked, audience(house, fragment.right)) == set(asked)
    assert _topics(asked, audience(house, *(all_rights() - {str(fragment.right)}))) == frozenset()
    assert _topics(asked, audience(house)) == frozenset()


@pytest.mark.parametrize("asked", [None, "room_card", {"room_card": 1}, [1, None, ["room_card"]], ["", ":", "nothing"]])
def test_nonsense_subscribes_to_nothing(house: House, asked: Any) -> None:
    assert _topics(asked, audience(house, *all_rights())) == frozenset()


def test_a_socket_subscribes_to_a_bounded_number_of_topics(house: House) -> None:
    asked = [f"room_card:{uuid.uuid4()}" for _ in range(MOST_TOPICS + 50)]

    assert len(_topics(asked, audience(house, *all_rights()))) == MOST_TOPICS


def test_somebody_who_left_the_hotel_has_no_audience(house: House) -> None:
    from pms.live.consumers import _audience

    helper = Membership.objects.get(pk=house.sea.helper.pk).user

    assert _audience(house.olga, "SEA") is not None
    assert _audience(house.eve, "SEA") is None
    assert _audience(house.olga, "NIX") is None
    assert _audience(house.olga, make_hotel(code="SIB", organization=house.sea.row.organization).code) is None
    helper.is_active = False
    assert _audience(helper, "SEA") is None


def all_rights() -> frozenset[str]:
    """Return the codes of all rights as plain text."""
    from pms.accounts.registry import all_codes

    return frozenset(str(code) for code in all_codes())
