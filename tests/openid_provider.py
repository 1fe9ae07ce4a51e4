"""A strict OpenID Connect provider on a real port: discovery, keys, authorization with PKCE, tokens with RS256.

It checks its client as the standards ask, keeps codes for one use, and can be told to misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "front desk:1", "s3cret/+of the house"


class Provider:
    """What the provider knows, whom it signs in, and how it lies."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = "one"
        self.person: dict[str, Any] = {"sub": "u-1"}
        self.redirect_uris = {"http://testserver/account/openid/house/back/"}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.calls: list[str] = []
        self.signed_in_at = time.time()
        # Told by a test.
        self.lies: dict[str, Any] = {}  # claims that are not what they should be; None leaves one out
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.says: dict[str, Any] = {}  # of the metadata
        self.silent = 0.0  # seconds before it answers anything
        self.codes_live_on = False
        self.forgets_to_ask = False  # ignores prompt=login

    def signed(self, claims: dict[str, Any], **options: Any) -> str:
        """Sign as a provider should."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid, **options})

    def public_pem(self) -> bytes:
        """Return the public key as everybody may know it."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def jwks(self) -> dict[str, Any]:
        """Return the public key."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def metadata(self) -> dict[str, Any]:
        """Describe itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            **self.says,
        }

    def authorize(self, asked: dict[str, str]) -> tuple[int, str]:
        """Return where to send the browser back to, or why not."""
        self.asked.append(asked)
        wrong = [
            name
            for name, right in {
                "client_id": asked.get("client_id") == CLIENT,
                "redirect_uri": asked.get("redirect_uri") in self.redirect_uris,
                "response_type": asked.get("response_type") == "code",
                "scope": "openid" in asked.get("scope", "").split(),
                "state": len(asked.get("state", "")) >= 32,
                "nonce": len(asked.get("nonce", "")) >= 32,
                "code_challenge": len(asked.get("code_challenge", "")) == 43,
                "code_challenge_method": asked.get("code_challenge_method") == "S256",
            }.items()
            if not right
        ]
        if wrong:
            return 400, ", ".join(wrong)
        if asked.get("prompt") == "login" and not self.forgets_to_ask:
            self.signed_in_at = time.time()
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        return 302, f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, header: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Trade a code for a token."""
        kind, _space, proof = header.partition(" ")
        client, _colon, secret = base64.b64decode(proof).decode().partition(":") if kind == "Basic" else ("", "", "")
        if (unquote_plus(client), unquote_plus(secret)) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        code = form.get("code", "")
        begun = self.codes.get(code) if self.codes_live_on else self.codes.pop(code, None)
        verifier = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            begun is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != begun["redirect_uri"]
            or verifier.rstrip(b"=").decode() != begun["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            "auth_time": int(self.signed_in_at),
            **self.person,
            **self.lies,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": self.sign(told)}


@contextmanager
def provider() -> Iterator[Provider]:
    """Run one as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = house = Provider(server.server_port)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer metadata, keys and the browser."""
        house, parts = self._house(), urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self._json(200, house.metadata())
        elif parts.path == "/keys":
            self._json(200, house.jwks())
        elif parts.path == "/authorize":
            status, said = house.authorize({name: one[0] for name, one in parse_qs(parts.query).items()})
            self.send_response(status)
            self.send_header("Location" if status == 302 else "X-Wrong", said)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        """Answer the token endpoint."""
        house = self._house()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: one[0] for name, one in parse_qs(body).items()}
        self._json(*house.token(self.headers.get("Authorization", ""), form))

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def _house(self) -> Provider:
        house: Provider = self.server.provider  # type: ignore[attr-defined]
        house.calls.append(urlsplit(self.path).path)
        time.sleep(house.silent)
        return house

    def _json(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # who asked has left
