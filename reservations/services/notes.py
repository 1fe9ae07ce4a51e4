"""What colleagues write about a stay: merged, never overwritten."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, NotThere
from pms.events.publish import publish
from properties.models import Property
from reservations.events import ReservationAmended
from reservations.models import Reservation
from reservations.selectors.stays import reservation_for_update

from .day import day_held_open

CHANGEABLE = frozenset({"notes"})
LONGEST = 5000


@transaction.atomic
def reservation_notes_change(
    *,
    hotel: Property,
    reservation_id: uuid.UUID,
    seen: int,
    values: Mapping[str, str],
    originals: Mapping[str, str] | None = None,
) -> Reservation:
    """Change the notes of a stay in any state, merged with what others saved since version `seen` (domain.md 2).

    Raises `StaleVersion` when somebody else changed the same notes meanwhile; then nothing is saved. Saving what stands
    there already changes and announces nothing.
    """
    if unknown := set(values) - CHANGEABLE:
        raise TypeError(f"The notes of a stay are not {sorted(unknown)}.")
    if any(len(text) > LONGEST for text in values.values()):
        raise InvalidValue(
            _("Notes hold at most %(longest)s letters. Nothing was saved; shorten them.") % {"longest": LONGEST},
            field="notes",
        )
    hotel = day_held_open(hotel)
    reservation = reservation_for_update(reservation_id)
    if reservation.property_id != hotel.pk:
        raise NotThere(_("That reservation"))
    touched = reservation.merge(seen=seen, values=values, originals=originals)
    if all(value == getattr(reservation, name) for name, value in touched.items()):
        return reservation
    for name, value in touched.items():
        setattr(reservation, name, value)
    reservation.save()
    # Without the words: partners read the changes of events, and people write about guests here.
    publish(
        ReservationAmended(
            property_id=hotel.pk,
            business_date=hotel.business_date,
            version=reservation.version,
            reservation_id=reservation.pk,
        )
    )
    return reservation
