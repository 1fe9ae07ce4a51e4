"""Confirmation numbers: 8 random Crockford characters, unique in the installation (architecture.md 11).

No I, L, O or U: nothing can be misread over the telephone, and nothing rude can be spelled.
"""

from __future__ import annotations

import secrets

from .selectors.stays import booking_number_taken

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def new_booking_number() -> str:
    """Return a number nobody has; the unique constraint stands behind it (32⁸ numbers, so one try nearly always)."""
    while True:
        number = "".join(secrets.choice(CROCKFORD) for _ in range(LENGTH))
        if not booking_number_taken(number):
            return number


def place_of(number: str) -> int:
    """Return which room of its booking a reservation's number names: 2 for "7GK3M0QX-2"."""
    return int(number.rpartition("-")[2])
