"""Every right lets somebody do something: it is asked for by a page, the API or a socket."""

from __future__ import annotations

import re
from pathlib import Path

from pms.accounts import registry

from . import house

# Rights that are declared before anything asks for them, and why. An entry that is asked for by now fails.
NOT_ASKED_YET: dict[str, str] = {}


def asked_for(text: str) -> set[str]:
    """Return the rights that a text asks for: as a member of Permission, as a string, or in a template."""
    found = re.findall(r"\bPermission\.([A-Z_]+)\b|[\"']([a-z_]+)[\"']|\bcan\.([a-z_]+)\b", text)
    return {word.lower() for words in found for word in words if word}


def everything_asked_for() -> set[str]:
    """Return what all code except the declarations themselves asks for, and all templates."""
    code = [path for path in house.house_files() if path.name != "permissions.py"]
    return set().union(*(asked_for(house.text_of(path)) for path in (*code, *house.templates())))


def test_every_right_is_asked_for():
    asked = everything_asked_for()
    idle = [right.code for right in registry.rights() if right.code not in asked]

    house.assert_none(
        [code for code in idle if code not in NOT_ASKED_YET],
        "Ask for the right where it matters, or take it out of permissions.py: a right that opens nothing misleads "
        "whoever grants it:",
    )


def test_every_right_is_declared_once_and_explained():
    rights = registry.rights()

    assert len({right.code for right in rights}) == len(rights)
    house.assert_none([right.code for right in rights if not str(right.label).strip()], "Say what the right allows:")


def test_every_app_registers_its_rights():
    silent = [
        app
        for app in house.apps()
        if (Path(house.ROOT) / app / "permissions.py").exists()
        and not any(right.app == app for right in registry.rights())
    ]

    house.assert_none(silent, "Call registry.register in the app's AppConfig.ready:")


def test_no_exemption_has_become_needless():
    codes = {right.code for right in registry.rights()}
    asked = everything_asked_for()

    house.assert_none(
        sorted(code for code in NOT_ASKED_YET if code in asked or code not in codes),
        "Take these out of NOT_ASKED_YET, they are asked for now or gone:",
    )


def test_control_an_idle_right_is_seen():
    assert asked_for("fetch(rows, user, Permission.ROOM_MARK)") == {"room_mark"}
    assert asked_for("{% if can.room_view %}") == {"room_view"}
    assert asked_for("right='room_change'") == {"room_change"}
    assert not asked_for("room_inspect(room)")
