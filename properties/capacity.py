"""Who fits into a room: adults, children and infants by the age groups of the hotel.

The groups stand on the hotel itself and the figures on the type, so that an offer asks no further question. A group is
`{"name", "from", "to", "cot"}`, both ages included; who is older than all of them is an adult. In a group with `cot`
one sleeps in a cot as long as the room has one, and does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue

from .models import RoomType

Band = Mapping[str, Any]
OLDEST = 17


@dataclass(frozen=True, slots=True)
class Heads:
    """A party by age group: `children` need a bed, `infants` a cot."""

    adults: int
    children: int
    infants: int


def heads(bands: Sequence[Band], *, adults: int, ages: Sequence[int]) -> Heads:
    """Sort a party into the hotel's age groups; a hotel without groups takes a declared child for a child."""
    oldest = max((int(band["to"]) for band in bands), default=None)
    cots = [(int(band["from"]), int(band["to"])) for band in bands if band.get("cot")]
    infants = sum(any(first <= age <= last for first, last in cots) for age in ages)
    grown = 0 if oldest is None else sum(age > oldest for age in ages)
    return Heads(adults + grown, len(ages) - grown - infants, infants)


def fits(kind: RoomType, bands: Sequence[Band], *, adults: int, ages: Sequence[int]) -> bool:
    """Tell whether the type sleeps the party. A child may take an adult's place, never the other way round."""
    party = heads(bands, adults=adults, ages=ages)
    in_beds = party.adults + party.children + max(0, party.infants - kind.cots)
    most = kind.max_adults + kind.max_children + kind.extra_beds
    if kind.max_occupancy is not None:
        most = min(most, kind.max_occupancy)
    return party.adults <= kind.max_adults + kind.extra_beds and in_beds <= most


def check_bands(bands: Any) -> list[dict[str, Any]]:
    """Return the age groups as they are stored, the youngest first. Raises `InvalidValue` for what is none."""
    if not isinstance(bands, list) or len(bands) > 8:
        raise InvalidValue(_("There are at most eight age groups. Nothing was saved."), field="age_bands")
    read = sorted((_band(band) for band in bands), key=lambda band: (band["from"], band["to"]))
    for younger, older in pairwise(read):
        if older["from"] <= younger["to"]:
            facts = {"one": younger["name"], "other": older["name"]}
            message = _("“%(one)s” and “%(other)s” share an age. Nothing was saved; one ends before the next begins.")
            raise InvalidValue(message % facts, field="age_bands")
    return read


def _band(band: Any) -> dict[str, Any]:
    try:
        name, first, last = str(band["name"]).strip(), int(band["from"]), int(band["to"])
    except (KeyError, TypeError, ValueError):
        raise InvalidValue(_("An age group has a name and two ages. Nothing was saved."), field="age_bands") from None
    if not name or len(name) > 40 or not 0 <= first <= last <= OLDEST:
        message = _("“%(name)s” is no age group: give it ages between 0 and %(oldest)s. Nothing was saved.")
        raise InvalidValue(message % {"name": name[:40], "oldest": OLDEST}, field="age_bands")
    return {"name": name, "from": first, "to": last, "cot": bool(band.get("cot"))}
