"""Where something came from, in people's words: the one place that knows what a channel is called.

An origin is a code: what a booking has as its source or as the owner of its outside number, and what acted where no
person did (`Acting.via`). Upper apps name theirs when they are ready; all others are the house's own ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# How something came about, in words that follow who did it: "Anna Schulz, at the desk".
WAYS = {
    "web": gettext_lazy("at the desk"),
    "support": gettext_lazy("by support"),
    "api": gettext_lazy("by API"),
    "admin": gettext_lazy("in the administration"),
    "worker": gettext_lazy("by itself"),
    "command": gettext_lazy("by a command"),
}


# Where bookings come from that no channel brings.
SOURCES = {
    "desk": gettext_lazy("desk"),
    "walk_in": gettext_lazy("walk in"),
    "phone": gettext_lazy("phone"),
    "web": gettext_lazy("web"),
    "direct": gettext_lazy("direct"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin with a name of its own, and the way in which it acts."""

    name: Any
    way: Any


_origins: dict[str, Origin] = {}


def origin_called(code: str, name: Any, *, way: Any) -> None:
    """Say what people call the origin `code`, and how it acts ("as a channel")."""
    _origins[code] = Origin(name, way)


def origin_name(code: str) -> str:
    """Return what people call the origin: "Booking.com", "walk in", "desk"."""
    origin = _origins.get(code)
    return str(origin.name if origin else SOURCES.get(code, code.replace("_", " ")))


def actor_name(user: Any, via: str, *, support: str = "") -> str:
    """Return who did something: the person, else what acted for itself ("Booking.com"), else the house.

    `support` is the name of who did it in her name, where that is known.
    """
    if user and via == "support":
        return _("%(support)s for %(name)s") % {"support": support or _("Support"), "name": user}
    if user:
        return str(user)
    return origin_name(via) if via in _origins else _("The house")


def actor_of(entry: Any) -> str:
    """Return who an audit entry says did it, with both names where support acted in somebody's."""
    support = (entry.additional_data or {}).get("support", {})
    return actor_name(entry.actor, entry.via, support=str(support.get("name", "")))


def ways() -> list[tuple[str, str]]:
    """Return every way something can come about, by its code."""
    return [*((code, str(words)) for code, words in WAYS.items()), *((code, origin_name(code)) for code in _origins)]


def way_of(via: str) -> str:
    """Return how it came about: "at the desk", "as a channel", "by itself"."""
    return str(_origins[via].way) if via in _origins else str(WAYS.get(via, via))
