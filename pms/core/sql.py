"""Installs functions and triggers from `<app>/sql/*.sql`, so that they are read and reviewed as SQL."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations


def install(migration_file: str, name: str, *, undo: str) -> migrations.RunSQL:
    """Return the migration step that runs `sql/<name>` of the app whose migration is `migration_file`.

    `undo` is the SQL that takes it away again. The file is split by nobody: psycopg sends it whole, so bodies in
    dollar quotes stay intact.
    """
    text = (Path(migration_file).resolve().parent.parent / "sql" / name).read_text(encoding="utf-8")
    return migrations.RunSQL([text], [undo])
