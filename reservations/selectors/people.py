"""Who is named to whom: the one place that pages, pushed pieces and the API ask before they name a guest."""

from __future__ import annotations

from collections.abc import Collection

from reservations.models import Reservation
from reservations.permissions import Permission


def guests_named(rights: Collection[str]) -> bool:
    """Tell whether guests' names and contact data may be shown to somebody with these rights."""
    return Permission.GUEST_VIEW in rights


def name_of(stay: Reservation, *, named: bool) -> str:
    """Return what a stay is called: by its guest, or by its number to those who may not see guests."""
    return stay.guest.full_name if named else stay.number
