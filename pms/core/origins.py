"""Where something came from, in people's words: the one place that knows what a channel is called.

An origin is a code: what a booking has as its source or as the owner of its outside number, and what acted where no
person did (`Acting.via`). Upper apps name theirs when they are ready; all others speak for themselves.
"""

from __future__ import annotations

_names: dict[str, str] = {}


def origin_called(code: str, name: str) -> None:
    """Say what people call the origin `code`: proper names, the same in every language."""
    _names[code] = name


def proper_name(code: str) -> str:
    """Return the name of an origin that has one (a channel); empty for the house's own ways in."""
    return _names.get(code, "")


def origin_name(code: str) -> str:
    """Return what people call the origin: "Booking.com", "walk in", "desk"."""
    return proper_name(code) or code.replace("_", " ")
