"""Keeps the door to the administration in step with the rights of people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from guardian.models import GroupObjectPermission

from pms.accounts.models import User
from pms.accounts.services import tenant_content_type
from properties.permissions import Permission


def doors_keep(user_ids: Iterable[uuid.UUID]) -> None:
    """Open the administration to those of these people who may change some hotel's settings, and close it to the rest.

    Asked of the tables, not of `access`: its cache must never learn what this transaction may still undo.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk__in=set(user_ids)).order_by("pk")
    grants = GroupObjectPermission.objects.filter(
        group__user__in=people.values("pk"),
        content_type=tenant_content_type(),
        permission__codename=Permission.HOTEL_CHANGE,
    )
    managing = set(grants.values_list("group__user", flat=True))
    for user in people:
        manages = user.is_superuser or user.pk in managing
        if user.is_staff != manages:
            user.is_staff = manages
            user.save(update_fields=["is_staff"])
