"""The matrix of rights and roles as its page shows it, who may change what in it, and what a change would mean.

Nobody gives more than she holds herself: a role that holds a right its changer lacks is above her, and stays as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.apps import apps

from pms.accounts.access import rights_at
from pms.accounts.registry import ALL_RIGHTS, Right, codes_of_role, right_named, rights
from pms.core.errors import NotAllowed

from .models import Membership, Property, Role
from .permissions import Permission
from .selectors import role_for, roles_of, staff_of
from .services import Toggle


@dataclass(frozen=True, slots=True)
class Cell:
    """One tick: `standard` is what the role holds from the start (None: a role of the hotel's own)."""

    role: str
    label: str
    right: str
    held: bool
    standard: bool | None
    open: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One role: how many people hold it, in how many ticks it differs from the standard, whether it may be changed."""

    pk: uuid.UUID
    code: str
    label: str
    people: int
    differs: int
    open: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One right and who holds it."""

    right: Right
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Group:
    """The rights of one app."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole page."""

    columns: Sequence[Column]
    groups: Sequence[Group]


def matrix_of(user: Any, hotel: Property) -> Matrix:
    """Return the matrix of the hotel for `user`; three queries, whatever the number of roles."""
    held, roles, staff = rights_at(user, hotel.pk), roles_of(hotel.pk), staff_of(hotel.pk)
    open_to_user = {role.code: _changeable(role, held) for role in roles}
    columns = [
        Column(
            pk=role.pk,
            code=role.code,
            label=str(role),
            people=sum(role.code in member.roles for member in staff),
            differs=len(_differing(role)),
            open=open_to_user[role.code],
            own=not role.is_standard(),
        )
        for role in roles
    ]
    groups = [
        Group(_title(app), [Line(right, [_cell(role, right, held) for role in roles]) for right in found])
        for app, found in groupby(rights(), key=lambda right: right.app)
    ]
    return Matrix(columns, groups)


def role_for_change(user: Any, pk: uuid.UUID, *, hotel: Property) -> Role:
    """Return the role if `user` may change it; raises as `role_for`, and `NotAllowed` for one above her own."""
    role = role_for(user, pk, hotel=hotel)
    if not _changeable(role, rights_at(user, hotel.pk)):
        raise NotAllowed(Permission.ROLE_CHANGE)
    return role


def roles_copyable(user: Any, hotel: Property) -> list[Role]:
    """Return the roles that a new one may be a copy of: those that hold nothing beyond the rights of `user`."""
    held = rights_at(user, hotel.pk)
    return [role for role in roles_of(hotel.pk) if set(role.rights) <= held]


def toggles_permitted(user: Any, hotel: Property, toggles: Iterable[Toggle]) -> None:
    """Raise `NotAllowed` for a right that `user` does not hold herself, and for a role above her own."""
    held = rights_at(user, hotel.pk)
    # What the service refuses for everybody alike (owners, unknown roles) it refuses in its own words.
    above = {role.code for role in roles_of(hotel.pk) if role.code not in ALL_RIGHTS and not _changeable(role, held)}
    if Permission.ROLE_CHANGE not in held:
        raise NotAllowed(Permission.ROLE_CHANGE)
    for toggle in toggles:
        if toggle.right not in held or toggle.role in above:
            raise NotAllowed(Permission.ROLE_CHANGE)


def toggles_to_standard(role: Role) -> list[Toggle]:
    """Return the toggles that put a standard role back to what it holds from the start."""
    standard = codes_of_role(role.code)
    return [Toggle(role.code, code, code in standard) for code in sorted(_differing(role))]


# --- what a change would mean -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What a role would gain and lose, in words, and who holds it."""

    label: str
    given: Sequence[str]
    taken: Sequence[str]
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What a person would gain and lose, all her roles together."""

    name: str
    you: bool
    gains: Sequence[str]
    loses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What toggles would change; those that change nothing (any more) are left out."""

    toggles: Sequence[Toggle]
    roles: Sequence[RoleChange]
    people: Sequence[PersonChange]


def preview_of(user: Any, hotel: Property, toggles: Iterable[Toggle]) -> Preview:
    """Return what the toggles would change for which role and for whom."""
    roles = {role.code: role for role in roles_of(hotel.pk)}
    before = {code: frozenset(role.rights) for code, role in roles.items()}
    after = dict(before)
    real = []
    for toggle in toggles:
        known = toggle.role in roles and right_named(toggle.right) is not None
        if known and (toggle.right in before[toggle.role]) != toggle.on:
            real.append(toggle)
            after[toggle.role] = after[toggle.role] ^ {toggle.right}
    staff = [member for member in staff_of(hotel.pk) if member.disabled_at is None]
    changed = [
        RoleChange(
            label=str(roles[code]),
            given=_labels(after[code] - before[code]),
            taken=_labels(before[code] - after[code]),
            people=[str(member.user) for member in staff if code in member.roles],
        )
        for code in before
        if after[code] != before[code]
    ]
    return Preview(real, changed, [change for member in staff if (change := _person(user, member, before, after))])


def _person(
    user: Any, member: Membership, before: dict[str, frozenset[str]], after: dict[str, frozenset[str]]
) -> PersonChange | None:
    had = frozenset[str]().union(*(before.get(role, frozenset()) for role in member.roles))
    has = frozenset[str]().union(*(after.get(role, frozenset()) for role in member.roles))
    if had == has:
        return None
    return PersonChange(str(member.user), member.user_id == user.pk, _labels(has - had), _labels(had - has))


def _labels(codes: Iterable[str]) -> list[str]:
    wanted = set(codes)
    return [str(right.label) for right in rights() if right.code in wanted]


def _changeable(role: Role, held: frozenset[str]) -> bool:
    return Permission.ROLE_CHANGE in held and role.code not in ALL_RIGHTS and set(role.rights) <= held


def _differing(role: Role) -> frozenset[str]:
    """Return the rights in which the role differs from what it holds from the start, as far as apps know them."""
    if not role.is_standard() or role.code in ALL_RIGHTS:
        return frozenset()
    return frozenset(code for code in codes_of_role(role.code) ^ set(role.rights) if right_named(code))


def _cell(role: Role, right: Right, held: frozenset[str]) -> Cell:
    return Cell(
        role=role.code,
        label=str(role),
        right=right.code,
        held=right.code in role.rights,
        standard=right.code in codes_of_role(role.code) if role.is_standard() else None,
        open=right.code in held and _changeable(role, held),
    )


def _title(app: str) -> str:
    return str(apps.get_app_config(app).verbose_name)
