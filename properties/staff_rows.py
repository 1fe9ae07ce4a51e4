"""The staff as its page lists them: state, roles, when last seen, whether with a second step, other hotels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pms.accounts.access import rights_at
from pms.accounts.people import AccountFacts, account_facts

from .models import Invitation, Membership, Property
from .permissions import Permission
from .selectors import elsewhere, invitations_open, roles_called, roles_givable, roles_of, staff_of

ACTIVE, INVITED, DISABLED = "active", "invited", "disabled"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person of the staff; `changeable` for who may change her, `others` the reader's hotels she works in too."""

    member: Membership
    state: str
    roles: Sequence[str]
    seen_at: datetime | None
    second_step: bool
    others: Sequence[str]
    changeable: bool

    @property
    def shut_out_everywhere(self) -> bool:
        """Tell whether the account itself is closed, which no hotel opens again."""
        return not self.member.user.is_active


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation that waits; `gone` are promised roles that are no longer in use, `changeable` as in `StaffRow`."""

    invitation: Invitation
    roles: Sequence[str]
    gone: bool
    changeable: bool


def invitation_rows(user: Any, hotel: Property) -> list[InvitationRow]:
    """Return the invitations that wait for an answer, newest first."""
    called = roles_called(hotel.pk)
    in_use = {role.code for role in roles_of(hotel.pk)}
    givable = set(roles_givable(user, hotel.pk))
    may_change = Permission.STAFF_CHANGE in rights_at(user, hotel.pk)
    return [
        InvitationRow(
            invitation=one,
            roles=[called.get(role, role) for role in one.roles],
            gone=not set(one.roles) <= in_use,
            changeable=may_change and set(one.roles) & in_use <= givable,
        )
        for one in invitations_open(hotel.pk)
    ]


def staff_rows(user: Any, hotel: Property) -> list[StaffRow]:
    """Return the staff of the hotel by name as `user` sees it; the number of queries does not grow with the staff."""
    members = staff_of(hotel.pk)
    called = roles_called(hotel.pk)
    facts = account_facts(member.user_id for member in members)
    others = elsewhere(user, [member.user_id for member in members], hotel)
    givable = set(roles_givable(user, hotel.pk))
    may_change = Permission.STAFF_CHANGE in rights_at(user, hotel.pk)
    return [
        StaffRow(
            member=member,
            state=_state(member, facts[member.user_id]),
            roles=[called.get(role, role) for role in member.roles],
            seen_at=facts[member.user_id].seen_at,
            second_step=facts[member.user_id].second_step,
            others=others.get(member.user_id, ()),
            changeable=may_change and set(member.roles) <= givable,
        )
        for member in members
    ]


def staff_filtered(rows: Sequence[StaffRow], asked: Mapping[str, str]) -> list[StaffRow]:
    """Return the rows of one state, with one role, or with these letters in name or address."""
    text = asked.get("q", "").strip().casefold()
    return [
        row
        for row in rows
        if (not asked.get("state") or row.state == asked["state"])
        and (not asked.get("role") or asked["role"] in row.member.roles)
        and (text in row.member.user.name.casefold() or text in row.member.user.email.casefold())
    ]


def _state(member: Membership, facts: AccountFacts) -> str:
    if member.disabled_at is not None or not member.user.is_active:
        return DISABLED
    return INVITED if facts.invited else ACTIVE
