"""Slots: how an upper app puts a panel, a menu entry or a seed step into a lower one that does not know it.

The lower app names a slot; the upper app registers an entry for it in its `apps.py`. Later modules (POS, accounting,
CRM) plug in by slots, events and the permission registry alone (architecture.md 2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Provider = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One contribution to a slot.

    `provider` is what the slot calls (its signature is the slot's contract, written where the slot is declared),
    `template` draws what it returns, `right` hides it from those who may not see it, `order` sorts.
    """

    code: str
    provider: Provider
    template: str = ""
    right: str = ""
    order: int = 100


_slots: dict[str, dict[str, Entry]] = defaultdict(dict)


def register(slot: str, entry: Entry) -> None:
    """Put `entry` into `slot`; a second entry with the same code is a mistake and refused."""
    if entry.code in _slots[slot] and _slots[slot][entry.code] != entry:
        raise ValueError(f"Slot {slot!r} already has an entry {entry.code!r}.")
    _slots[slot][entry.code] = entry


def entries(slot: str, *, rights: frozenset[str] | None = None) -> Sequence[Entry]:
    """Return the entries of `slot` in order, only those that `rights` allows if rights are given."""
    return sorted(
        (entry for entry in _slots[slot].values() if rights is None or not entry.right or entry.right in rights),
        key=lambda entry: (entry.order, entry.code),
    )
