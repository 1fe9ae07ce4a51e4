"""The roles of a hotel: what people in them may do, the hotel's own roles beside the standard ones.

`Role.rights` is what the pages show; the group of the role, which `pms.accounts.access` reads, is kept in step here.
Lock order: memberships, roles, groups, users.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from guardian.models import GroupObjectPermission

from pms.accounts.registry import ALL_RIGHTS, ROLES, all_codes, codes_of_role
from pms.accounts.services import role_group_name, roles_set_rights, tenant_content_type
from properties.errors import OwnerHoldsAll, RoleArchived, RoleInUse, RoleNameMissing, RoleNameTaken, UnknownRole
from properties.models import Role
from properties.selectors import (
    holders_of_roles,
    invitations_with_role_for_update,
    memberships_for_update,
    role_for_update,
    roles_for_update,
    roles_of,
)

from .changes import apply, check
from .doors import doors_keep
from .staff import member_roles_swap

# So that no standard role of a later version ever meets a hotel's own.
OWN = "own_"


@dataclass(frozen=True, slots=True)
class Toggle:
    """One tick of the matrix: the role's code, the right's, and whether the role shall hold it."""

    role: str
    right: str
    on: bool


def standard_roles_set(*, property_id: uuid.UUID) -> None:
    """Give a new hotel the standard roles with the rights they hold from the start."""
    _keep({role: _new(property_id, code=role, rights=codes_of_role(role)) for role in ROLES}.values())


@transaction.atomic
def standard_roles_complete(*, property_id: uuid.UUID) -> frozenset[str]:
    """Add the rights of newly joined apps to the standard roles of a hotel and return those rights.

    The owner holds every right of the house, so what the owner lacks is new to this hotel. Rights that a hotel took
    away from a role on purpose are not new and stay away. A standard role that the house has learnt since is added.
    """
    granted = _granted(property_id)
    roles = {role.code: role for role in roles_for_update(property_id)}
    # Hotels that are older than these rows: what their groups hold counts.
    added = [
        _new(property_id, code=code, rights=granted.get(code) or codes_of_role(code))
        for code in ROLES
        if code not in roles
    ]
    standard = [*(role for role in roles.values() if role.is_standard()), *added]
    new = all_codes() - granted[next(iter(ALL_RIGHTS))]
    for role in standard:
        grown = {*role.rights, *(codes_of_role(role.code) & new)}
        if grown != set(role.rights):
            role.rights = sorted(grown)
            role.save()
    if new or added:
        _keep(standard)
    return new


@transaction.atomic
def role_add(*, property_id: uuid.UUID, name: str, rights: Iterable[str] = ()) -> Role:
    """Make a role of the hotel's own; nobody holds it yet. Raises `RoleNameTaken`, `RoleNameMissing`."""
    known = roles_for_update(property_id)
    name = _free_name(name, known)
    role = _new(property_id, code=_free_code(name, {role.code for role in known}), name=name, rights=rights)
    _keep([role])
    return role


@transaction.atomic
def role_rename(
    *, role_id: uuid.UUID, name: str, seen_name: str | None = None, seen_version: int | None = None
) -> Role:
    """Call a role otherwise; its people keep it. A standard role called by an empty name has the house's word again.

    Raises `RoleNameTaken`, `RoleNameMissing`, `RoleArchived`, `StaleVersion`.
    """
    role = _in_use(role_id)
    others = [other for other in roles_for_update(role.property_id) if other.pk != role.pk]
    name = "" if role.is_standard() and not name.strip() else _free_name(name, others)
    originals = None if seen_name is None else {"name": seen_name}
    allowed = frozenset({"name"})
    if apply(role, values={"name": name}, originals=originals, allowed=allowed, seen_version=seen_version):
        role.save()
    return role


@transaction.atomic
def role_archive(*, role_id: uuid.UUID, replacement: str | None = None) -> Role:
    """Take one of the hotel's own roles out of use; who holds it, or is invited to, gets the role `replacement`.

    Without one an invitation to it cannot be accepted any more. Raises `RoleInUse` while people hold it and no
    replacement is given, `UnknownRole`, `RoleArchived`.
    """
    members = memberships_for_update(_in_use(role_id, lock=False).property_id)
    role = _in_use(role_id)
    if role.is_standard():
        raise UnknownRole(role.code)
    holders = [member for member in members if role.code in member.roles]
    if holders and not replacement:
        raise RoleInUse(people=len(holders))
    usable = {other.code for other in roles_of(role.property_id)} - {role.code}
    if replacement and replacement not in usable:
        raise UnknownRole(replacement)
    for member in holders:
        member_roles_swap(member=member, old=role.code, new=str(replacement))
    if replacement:
        for invitation in invitations_with_role_for_update(role.property_id, role.code):
            swapped = (replacement if code == role.code else code for code in invitation.roles)
            invitation.roles = list(dict.fromkeys(swapped))
            invitation.save()
    role.archived_at = timezone.now()
    role.save()
    return role


@transaction.atomic
def roles_change_rights(*, property_id: uuid.UUID, toggles: Iterable[Toggle]) -> list[Toggle]:
    """Give single rights to roles and take them away; return those toggles that changed anything.

    Only ticks that somebody touched are given, so two people at the matrix at once never undo each other's work. Who
    holds such a role may do so from this moment on. Raises `UnknownRole`, `OwnerHoldsAll`.
    """
    wanted = {(toggle.role, toggle.right): toggle.on for toggle in toggles if toggle.right in all_codes()}
    roles = {role.code: role for role in roles_for_update(property_id) if role.archived_at is None}
    changed: list[Toggle] = []
    for (code, right), on in sorted(wanted.items()):
        role = roles.get(code)
        if role is None:
            raise UnknownRole(code)
        if code in ALL_RIGHTS:
            raise OwnerHoldsAll
        if (right in role.rights) != on:
            role.rights = sorted({*role.rights, right} if on else {*role.rights} - {right})
            changed.append(Toggle(code, right, on))
    _save([roles[code] for code in dict.fromkeys(toggle.role for toggle in changed)])
    return changed


@transaction.atomic
def roles_copy(*, from_property_id: uuid.UUID, to_property_id: uuid.UUID) -> list[Role]:
    """Let the roles of one hotel hold at another what they hold here; return the roles of the other that changed.

    Own roles are found there by their name and made where they are missing. Roles that only the other hotel has stay.
    """
    here = [role for role in roles_of(from_property_id) if role.code not in ALL_RIGHTS]
    there = [role for role in roles_for_update(to_property_id) if role.archived_at is None]
    changed, added = [], []
    for role in here:
        twin = _twin(role, there)
        if twin is None:
            codes = {other.code for other in roles_for_update(to_property_id)}
            own = _new(to_property_id, code=_free_code(role.name, codes), name=role.name, rights=role.rights)
            added.append(own)
        elif set(twin.rights) != set(role.rights) or twin.name != role.name:
            twin.rights, twin.name = sorted(role.rights), role.name
            changed.append(twin)
    _save(changed)
    _keep(added)
    return [*changed, *added]


def _twin(role: Role, others: Collection[Role]) -> Role | None:
    if role.is_standard():
        return next((other for other in others if other.code == role.code), None)
    return next((other for other in others if _same_name(other.name, role.name)), None)


def _granted(property_id: uuid.UUID) -> Mapping[str, set[str]]:
    role_of = {role_group_name(property_id, role): role for role in ROLES}
    rows = GroupObjectPermission.objects.filter(
        group__name__in=role_of, content_type=tenant_content_type(), object_pk=str(property_id)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for name, code in rows.values_list("group__name", "permission__codename"):
        found[role_of[name]].add(code)
    return found


def _save(roles: Collection[Role]) -> None:
    for role in roles:
        role.save()
    _keep(roles)


def _keep(roles: Iterable[Role]) -> None:
    """Bring the groups of these roles of one hotel, and the doors of their people, in step."""
    by_code: Mapping[str, Role] = {role.code: role for role in roles}
    if not by_code:
        return
    property_id = next(iter(by_code.values())).property_id
    roles_set_rights(property_id=property_id, rights={code: role.rights for code, role in by_code.items()})
    doors_keep(holders_of_roles(property_id, by_code))


def _new(property_id: uuid.UUID, *, code: str, rights: Iterable[str], name: str = "") -> Role:
    role = Role(property_id=property_id, code=code, name=name, rights=sorted(set(rights) & all_codes()))
    check(role)
    role.save()
    return role


def _in_use(role_id: uuid.UUID, *, lock: bool = True) -> Role:
    role = role_for_update(role_id, lock=lock)
    if role.archived_at is not None:
        raise RoleArchived(str(role))
    return role


def _free_name(name: str, others: Iterable[Role]) -> str:
    """Return the name without spaces around it; raises if it is empty or another role in use is called so."""
    name = " ".join(name.split())
    if not name:
        raise RoleNameMissing
    if any(_same_name(str(other), name) for other in others if other.archived_at is None):
        raise RoleNameTaken(name)
    return name


def _same_name(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _free_code(name: str, taken: Collection[str]) -> str:
    base = OWN + (slugify(name).replace("-", "_")[:30] or "role")
    return next(code for code in (base, *(f"{base}_{number}" for number in range(2, 1000))) if code not in taken)
