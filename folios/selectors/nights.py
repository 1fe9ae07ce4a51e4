"""What of the nights of a stay stands on its folios."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from folios.models import Posting


def has_nights_posted(reservation_id: uuid.UUID, nights: Collection[dt.date]) -> bool:
    """Tell whether anything that the stay owes for one of `nights` stands on its folios and was not taken back."""
    return Posting.objects.filter(
        folio__reservation_id=reservation_id,
        service_date__in=nights,
        source=Posting.Source.AUDIT,
        reverses__isnull=True,
        reversed_by__isnull=True,
    ).exists()


def keys_of_night(reservation_id: uuid.UUID, night: dt.date) -> dict[str, bool]:
    """Return the natural keys under which the night was ever posted, and whether each posting still stands."""
    postings = Posting.objects.filter(
        folio__reservation_id=reservation_id, service_date=night, natural_key__isnull=False
    )
    return {str(key): taken_back is None for key, taken_back in postings.values_list("natural_key", "reversed_by")}
