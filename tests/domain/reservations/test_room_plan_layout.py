"""Where bars of the room plan begin and end, how they share a lane, and what an address may ask for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.room_plan import Asked, Place, Window, gaps, pack

DAY = dt.date(2026, 3, 14)


def day(offset: int) -> dt.date:
    return DAY + dt.timedelta(days=offset)


@pytest.mark.parametrize(
    ("first", "until", "place"),
    [
        pytest.param(2, 5, Place(3, 3, False, False, False), id="inside"),
        pytest.param(0, 1, Place(1, 1, False, False, False), id="one night on the first day"),
        pytest.param(-3, 2, Place(1, 2, True, False, False), id="arrived before the window"),
        pytest.param(12, 20, Place(13, 2, False, True, False), id="departs after the window"),
        pytest.param(13, 14, Place(14, 1, False, True, False), id="last night shown, leaves the day after"),
        pytest.param(-9, 99, Place(1, 14, True, True, False), id="longer than the window"),
        pytest.param(-3, 0, Place(1, 1, True, False, True), id="leaves on the first day"),
        pytest.param(-3, -1, None, id="gone before the window"),
        pytest.param(14, 16, None, id="comes after the window"),
    ],
)
def test_a_bar_stands_in_the_columns_of_its_nights(first: int, until: int, place: Place | None):
    assert Window(DAY, 14).place(day(first), day(until)) == place


def test_a_turnover_on_one_day_puts_the_bars_side_by_side():
    window = Window(DAY, 14)

    leaving, coming = window.place(day(1), day(3)), window.place(day(3), day(6))

    assert leaving is not None and coming is not None
    assert leaving.at + leaving.length == coming.at


@given(st.integers(-80, 80), st.integers(1, 90), st.sampled_from([7, 14, 30, 60]))
def test_a_bar_never_leaves_the_columns_of_the_plan(first: int, nights: int, days: int):
    place = Window(DAY, days).place(day(first), day(first + nights))

    if place is not None:
        assert 1 <= place.at <= days
        assert 1 <= place.length <= days - place.at + 1


def test_windows_follow_each_other_without_gap_or_overlap():
    window = Window(DAY, 7)

    assert window.moved(1).first == window.end
    assert window.moved(-1).last == day(-1)
    assert window.dates()[-1] == window.last


def test_a_lane_has_as_many_rows_as_overlap_needs():
    spans = [(day(0), day(3)), (day(1), day(2)), (day(2), day(5)), (day(3), day(4))]

    assert pack(spans) == [0, 1, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=30))
def test_packed_stays_never_overlap_and_no_row_is_wasted(stays: list[tuple[int, int]]):
    spans = sorted((day(first), day(first + nights)) for first, nights in stays)

    rows = pack(spans)

    for place, (first, _) in enumerate(spans):
        before = [other for other, row in zip(spans[:place], rows, strict=False) if row == rows[place]]
        assert all(end <= first for _, end in before)
    deepest = max((sum(begin <= first < end for begin, end in spans) for first, _ in spans), default=0)
    assert len(set(rows)) == deepest


@pytest.mark.parametrize(
    ("taken", "open_nights"),
    [
        ([], [(0, 5)]),
        ([(0, 5)], []),
        ([(0, 2)], [(2, 5)]),
        ([(3, 5)], [(0, 3)]),
        ([(2, 3)], [(0, 2), (3, 5)]),
        ([(3, 4), (0, 1)], [(1, 3), (4, 5)]),
        ([(-4, 9)], []),
    ],
)
def test_nights_without_a_room_are_what_the_assignments_leave(
    taken: list[tuple[int, int]], open_nights: list[tuple[int, int]]
):
    found = gaps(day(0), day(5), [(day(first), day(until)) for first, until in taken])

    assert found == [(day(first), day(until)) for first, until in open_nights]


def test_a_plan_opens_with_yesterday_and_two_weeks():
    asked = Asked.of({}, DAY)

    assert (asked.window, asked.group) == (Window(day(-1), 14), "type")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "soon", "days": "many", "group": "colour"},
        {"from": "9999-12-31", "days": "-7"},
        {"from": "0001-01-01", "days": "61"},
        {"from": "2026-02-30", "days": "٧"},
    ],
)
def test_an_address_without_sense_shows_the_usual_plan(query: dict[str, str]):
    assert Asked.of(query, DAY) == Asked.of({}, DAY)


def test_ways_to_other_windows_keep_what_was_chosen():
    asked = Asked.of({"from": "2026-03-01", "days": "30", "group": "floor"}, DAY)

    assert asked.query(windows=1) == "from=2026-03-31&days=30&group=floor"
    assert asked.query(days=7) == "from=2026-03-01&days=7&group=floor"
    assert asked.query(group="type") == "from=2026-03-01&days=30&group=type"
    assert asked.query_today() == "days=30&group=floor"
