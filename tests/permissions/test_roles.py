"""The standard roles and what each may do, as a table: whoever changes a role's rights changes it here as well."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import TextChoices

from pms.accounts import registry
from pms.accounts.registry import ROLES, codes_of_role, rights

TABLE = Path(__file__).with_name("roles.txt")


def drawn() -> str:
    """Return the table as it follows from the registry: a line for each right, a column for each role."""
    width = max(len(right.code) for right in rights())
    lines = [" " * width + "  " + "  ".join(ROLES)]
    for right in sorted(rights(), key=lambda one: (one.app, one.code)):
        cells = [("x" if right.code in codes_of_role(role) else ".").center(len(role)) for role in ROLES]
        lines.append(f"{right.code:<{width}}  {'  '.join(cells)}".rstrip())
    return "\n".join(lines) + "\n"


def test_roles_hold_exactly_the_rights_of_the_table() -> None:
    assert drawn() == TABLE.read_text(), (
        "A standard role may do something else than before. If that is meant, correct the table by hand, "
        "and think of hotels that exist already (properties.services.roles)."
    )


def test_an_owner_holds_everything_and_nobody_else_does() -> None:
    every = {right.code for right in rights()}

    assert codes_of_role("owner") == every
    assert [role for role in ROLES if role not in {"owner", "manager"} and codes_of_role(role) == every] == []


def test_who_only_reads_may_change_nothing() -> None:
    """An auditor looks at everything and moves nothing, also with rights that apps bring later."""
    writing = {right.code for right in rights() if right.writes}

    assert codes_of_role("auditor") & writing == set()
    assert {code for code in writing if code.endswith("_view")} == set(), "A right to see must be declared in READS."


def test_control_a_right_counts_as_writing_unless_it_says_otherwise() -> None:
    class Later(TextChoices):
        THING_SEE = "thing_see", "See the thing"
        THING_MOVE = "thing_move", "Move the thing"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_rights", {})
        declared: Any = SimpleNamespace(Permission=Later, ROLES={}, READS=[Later.THING_SEE], EXPLAINED={}, GUARDED=())
        registry.register("later", declared)

        assert {right.code: right.writes for right in rights()} == {"thing_see": False, "thing_move": True}


def test_every_right_says_to_whoever_gives_it_what_it_does() -> None:
    assert [right.code for right in rights() if not str(right.explained)] == [], "Add it to EXPLAINED of the app."
