"""What a hotel that is opened as the copy of another one takes along: its rate plans and what they include."""

from __future__ import annotations

from pms.core import slots
from properties.services.hotel_copy import COPIES, HotelCopy
from reservations.models import PackagePart, RatePlan


def declare() -> None:
    """Let copies of a hotel have its rate plans."""
    slots.register(COPIES, slots.Entry("rate_plans", copy_rate_plans, order=10))


def copy_rate_plans(copy: HotelCopy) -> None:
    """Copy the plans in use, those that others are derived from first; prices by the night are each hotel's own."""
    plans = RatePlan.objects.filter(property=copy.source, archived_at=None)
    for plan in [*plans.filter(derived_from=None), *plans.exclude(derived_from=None)]:
        copy.take(plan)
        for part in PackagePart.objects.filter(rate_plan=plan):
            copy.take(part)
