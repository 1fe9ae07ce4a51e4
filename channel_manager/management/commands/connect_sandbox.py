"""`manage.py connect_sandbox`: connects a hotel to the pretended booking site, mapped and live."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from channel_manager.services.trial import sandbox_connect
from pms.core.errors import DomainError
from properties.selectors import hotels_all


class Command(BaseCommand):
    """Tells the site the hotel's rooms and rates, maps them, and goes live; safe to repeat after each start."""

    help = "Connect a hotel to the pretended booking site (the first hotel with rooms and rates, or --hotel CODE)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hotel", default=None, metavar="CODE")
        parser.add_argument("--url", default=settings.OTA_SANDBOX_URL or None, help="address of the site")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["url"]:
            raise CommandError("No pretended booking site is known: start it with `up --sandbox`, or give --url.")
        hotels = [hotel for hotel in hotels_all() if options["hotel"] in (None, hotel.code)]
        try:
            connected = next(
                (found for hotel in hotels if (found := sandbox_connect(hotel=hotel, url=options["url"]))), None
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        if connected is None:
            self.stdout.write("No hotel has rooms and rates yet; nothing was connected.")
            return
        self.stdout.write(f"{connected.property.code} is connected to {options['url']} as hotel {connected.hotel_id}.")
