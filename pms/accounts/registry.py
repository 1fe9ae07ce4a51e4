"""The registry of rights: each app declares its own, and which of the standard roles hold them.

A right is a permission on the tenant (the property), never on a row (docs/adr/0001-permissions-on-the-property.md).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.utils.translation import gettext_lazy as _

# The standard roles of a hotel. A property may have own roles beside them.
ROLES: dict[str, Any] = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "front_desk": _("Front desk"),
    "reservations": _("Reservations"),
    "housekeeping_supervisor": _("Housekeeping supervisor"),
    "housekeeper": _("Housekeeper"),
    "maintenance": _("Maintenance"),
    "accountant": _("Accountant"),
    "revenue": _("Revenue"),
    "auditor": _("Auditor"),
}
# Roles that hold every right of the house, also those of apps that come later.
ALL_RIGHTS = frozenset({"owner"})


@dataclass(frozen=True, slots=True)
class Right:
    """One right: its stable code (`room_mark`), what it lets a person do, and the app that asks for it.

    `writes` tells whether it changes anything; `explained` is a sentence for whoever gives it, where the label alone
    would leave a doubt. Whoever holds a `guarded` one needs a second step to sign in (`second_step`). One that is for
    the `own_hand` is used by nobody who acts in another's name (`support`); every guarded one is.
    """

    code: str
    label: Any
    app: str
    writes: bool = True
    explained: Any = ""
    guarded: bool = False
    own_hand: bool = False


_rights: dict[str, Right] = {}
_held_by: dict[str, set[str]] = defaultdict(set)


def register(app: str, declared: ModuleType) -> None:
    """Take in the rights of `app` as its `permissions` module declares them.

    `Permission` are the rights with their labels; `ROLES` those that each standard role holds from the start; `READS`
    those that only show something: every other one counts as writing; `EXPLAINED` the sentence that the page of the
    roles shows beside a right; `GUARDED` those that nobody holds without a second step at sign-in;
    `OWN_HAND`, where there are any, further ones that nobody uses in another's name. Raises `ValueError` for a right
    that another app declared and for a role that is none of the standard ones.
    """
    own_hand = {str(code) for code in getattr(declared, "OWN_HAND", ())}
    reads, guarded = ({str(code) for code in codes} for codes in (declared.READS, declared.GUARDED))
    for member in declared.Permission:
        code = member.value
        known = _rights.get(code)
        if known is not None and known.app != app:
            raise ValueError(f"The right {code!r} belongs to {known.app!r}.")
        words = declared.EXPLAINED.get(member, "")
        _rights[code] = Right(
            code, member.label, app, code not in reads, words, code in guarded, code in own_hand | guarded
        )
    for role, codes in declared.ROLES.items():
        if role not in ROLES:
            raise ValueError(f"There is no standard role {role!r}.")
        _held_by[role].update(str(code) for code in codes)


def rights() -> list[Right]:
    """Return all rights, by app and in the order they were declared."""
    return sorted(_rights.values(), key=lambda right: right.app)


def right_named(code: str) -> Right | None:
    """Return the right with this code, or None if no app declares it (any more)."""
    return _rights.get(code)


def all_codes() -> frozenset[str]:
    """Return the codes of all rights."""
    return frozenset(_rights)


def guarded_codes() -> frozenset[str]:
    """Return the codes of the rights that nobody holds without a second step."""
    return frozenset(code for code, right in _rights.items() if right.guarded)


def own_hand_codes() -> frozenset[str]:
    """Return the codes of the rights that nobody uses in another's name."""
    return frozenset(code for code, right in _rights.items() if right.own_hand)


def codes_of_role(role: str) -> frozenset[str]:
    """Return the rights that the standard role `role` holds from the start."""
    return all_codes() if role in ALL_RIGHTS else frozenset(_held_by[role])
