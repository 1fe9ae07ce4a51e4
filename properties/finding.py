"""The palette: whatever the house knows by a name or a number, and what can be begun from anywhere.

Through the slot "find" an app answers what is typed: a provider is called with `(hotel, words, audience)`, words folded
as names are, and returns its best hits, the best first; the entry's `right` keeps it from those who may not see such
rows, its `order` sorts the apps. Through the slot "begin" an app offers acts: a provider is called with `(hotel)` and
returns a dict with `label`, `icon`, `url` and optionally `key`, the letter that does it from every page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.folding import folded
from pms.live.fragments import Audience

from .models import Property
from .permissions import Permission
from .selectors import role_labels, rooms_of, staff_of

FIND, BEGIN = "find", "begin"
MOST = 6  # of each app: what is not among them is found by one letter more
SHORTEST = 2

Provider = Callable[[Property, Sequence[str], Audience], Sequence["Hit"]]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: `code` tells it apart from all others on the page, `detail` says which of the kind it is."""

    code: str
    label: str
    detail: str
    icon: str
    url: str


def declare() -> None:
    """Let rooms and staff be found; called once when the app is ready."""
    slots.register(FIND, slots.Entry(code="rooms", provider=_rooms, right=Permission.ROOM_VIEW, order=30))
    slots.register(FIND, slots.Entry(code="staff", provider=_staff, right=Permission.STAFF_VIEW, order=60))


def found(hotel: Property, text: str, audience: Audience) -> list[Hit]:
    """Return what the text means to each app, as far as this audience may see it; nothing for a single letter."""
    words = folded(text).split()
    if sum(map(len, words)) < SHORTEST:
        return []
    answers = (entry.provider(hotel, words, audience) for entry in slots.entries(FIND, rights=audience.rights))
    return [hit for hits in answers for hit in hits[:MOST]]


def beginnings(hotel: Property, rights: frozenset[str]) -> list[dict[str, Any]]:
    """Return the acts that somebody with these rights may begin from anywhere."""
    return [{"code": entry.code, **entry.provider(hotel)} for entry in slots.entries(BEGIN, rights=rights)]


def _rooms(hotel: Property, words: Sequence[str], audience: Audience) -> Sequence[Hit]:
    wanted = Q()
    for word in words:
        wanted &= Q(number__istartswith=word)
    url = reverse("properties:list_rooms", args=[hotel.code])
    return [
        Hit(
            code=f"room-{room.pk}",
            label=_("Room %(number)s") % {"number": room.number},
            detail=f"{room.room_type} · {room.get_condition_display()} · {room.get_occupancy_display()}",
            icon="bed-double",
            url=f"{url}#room-card-{room.pk}",
        )
        for room in rooms_of(hotel.pk).filter(wanted).select_related("room_type")[:MOST]
    ]


def _staff(hotel: Property, words: Sequence[str], audience: Audience) -> Sequence[Hit]:
    # Few enough to be looked through here: their names are kept as typed.
    return [
        Hit(
            code=f"staff-{member.pk}",
            label=str(member.user),
            detail=", ".join(role_labels(member)),
            icon="user",
            url=reverse("properties:change_staff", args=[hotel.code, member.pk])
            if Permission.STAFF_CHANGE in audience.rights
            else reverse("properties:list_staff", args=[hotel.code]),
        )
        for member in staff_of(hotel.pk)
        if _in_name(words, (member.user.name, member.user.email))
    ][:MOST]


def _in_name(words: Iterable[str], names: Iterable[str]) -> bool:
    """Tell whether each word begins one of the parts of the names."""
    parts = [part for name in names for part in folded(name).split()]
    return all(any(part.startswith(word) for part in parts) for word in words)
