"""`manage.py openapi`: refreshes the committed description of the API, docs/openapi.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from pms.api.schema import describe


class Command(BaseCommand):
    """A test compares the file with the code, so a change of the API shows in review."""

    help = "Write the description of the public API to docs/openapi.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=Path(settings.BASE_DIR) / "docs" / "openapi.json")

    def handle(self, *_args: Any, **options: Any) -> None:
        target: Path = options["to"]
        target.write_text(as_text(), encoding="utf-8")
        self.stdout.write(f"Wrote {target}.")


def as_text() -> str:
    """Return the description as it is committed."""
    return json.dumps(describe(), indent=2, ensure_ascii=False, sort_keys=False, default=str) + "\n"
