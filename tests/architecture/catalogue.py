"""Writes docs/errors.md and docs/events.md out of the code, so that they cannot fall behind it.

The tests compare; `UPDATE_DOCS=1 python -m pytest tests/architecture/test_catalogues.py` writes.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
from collections.abc import Iterable
from pathlib import Path

from pms.core.errors import DomainError
from pms.core.http import STATUS
from pms.events import receivers
from pms.events.base import Event, Veto

from . import house

UPDATE = "UPDATE_DOCS"
COMMAND = f"{UPDATE}=1 .venv/bin/python -m pytest tests/architecture/test_catalogues.py"
IRREGULAR = {
    "begun", "bound", "built", "cut", "done", "drawn", "found", "given", "gone", "held", "kept", "left", "lost", "made",
    "met", "paid", "put", "read", "sent", "set", "sold", "spent", "split", "taken", "torn", "undone", "withdrawn",
    "written",
}  # fmt: skip
BASE_FIELDS = {field.name for field in dataclasses.fields(Event)}

ERRORS_HEAD = f"""# Errors

Every refusal has a stable code. Pages show its sentence; the API answers `application/problem+json` with the code and
the facts as fields (`pms.core.http` maps the kind to the status). A code is never renamed and never used for
something else. Written by `{COMMAND}`.

| code | status | when | class |
|---|---|---|---|
"""
EVENTS_HEAD = f"""# Events

What can happen, as the services publish it. Every event carries `property_id`, and where they are known
`business_date`, `version` and `changes` (`field: [old, new]`, never personal data); the table lists its own fields.
`within` receivers run in the same transaction and may refuse; `after` receivers run at least once after the commit
([adding an event](adding-an-event.md)). Written by `{COMMAND}`.

| code | own fields | what happened | received by |
|---|---|---|---|
"""
VETOES_HEAD = """
## Vetoes

Published before the act, inside its transaction; a receiver refuses by raising. They leave no trace in the stream.

| class | own fields | what is about to happen | received by |
|---|---|---|---|
"""


def errors() -> list[type[DomainError]]:
    """Return the errors of the house, by code."""
    house.import_catalogues()
    return [error for _, error in sorted(DomainError.catalogue.items()) if house.is_ours(error.__module__)]


def events() -> list[type[Event]]:
    """Return the events of the house, by code."""
    house.import_catalogues()
    return [event for _, event in sorted(Event.catalogue.items()) if house.is_ours(event.__module__)]


def vetoes() -> list[type[Event]]:
    """Return the vetoes of the house, by name."""
    house.import_catalogues()
    return sorted((one for one in Veto.__subclasses__() if house.is_ours(one.__module__)), key=lambda one: one.__name__)


def errors_page() -> str:
    """Return docs/errors.md as it should be."""
    return ERRORS_HEAD + "".join(
        f"| `{error.code}` | {STATUS[error.kind]} | {_cell(error)} | `{error.__module__}.{error.__name__}` |\n"
        for error in errors()
    )


def events_page() -> str:
    """Return docs/events.md as it should be."""
    happened = "".join(f"| `{event.code}` | {_row(event)}" for event in events())
    vetoed = "".join(f"| `{veto.__name__}` | {_row(veto)}" for veto in vetoes())
    return EVENTS_HEAD + happened + (VETOES_HEAD + vetoed if vetoed else "")


def _row(event: type[Event]) -> str:
    own = ", ".join(f"`{field.name}`" for field in dataclasses.fields(event) if field.name not in BASE_FIELDS)
    return f"{own or '–'} | {_cell(event)} | {', '.join(_receivers_of(event)) or '–'} |\n"


def _receivers_of(event: type[Event]) -> list[str]:
    known = receivers.registered()
    inside = [
        f"{function.__module__}.{function.__name__}"
        for function in known["within"].get(event.code or event.__name__, [])
    ]
    found = [("within", name) for name in inside] + [("after", name) for name in known["after"].get(event.code, [])]
    return [f"{when} `{name}`" for when, name in found if house.is_ours(name)]


def _cell(documented: type) -> str:
    return house.first_sentence(inspect.cleandoc(documented.__doc__ or "")).replace("|", "\\|")


def documented(documented: type) -> bool:
    """Tell whether a class has a docstring of its own (dataclasses get one that says nothing)."""
    own = documented.__dict__.get("__doc__") or ""
    return bool(own.strip()) and not own.startswith(f"{documented.__name__}(")


def compare(path: Path, wanted: str) -> list[str]:
    """Return the lines in which the file at `path` differs from `wanted`; write it instead if asked to."""
    if os.environ.get(UPDATE):
        path.write_text(wanted, encoding="utf-8")
    there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    asked = wanted.splitlines()
    missing = [f"missing: {line}" for line in asked if line not in there]
    return missing + [f"not (any more) in the code: {line}" for line in there if line not in asked]


def snake(name: str) -> str:
    """Return a class name as words with underscores."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def past(words: Iterable[str]) -> bool:
    """Tell whether one of the words is a verb in the past tense."""
    return any(word.endswith("ed") or word in IRREGULAR for word in words)
