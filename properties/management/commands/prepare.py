"""`manage.py prepare`: brings a database and the static files to what this code needs; run at each start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from properties.links import setup_url
from properties.seed import Options, SignIn, trial_seed
from properties.selectors import hotels_all, installation_is_empty
from properties.services import standard_roles_complete

# Pages that no address here shows; hashing and packing them took half of the first start.
NEVER_SERVED = ["redoc", "rest_framework", "*.md"]


class Command(BaseCommand):
    """Migrates (as the owner's database role), collects static files, seeds if asked, and reports as JSON."""

    help = "Migrate, collect static files and, if asked, seed an empty installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", action="store_true", help="fill an empty installation with the trial hotel")
        parser.add_argument("--report", type=Path, default=None, help="write what a person needs to begin, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        collect_static()
        for hotel in hotels_all():
            standard_roles_complete(property_id=hotel.pk)
        people, messages = _seeded() if options["seed"] else ([], [])
        report = {"setup_url": setup_url(), "sign_ins": [asdict(person) for person in people], "messages": messages}
        text = json.dumps(report, indent=2)
        if options["report"]:
            options["report"].write_text(text)
        else:
            self.stdout.write(text)


def _seeded() -> tuple[list[SignIn], list[str]]:
    if not installation_is_empty():
        return [], ["The demonstration hotel is here already; its passwords were shown when it was made."]
    return trial_seed(Options()), []


def collect_static() -> bool:
    """Collect the static files unless the manifest is newer than all of them; tell whether anything was done."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists() and manifest.stat().st_mtime >= max(_changed_at()):
        return False
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=NEVER_SERVED)
    return True


def _changed_at() -> Iterator[float]:
    """Yield when each source changed: our files and folders (a removed file shows there) and the set of packages."""
    yield (settings.BASE_DIR / "requirements.lock").stat().st_mtime
    for folder in settings.STATICFILES_DIRS:
        for path in (Path(folder), *Path(folder).rglob("*")):
            yield path.stat().st_mtime
