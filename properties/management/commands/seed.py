"""`manage.py seed`: fills an empty installation with the trial hotel and prints who can sign in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pms.core.errors import DomainError
from properties.seed import Options, trial_seed
from properties.selectors import installation_is_empty


class Command(BaseCommand):
    """Loads the trial hotel; the passwords are made for this run and shown once."""

    help = "Fill an empty installation with the trial hotel of 50 rooms."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", default="SEA", help="short code of the trial hotel (default: SEA)")
        parser.add_argument("--business-date", type=dt.date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--busy", action="store_true", help="add a believable house: stays, guests, postings")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where anybody is here already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and not installation_is_empty():
            return
        asked = Options(code=options["code"].upper(), business_date=options["business_date"], busy=options["busy"])
        try:
            people = trial_seed(asked)
        except DomainError as error:
            raise CommandError(str(error)) from error
        for person in people:
            self.stdout.write(f"{person.role:<30} {person.email:<24} {person.password}")
