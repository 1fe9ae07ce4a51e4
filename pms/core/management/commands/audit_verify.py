"""`manage.py audit_verify`: looks through the chains of the audit log and says what was tampered with, and where."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from pms.core.chain.check import Result, check_chain
from pms.core.models import INSTALLATION


class Command(BaseCommand):
    """Checks every chain, or that of one hotel, against the entries and the signed heads."""

    help = "Check the audit log: exit code 1, with what and where, if anything was changed, deleted, swapped or cut."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--property", default="", metavar="CODE", help="only the chain of this hotel")
        parser.add_argument("--since", default="", help="only what was sealed after this day or moment (ISO 8601)")
        parser.add_argument("--heads", type=Path, default=None, help="signed heads from elsewhere: a file or a folder")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"])
        whole = True
        for chain, name in _chains(options["property"]):
            began = time.monotonic()
            result = check_chain(chain, since=since, heads=options["heads"])
            whole = whole and not result.findings
            self._tell(name, result, time.monotonic() - began)
        if not whole:
            sys.exit(1)

    def _tell(self, name: str, result: Result, seconds: float) -> None:
        state = "whole" if not result.findings else f"{len(result.findings)} finding(s)"
        heads = f"{result.heads} signed head(s)" if result.heads else "no signed head yet: a cut end goes unseen"
        erased = f", {result.erased} erased" if result.erased else ""
        self.stdout.write(f"{name}: {state}; {result.entries} entries{erased}, {heads}, {seconds:.1f} s")
        for finding in result.findings:
            self.stdout.write(f"  {finding}")


def _chains(code: str) -> list[tuple[uuid.UUID, str]]:
    hotels = apps.get_model(settings.TENANT_MODEL)._default_manager.order_by("code")
    if code:
        found = hotels.filter(code=code).values_list("pk", "code").first()
        if found is None:
            raise CommandError(f"No hotel has the code {code}. Nothing was checked.")
        return [found]
    return [(INSTALLATION, "the installation"), *hotels.values_list("pk", "code")]


def _moment(text: str) -> Any:
    if not text:
        return None
    day = parse_date(text)
    found = parse_datetime(f"{day}T00:00") if day else parse_datetime(text)
    if found is None:
        raise CommandError(f"{text!r} is no day and no moment (2026-03-14T09:00+01:00). Nothing was checked.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
