"""`manage.py support EMAIL on|off`: who may act in the names of people of hotels that allow it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pms.accounts.support import supporter_set
from properties.selectors import account_of


class Command(BaseCommand):
    """Makes somebody a supporter, or no longer; running visits end with it."""

    help = "Lets somebody act in the names of people of hotels that allow it (docs/sign-in.md), or no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("state", choices=["on", "off"])

    def handle(self, *_args: Any, **options: Any) -> None:
        user = account_of(options["email"])
        if user is None:
            raise CommandError(f"Nobody signs in with {options['email']}.")
        supporter_set(user_id=user.pk, support=options["state"] == "on")
        now = "is support now, once she has a second step" if options["state"] == "on" else "is support no longer"
        self.stdout.write(f"{user} {now}.")
