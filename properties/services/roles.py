"""What the standard roles may do at a hotel, also when an app with new rights joins later."""

from __future__ import annotations

import uuid

from django.db import transaction
from guardian.models import GroupObjectPermission

from pms.accounts.registry import ALL_RIGHTS, ROLES, all_codes, codes_of_role
from pms.accounts.services import role_group_name, role_set_rights, tenant_content_type


@transaction.atomic
def standard_roles_set(*, property_id: uuid.UUID) -> None:
    """Give every standard role at a new hotel the rights it holds from the start."""
    for role in ROLES:
        role_set_rights(property_id=property_id, role=role, rights=codes_of_role(role))


@transaction.atomic
def standard_roles_complete(*, property_id: uuid.UUID) -> frozenset[str]:
    """Add the rights of newly joined apps to the standard roles of a hotel and return those rights.

    The owner holds every right of the house, so what the owner lacks is new to this hotel. Rights that a hotel took
    away from a role on purpose are not new and stay away.
    """
    known = _rights_of(property_id, next(iter(ALL_RIGHTS)))
    new = all_codes() - known
    if new:
        for role in ROLES:
            rights = _rights_of(property_id, role) | (codes_of_role(role) & new)
            role_set_rights(property_id=property_id, role=role, rights=rights)
    return new


def _rights_of(property_id: uuid.UUID, role: str) -> frozenset[str]:
    granted = GroupObjectPermission.objects.filter(
        group__name=role_group_name(property_id, role), content_type=tenant_content_type(), object_pk=str(property_id)
    )
    return frozenset(granted.values_list("permission__codename", flat=True))
