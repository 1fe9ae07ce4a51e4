"""Who may import whom: import-linter's contracts hold, and each would notice a violation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from . import house

LINTER = Path(sys.executable).parent / "lint-imports"
CONFIG: dict[str, Any] = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"] for contract in CONFIG["contracts"]}

# contract → (file, what is planted in it), each a way in which a house falls into disorder.
PLANTED = [
    ("house", "properties/planted.py", "import reservations"),
    ("house", "pms/core/planted.py", "import properties.models"),
    ("house", "folios/planted.py", "import housekeeping"),
    ("places", "pms/core/planted.py", "import pms.live.hub"),
    ("places", "pms/events/planted.py", "from pms.accounts import access"),
    ("places", "pms/extras/__init__.py", ""),
    ("files", "properties/selectors.py", "from . import services"),
    ("files", "properties/models/hotels.py", "from properties import selectors"),
    ("root", "properties/planted.py", "from pms.settings import base"),
    ("root", "pms/live/planted.py", "import pms.celery"),
    ("runtime-unseen", "properties/planted.py", "from pms.runtime import console"),
    ("runtime-alone", "pms/runtime/planted.py", "from pms.core import errors"),
    ("runtime-alone", "pms/runtime/planted.py", "import properties.models"),
    ("acyclic", "pms/core/errors.py", "from . import http"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the house in `folder`."""
    return subprocess.run(
        [LINTER, "--no-logo", "--no-cache", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the house, with two siblings that do nothing yet."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("pms", *house.apps()):
        shutil.copytree(house.ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.lock"))
    names = {"pms", *house.apps(), "reservations", "housekeeping", "folios"}
    for name in names:
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "__init__.py").touch()
    roots = CONFIG["root_packages"]
    text = (house.ROOT / "pyproject.toml").read_text()
    old = "root_packages = [" + ", ".join(f'"{name}"' for name in roots) + "]"
    assert old in text
    (folder / "pyproject.toml").write_text(text.replace(old, f"root_packages = {sorted(names)}"))
    return folder


@pytest.fixture(scope="module")
def verdicts(copied: Path) -> dict[tuple[str, str, str], str]:
    """Return what the linter says to each planted import."""
    program = Path(__file__).with_name("plants.py")
    arguments = [part for plant in PLANTED for part in plant]
    done = subprocess.run(
        [sys.executable, program, *arguments],
        cwd=copied,
        env={**os.environ, "PYTHONPATH": str(copied)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(PLANTED, done.stdout.split(), strict=True))


def test_the_contracts_hold():
    done = lint(house.ROOT)

    assert done.returncode == 0, done.stdout


def test_control_the_copy_is_in_order(copied: Path):
    done = lint(copied)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: f"{plant[0]}: {plant[1]}")
def test_control_a_violation_is_noticed(plant: tuple[str, str, str], verdicts: dict[tuple[str, str, str], str]):
    assert verdicts[plant] == "broken"


def test_control_every_contract_has_one():
    assert {contract for contract, _, _ in PLANTED} == CONTRACTS


def test_every_app_is_under_the_contracts():
    missing = sorted({"pms", *house.apps()} - set(CONFIG["root_packages"]))

    house.assert_none(missing, "Add to root_packages of [tool.importlinter] in pyproject.toml:")


def test_every_app_has_its_layer():
    layers = " ".join(next(one for one in CONFIG["contracts"] if one["id"] == "house")["layers"])
    missing = [app for app in house.apps() if app not in layers.replace("(", " ").replace(")", " ").split()]

    house.assert_none(missing, "Give the app a layer in the contract “house” of pyproject.toml:")
