"""`manage.py openid_unlink EMAIL`: unties a person from her accounts at OpenID Connect providers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pms.accounts.openid.people import identities_forget
from properties.selectors import account_of


class Command(BaseCommand):
    """Forgets who somebody is for a provider; the next verified address ties her anew."""

    help = "Unties a person from her accounts at OpenID Connect providers (docs/sign-in.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = account_of(options["email"])
        if user is None:
            raise CommandError(f"Nobody signs in with {options['email']}.")
        self.stdout.write(f"{user}: {identities_forget(user_id=user.pk)} links forgotten; nobody is signed out by it.")
