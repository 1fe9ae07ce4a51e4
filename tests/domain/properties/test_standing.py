"""The standing hotels of the tests are what founding one leaves behind, with keys of their own, and vanish again."""

from __future__ import annotations

import re
from typing import Any

from properties.models import Property
from tests.committed import rolled_back
from tests.factories.folios import open_for_business
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.standing import KEY, MOMENT, Rows, Standing, empty, read, tables

# What chance or time gives to a row: keys, moments, requests, passwords nobody has, numbers.
GIVEN = re.compile(rf"{KEY.pattern}|{MOMENT.pattern}|\b[0-9a-f]{{32}}\b|!\w{{40}}|\d+")


def now_there() -> dict[str, list[str]]:
    """Return the rows of every table without what is given by chance."""
    return {name: sorted(GIVEN.sub("?", text).splitlines()) for name, text in read(tables()).items()}


def reference() -> Rows:
    """Return the rows that an empty database has."""
    return read(["django_content_type", "auth_permission"])


def test_a_standing_hotel_is_as_one_just_founded(db: Any, standing_sea: Standing) -> None:
    without = now_there()
    with rolled_back():
        standing_sea.rise()
        risen = now_there()
        standing_sea.go_on("books")
        opened = now_there()
    with rolled_back():
        hotel = make_hotel(rooms=SMALL_HOUSE)
        assert risen == now_there()
        open_for_business(hotel)
        assert opened == now_there()

    assert len(without) < len(risen) < len(opened)


def test_it_has_other_keys_each_time(db: Any, hotel: Property, standing_lak: Standing) -> None:
    other = standing_lak.rise()
    told = "".join(read(["properties_property", "events_streamevent", "auth_group"]).values())

    assert {str(hotel.pk), str(other.pk)} <= set(KEY.findall(told))
    assert str(hotel.pk) not in standing_lak._keys


def test_a_committed_hotel_is_gone_and_the_reference_rows_keep_their_keys(
    transactional_db: Any, hotel: Property
) -> None:
    before, kept = read(tables()), reference()
    assert before.keys() > kept.keys()

    empty(kept)

    assert read(tables()) == kept
