"""Rate plans: what they are called and what they include."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from pms.core.db_errors import on_constraint
from pms.events.publish import publish
from properties.services.changes import apply
from reservations.errors import RatePlanCodeTaken
from reservations.events import RatePlanChanged
from reservations.models import RatePlan
from reservations.selectors.rates import rate_plan_code_taken, rate_plan_for_update

CHANGEABLE = frozenset({"code", "name", "meal_plan"})


@transaction.atomic
def rate_plan_change(
    *,
    rate_plan_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> RatePlan:
    """Change code, name or meals of a plan, merged with what others saved since `seen_version`.

    Which plan it follows and which tax its prices contain stay: prices that are sold rest on both.
    Raises `RatePlanCodeTaken`, `NotThere`, `StaleVersion`, `InvalidValue`.
    """
    plan = rate_plan_for_update(rate_plan_id)
    changes = apply(plan, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals)
    if not changes:
        return plan
    if "code" in changes and rate_plan_code_taken(plan.property_id, plan.code, but=plan.pk):
        raise RatePlanCodeTaken(plan.code)
    plan.save()
    publish(
        RatePlanChanged(
            property_id=plan.property_id,
            business_date=plan.property.business_date,
            version=plan.version,
            rate_plan_id=plan.pk,
            changes=changes,
        )
    )
    return plan


on_constraint("rate_plan_code_once_per_hotel", lambda _diagnostics: RatePlanCodeTaken())
