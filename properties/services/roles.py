"""What the standard roles may do at a hotel, also when an app with new rights joins later."""

from __future__ import annotations

import uuid

from django.db import transaction
from guardian.models import GroupObjectPermission

from pms.accounts.registry import ALL_RIGHTS, ROLES, all_codes, codes_of_role
from pms.accounts.services import role_group_name, roles_set_rights, tenant_content_type


def standard_roles_set(*, property_id: uuid.UUID) -> None:
    """Give every standard role at a new hotel the rights it holds from the start."""
    roles_set_rights(property_id=property_id, rights={role: codes_of_role(role) for role in ROLES})


@transaction.atomic
def standard_roles_complete(*, property_id: uuid.UUID) -> frozenset[str]:
    """Add the rights of newly joined apps to the standard roles of a hotel and return those rights.

    The owner holds every right of the house, so what the owner lacks is new to this hotel. Rights that a hotel took
    away from a role on purpose are not new and stay away.
    """
    held = _rights_by_role(property_id)
    new = all_codes() - held[next(iter(ALL_RIGHTS))]
    if new:
        rights = {role: held[role] | (codes_of_role(role) & new) for role in ROLES}
        roles_set_rights(property_id=property_id, rights=rights)
    return new


def _rights_by_role(property_id: uuid.UUID) -> dict[str, set[str]]:
    role_of = {role_group_name(property_id, role): role for role in ROLES}
    granted = GroupObjectPermission.objects.filter(
        group__name__in=role_of, content_type=tenant_content_type(), object_pk=str(property_id)
    )
    held: dict[str, set[str]] = {role: set() for role in ROLES}
    for name, code in granted.values_list("group__name", "permission__codename"):
        held[role_of[name]].add(code)
    return held
