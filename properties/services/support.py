"""Visits of the support, told to the hotel: its owners read in the feed who acted in whose name, and why."""

from __future__ import annotations

import uuid

from django.db import transaction

from pms.accounts.errors import SupportRefused
from pms.accounts.models import SupportVisit
from pms.accounts.support import MOST_MINUTES, visit_begin, visit_end
from pms.events.publish import publish
from properties.events import SupportVisitEnded, SupportVisitStarted
from properties.models import Membership
from properties.selectors import business_date_of


@transaction.atomic
def support_begin(
    *, supporter_id: uuid.UUID, code: str, email: str, reason: str, minutes: int = MOST_MINUTES
) -> SupportVisit:
    """Begin to act in the name of who signs in with `email` at the hotel `code`. Raises `SupportRefused`."""
    members = Membership.objects.filter(property__code__iexact=code, user__email__iexact=email, disabled_at=None)
    member = members.first()
    if member is None:
        raise SupportRefused("person")
    visit = visit_begin(
        supporter_id=supporter_id,
        user_id=member.user_id,
        property_id=member.property_id,
        reason=reason,
        minutes=minutes,
    )
    _tell(SupportVisitStarted, visit)
    return visit


@transaction.atomic
def support_end(*, visit_id: uuid.UUID) -> SupportVisit:
    """End a visit before its time; one that ended already stays as it is."""
    lasted = SupportVisit.objects.get(pk=visit_id).running()
    visit = visit_end(visit_id=visit_id)
    if lasted:
        _tell(SupportVisitEnded, visit)
    return visit


def _tell(event: type[SupportVisitStarted] | type[SupportVisitEnded], visit: SupportVisit) -> None:
    day = business_date_of(visit.property_id)
    publish(event(property_id=visit.property_id, business_date=day, support_visit_id=visit.pk))
