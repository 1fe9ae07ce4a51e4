"""Planted offences: each rule has a control that shows it would catch one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import house

Planted = Callable[[str, str], Path]


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Return a function that writes a file of a pretended house, whose root is a temporary folder."""
    monkeypatch.setattr(house, "ROOT", tmp_path)

    def plant(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return plant
