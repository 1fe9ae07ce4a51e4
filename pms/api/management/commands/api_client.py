"""`manage.py api_client`: makes, lists and disables the programs of partners, and gives them new secrets."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from pms.api.selectors import api_client_of, api_clients, hotel_codes, hotels_by_code
from pms.api.services import api_client_create, api_client_disable, api_client_rotate
from pms.core.errors import DomainError


class Command(BaseCommand):
    """Prints JSON, so that scripts can read it."""

    help = "Make, list, rotate and disable API clients (programs of partners)."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="make a client and print its id and secret, this once")
        create.add_argument("--name", required=True)
        create.add_argument("--property", required=True, action="append", dest="codes", help="a hotel's short code")
        create.add_argument("--scope", required=True, help='scopes with spaces between them, or "*"')
        create.add_argument("--rate", type=int, default=6000, help="requests a minute")
        create.add_argument(
            "--redirect-uri", action="append", default=[], dest="uris", help="makes an app that acts for people"
        )
        create.add_argument("--public", action="store_true", help="with --redirect-uri: an app that can keep no secret")
        acts.add_parser("list", help="print all clients")
        rotate = acts.add_parser("rotate", help="print a new secret, this once; the former one lives on for a while")
        rotate.add_argument("client_id")
        rotate.add_argument("--overlap", type=int, default=24, help="hours that the former secret still counts")
        acts.add_parser("disable", help="shut a client out at once").add_argument("client_id")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            answer = getattr(self, f"_{options['act']}")(options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(answer, indent=None if options["act"] in {"create", "rotate"} else 2))

    def _create(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["rate"] < 1:
            raise CommandError("--rate must be at least 1. Nothing was made.")
        made = api_client_create(
            name=options["name"],
            property_ids=[hotel.pk for hotel in hotels_by_code(options["codes"])],
            scopes=options["scope"].split(),
            rate_per_minute=options["rate"],
            redirect_uris=options["uris"],
            public=options["public"],
        )
        address = f"{settings.SITE_URL}{reverse('identity:authorize')}"
        return {
            "client_id": made.client.oidc_id,
            "client_secret": made.secret,
            "token_url": f"{settings.SITE_URL}{reverse('identity:token')}",
            **({"authorize_url": address} if made.client.on_behalf else {}),
        }

    def _rotate(self, options: dict[str, Any]) -> dict[str, Any]:
        client = api_client_of(options["client_id"])
        made = api_client_rotate(client_id=client.pk, overlap=dt.timedelta(hours=max(0, options["overlap"])))
        return {"client_id": made.client.oidc_id, "client_secret": made.secret}

    def _list(self, _options: dict[str, Any]) -> list[dict[str, Any]]:
        codes = hotel_codes()
        return [
            {
                "client_id": client.oidc_id,
                "name": client.name,
                "properties": [codes.get(pk, str(pk)) for pk in client.properties],
                "scopes": client.scopes,
                "rate_per_minute": client.rate_per_minute,
                "active": client.is_active,
            }
            for client in api_clients()
        ]

    def _disable(self, options: dict[str, Any]) -> dict[str, Any]:
        client = api_client_disable(client_id=api_client_of(options["client_id"]).pk)
        return {"client_id": client.oidc_id, "active": client.is_active}
