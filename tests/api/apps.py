"""An app of somebody else's, as tests use it: it sends people to the consent page and trades codes for tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from pms.accounts.models import User
from pms.api.services import (
    api_client_create,
)
from properties.models import Property

TOKEN, REVOKE, AUTHORIZE = "/identity/o/api/token", "/identity/o/api/revoke", "/identity/o/authorize"
BACK = "https://shift.example/back"


class App:
    """A program of somebody else's: it sends people to the consent page and calls the API for them."""

    def __init__(self, hotels: list[Property], scope: str = "rooms.read rooms.write", **options: Any) -> None:
        made = api_client_create(
            name="Shift planner",
            property_ids=[hotel.pk for hotel in hotels],
            scopes=scope.split(),
            redirect_uris=[BACK],
            **options,
        )
        self.client, self.secret = made.client, made.secret
        self.verifier = secrets.token_urlsafe(48)
        self.browser = Client(raise_request_exception=False)

    def link(self, **more: str | None) -> str:
        """Return the address to which the app sends a person."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self.client.oidc_id,
            "redirect_uri": BACK,
            "state": "xyz",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return f"{AUTHORIZE}?{urlencode({name: value for name, value in asked.items() if value is not None})}"

    def code(self, person: Client, hotels: list[Property], scopes: str = "rooms.read rooms.write") -> str:
        """Return the code that the person's consent gives."""
        answer = person.post(self.link(), allow(hotels, scopes))
        assert answer.status_code == 302, answer.content
        return parse_qs(urlsplit(answer["Location"]).query)["code"][0]

    def ask(self, **form: str) -> Any:
        """Call the token endpoint."""
        own = {"client_id": self.client.oidc_id} | ({"client_secret": self.secret} if self.secret else {})
        return self.browser.post(TOKEN, {**own, **form})

    def exchange(self, code: str, **more: str) -> Any:
        """Trade the code for tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        return self.ask(**{**form, **more})

    def renew(self, token: str) -> Any:
        """Trade the refresh token for new tokens."""
        return self.ask(grant_type="refresh_token", refresh_token=token)

    def get(self, token: str, path: str = "/api/v1/properties/SEA/rooms") -> Any:
        """Call the API."""
        return self.browser.get(path, headers={"Authorization": f"Bearer {token}"})

    def post(self, token: str, path: str, body: Any, **headers: str) -> Any:
        """Act."""
        headers = {"Authorization": f"Bearer {token}", **headers}
        return self.browser.post(path, json.dumps(body), "application/json", headers=headers)


def allow(hotels: list[Property], scopes: str) -> dict[str, Any]:
    return {"answer": "allow", "hotels": [str(hotel.pk) for hotel in hotels], "scopes": scopes.split()}


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser
