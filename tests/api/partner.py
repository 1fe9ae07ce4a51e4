"""A partner's program as tests use it: it holds a token and speaks JSON."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone

from pms.api.models import ApiClient
from pms.api.services import api_client_create
from properties.models import Property

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "code", "errors", "request_id"}


class Partner:
    """Calls the API as one client; paths are below the hotel unless they begin with a slash."""

    def __init__(self, client: ApiClient, secret: str, token: str, code: str) -> None:
        self.client, self.secret, self.token, self.code = client, secret, token, code
        self.browser = Client(raise_request_exception=False)

    def url(self, path: str) -> str:
        """Return the whole path."""
        return path if path.startswith("/") else f"/api/v1/properties/{self.code}/{path}".rstrip("/")

    def get(self, path: str, **query: Any) -> Any:
        """Read."""
        return self.browser.get(self.url(path), query, headers=self.headers())

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """Act."""
        return self.send("POST", path, body, key=key, **headers)

    def patch(self, path: str, body: Any, *, seen: int | str | None = None, **headers: str) -> Any:
        """Change, from the version seen."""
        tag = f'"{seen}"' if isinstance(seen, int) else seen
        return self.send("PATCH", path, body, **headers, **({"If-Match": tag} if tag else {}))

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """Send JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        more = {"Idempotency-Key": key} if key else {}
        return self.browser.generic(
            method, self.url(path), data, "application/json", headers={**self.headers(), **more, **headers}
        )

    def headers(self) -> dict[str, str]:
        """Return the header with the token."""
        return {"Authorization": f"Bearer {self.token}"}


def make_partner(hotels: Iterable[Property], *, scope: str = "*", rate: int = 6000, name: str = "Petra") -> Partner:
    """Return a new client with a fresh token for all its scopes."""
    bound = list(hotels)
    made = api_client_create(
        name=name, property_ids=[hotel.pk for hotel in bound], scopes=scope.split(), rate_per_minute=rate
    )
    return Partner(made.client, made.secret, make_token(made.client), bound[0].code)


def make_token(client: ApiClient, *, scope: str = "", lives: int = 3600) -> str:
    """Return a token as the token endpoint would give it."""
    value = secrets.token_urlsafe(40)
    token = Token(
        client=client.oidc, type=Token.Type.ACCESS_TOKEN, expires_at=timezone.now() + timedelta(seconds=lives)
    )
    token.set_value(value)
    token.set_scopes(scope.split() or client.scopes)
    token.save()
    return value


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Return the body of a refusal after checking its form."""
    assert response["Content-Type"] == PROBLEM, response.content[:500]
    body: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, body["status"], body["code"]) == (status, status, code), body
    assert set(body) >= MEMBERS
    assert body["type"].endswith(f"/api/v1/docs/errors#{code}")
    assert body["request_id"] == response["X-Request-ID"]
    assert all(set(entry) == {"field", "code", "detail"} for entry in body["errors"])
    # What was asked for reading alone says what to do instead.
    assert "Nothing" in body["detail"] or "was not" in body["detail"] or status in {404, 409, 410} or "cursor" in code
    return body
