"""Figures of the mails that wait."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min
from django.utils import timezone

from pms.core.metrics import Reading, gauge

from .models import Letter


def declare() -> None:
    """Register the gauges; called once when the app is ready."""
    gauge("pms_letters_waiting", "Mails that have still to go out.", _waiting)
    gauge("pms_letters_oldest_seconds", "Age of the oldest of them.", _oldest)


def _waiting() -> Iterable[Reading]:
    return [([], float(Letter.objects.aggregate(count=Count("pk"))["count"]))]


def _oldest() -> Iterable[Reading]:
    oldest = Letter.objects.aggregate(oldest=Min("written_at"))["oldest"]
    return [([], (timezone.now() - oldest).total_seconds() if oldest else 0.0)]
