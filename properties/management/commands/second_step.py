"""`manage.py second_step`: makes a hotel a trial where nobody needs a second step, or an ordinary one again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pms.accounts import second_step
from properties.selectors import hotels_all


class Command(BaseCommand):
    """Whoever can run commands on the server decides this; no page of the hotel can."""

    help = "Ask the people of a hotel for a second step at sign-in (on), or nobody, for a trial (off)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="short code of the hotel")
        parser.add_argument("asked", choices=["on", "off"])

    def handle(self, *args: Any, **options: Any) -> None:
        hotel = next((hotel for hotel in hotels_all() if hotel.code == options["code"].upper()), None)
        if hotel is None:
            raise CommandError(f"There is no hotel {options['code']}. Nothing was changed.")
        asked = options["asked"] == "on"
        second_step.policy_set(property_id=hotel.pk, asked=asked)
        self.stdout.write(f"{hotel.code}: a second step is {'asked for' if asked else 'asked of nobody'}.")
