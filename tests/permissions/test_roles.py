"""The standard roles and what each may do, as a table: whoever changes a role's rights changes it here as well."""

from __future__ import annotations

from pathlib import Path

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
    """An auditor looks at everything and moves nothing."""
    assert {code for code in codes_of_role("auditor") if not code.endswith("_view")} == set()
