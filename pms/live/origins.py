"""Who may open a socket at all: a page of this installation. A browser tells the origin of its page and cannot lie.

Cookies do not know ports and sockets do not know CSRF tokens, so the rule is that of Django's forms: the origin is the
one that was spoken to, or one of `CSRF_TRUSTED_ORIGINS`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

IN_THE_CLEAR = {"http", "ws"}


class OwnOrigin:
    """Refuses a handshake (403) from a page that is not ours and, where the site is https, one that came without TLS.

    A page that somebody changed on its way over plain HTTP tells our host, but not our scheme.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one handshake."""
        if _is_ours(scope):
            await self.application(scope, receive, send)
        else:  # answered here: a stranger at the door costs neither a thread nor a connection to the database
            await receive()
            await send({"type": "websocket.close"})


def _is_ours(scope: Any) -> bool:
    origin, host = _header(scope, b"origin"), _header(scope, b"host")
    if settings.SECURE and settings.BEHIND_PROXY and _header(scope, b"x-forwarded-proto") in IN_THE_CLEAR:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    here = f"{'https' if settings.SECURE else 'http'}://{host}"
    return origin == here and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def _header(scope: Any, wanted: bytes) -> str:
    """Return the header in small letters; empty if there is none, or if two say different things."""
    told = {value.decode("latin1").strip().lower() for name, value in scope["headers"] if name == wanted}
    return told.pop() if len(told) == 1 else ""
