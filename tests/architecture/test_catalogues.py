"""Events and errors are named by rule, documented, and the two pages about them are those of the code."""

from __future__ import annotations

import pytest

from . import catalogue, house

# `property` hides a builtin of Python, so classes say hotel; the code keeps the word of the tables.
SAME_WORD = {"hotel": "property"}
# Events whose code does not follow from the class, and why.
OTHER_CODE = {
    "HotelChanged": "property.changed would read like the news that a row changed",
}


def misnamed_event(name: str, code: str) -> str:
    """Return what is wrong with the name of an event, or nothing."""
    entity, dot, verb = code.partition(".")
    word = next((own for own, table in SAME_WORD.items() if table == entity and name.startswith(own.title())), entity)
    if not dot or not catalogue.past(verb.split("_")):
        return f"{name}: the code {code!r} is not entity.past_verb"
    if name not in OTHER_CODE and catalogue.snake(name) != f"{word}_{verb}":
        return f"{name}: the code {code!r} does not say the same"
    return ""


def misnamed_error(name: str, code: str) -> str:
    """Return what is wrong with the name of an error, or nothing."""
    words = [word for word in catalogue.snake(name).split("_") if word not in LITTLE_WORDS]
    if words == [word for word in code.split("_") if word not in LITTLE_WORDS] or name in SHORTER_ERRORS:
        return ""
    return f"{name}: the code should be {catalogue.snake(name)!r}, not {code!r}"


LITTLE_WORDS = {"a", "is", "the", "yet"}
# Errors whose code is fixed by the public contract (the API page) in other words than the class, and why.
SHORTER_ERRORS = {
    "NotThere": "not_found is the word of HTTP",
    "KeyReused": "idempotency_key_reused: partners know the header, not our module",
    "KeyRequired": "idempotency_key_required: likewise",
}


def test_events_are_named_by_rule():
    wrong = [why for event in catalogue.events() if (why := misnamed_event(event.__name__, event.code))]
    wrong += [
        f"{veto.__name__}: a veto ends in …ing"
        for veto in catalogue.vetoes()
        if not any(word.endswith("ing") for word in catalogue.snake(veto.__name__).split("_"))
    ]

    house.assert_none(wrong, "An event is <Entity><PastVerb> with the code entity.past_verb:")


def test_errors_are_named_by_rule():
    house.assert_none(
        [why for error in catalogue.errors() if (why := misnamed_error(error.__name__, error.code))],
        "An error is named by subject and trouble, and its code says the same (RoomNotReady, room_not_ready):",
    )


def test_events_and_errors_say_what_they_mean():
    silent = [
        f"{one.__module__}.{one.__name__}"
        for one in (*catalogue.events(), *catalogue.vetoes(), *catalogue.errors())
        if not catalogue.documented(one)
    ]

    house.assert_none(silent, "Say in the docstring when it happens:")


def test_the_page_of_errors_is_that_of_the_code():
    differences = catalogue.compare(house.ROOT / "docs/errors.md", catalogue.errors_page())

    house.assert_none(differences, f"Write the page anew with `{catalogue.COMMAND}`:")


def test_the_page_of_events_is_that_of_the_code():
    differences = catalogue.compare(house.ROOT / "docs/events.md", catalogue.events_page())

    house.assert_none(differences, f"Write the page anew with `{catalogue.COMMAND}`:")


@pytest.mark.parametrize(
    ("name", "code"),
    [("ReservationCheckIn", "reservation.check_in"), ("RoomMarked", "room.cleaned"), ("RoomMarked", "room_marked")],
)
def test_control_a_misnamed_event_is_seen(name: str, code: str):
    assert misnamed_event(name, code)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ReservationCheckedIn", "reservation.checked_in"),
        ("HotelOpened", "property.opened"),
        ("RoomOccupancySet", "room.occupancy_set"),
    ],
)
def test_control_a_well_named_event_passes(name: str, code: str):
    assert not misnamed_event(name, code)


def test_control_a_misnamed_error_is_seen():
    assert misnamed_error("RoomNotReady", "room_dirty")
    assert not misnamed_error("RoomNotReady", "room_not_ready")


def test_control_a_page_that_fell_behind_is_seen(tmp_path, monkeypatch):
    monkeypatch.delenv(catalogue.UPDATE, raising=False)
    page = tmp_path / "errors.md"
    page.write_text(catalogue.errors_page().replace("`busy`", "`crowded`"))

    assert len(catalogue.compare(page, catalogue.errors_page())) == 2
