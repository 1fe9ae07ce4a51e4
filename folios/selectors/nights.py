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
