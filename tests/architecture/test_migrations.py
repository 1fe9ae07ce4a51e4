"""Migrations are complete, named in words, numbered once, reversible, and independent of today's code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from . import house

# What Django calls a migration when nobody names it.
UNNAMED = re.compile(r"^\d{4}_(auto_\d|alter_|remove_|rename_|add_|delete_|.*_and_more$)")
# Migrations that cannot be undone, and why.
ONE_WAY: dict[str, str] = {}
# Kernel helpers that migrations may call: their meaning is fixed for good.
TIMELESS = {"pms.core.sql", "pms.core"}


def label(path: Path) -> str:
    """Return app and name of a migration."""
    return f"{path.parent.parent.name}.{path.stem}"


def bad_name(stem: str) -> bool:
    """Tell whether a migration's name is a number with Django's guess instead of a reason."""
    return stem != "0001_initial" and (not re.match(r"^\d{4}_[a-z]", stem) or UNNAMED.match(stem) is not None)


def imports_of_the_house(tree: ast.Module) -> list[str]:
    """Return what a migration with its own code imports from the house (field classes of models are data)."""
    runs_code = any(
        isinstance(node, ast.Attribute | ast.Name) and "RunPython" in ast.dump(node) for node in ast.walk(tree)
    )
    if not runs_code:
        return []
    found = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["."] if node.level else [node.module or ""]
        found += [name for name in names if name == "." or (house.is_ours(name) and name not in TIMELESS)]
    return found


def doubled(paths: tuple[Path, ...]) -> list[str]:
    """Return the numbers that two migrations of one app have."""
    numbers = Counter(f"{path.parent.parent.name} {path.stem[:4]}" for path in paths)
    return [number for number, count in numbers.items() if count > 1]


def test_the_migrations_are_those_of_the_models():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {config.label for config in django_apps.get_app_configs() if house.is_ours(config.name)}
    now = ProjectState.from_apps(django_apps)
    found = MigrationAutodetector(loader.project_state(), now, NonInteractiveMigrationQuestioner(specified_apps=ours))
    changes = found.changes(graph=loader.graph, trim_to_apps=ours, convert_apps=ours)

    house.assert_none(
        [
            f"{app}: {operation.describe()}"
            for app, ones in changes.items()
            for one in ones
            for operation in one.operations
        ],
        "Make the migration (manage.py makemigrations <app> -n <what it is for>):",
    )


def test_names_say_what_for():
    house.assert_none(
        [label(path) for path in house.migration_files() if bad_name(path.stem)],
        "Name the migration in words (makemigrations -n city_tax_per_night), not by Django's guess:",
    )


def test_numbers_are_given_once():
    house.assert_none(doubled(house.migration_files()), "Two migrations have one number; renumber the later one:")


def test_migrations_do_not_lean_on_todays_code():
    found = [
        f"{label(path)}: {name}"
        for path in house.migration_files()
        for name in imports_of_the_house(house.tree_of(path))
    ]

    house.assert_none(found, "Inside RunPython take models from `apps`; today's code will have changed by then:")


def test_migrations_can_be_undone():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    stuck = [
        f"{app}.{name}: {type(operation).__name__}"
        for (app, name), migration in loader.disk_migrations.items()
        if house.is_ours(migration.__module__) and f"{app}.{name}" not in ONE_WAY
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ]

    house.assert_none(stuck, "Give a reverse step (RunPython.noop if nothing is lost), or say in ONE_WAY why not:")


@pytest.mark.parametrize(
    "stem", ["0002_auto_20260101_1200", "0003_alter_room_number", "0004_room_floor_and_more", "0005"]
)
def test_control_a_bad_name_is_seen(stem: str):
    assert bad_name(stem)
    assert not bad_name("0002_number_and_prune")


def test_control_a_doubled_number_is_seen():
    first, second = Path("properties/migrations/0002_taxes.py"), Path("properties/migrations/0002_rooms.py")

    assert doubled((first, second)) == ["properties 0002"]
    assert not doubled((first, Path("reservations/migrations/0002_rates.py")))


def test_control_an_import_of_todays_code_is_seen():
    code = "from properties.models import Room\noperations = [migrations.RunPython(forwards)]"

    assert imports_of_the_house(ast.parse(code)) == ["properties.models"]
    assert not imports_of_the_house(ast.parse(code.replace("properties.models", "pms.core.sql")))
