"""The one client for calls to channels: a deadline over everything, a cap on what is read, no way into our network.

A call never happens inside a transaction: a slow channel would hold the hotel's locks (reliability.md, design rule 6).
The address is judged when it is connected to, after the name was resolved, so that no name can change its mind.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from .errors import ChannelAddressForbidden, ChannelUnreachable

# Seconds: to connect, for each read, and for the whole call (reliability.md D1).
CONNECT, READ, TOTAL = 5.0, 15.0, 20.0
MOST_BYTES = 10 * 1024 * 1024
SECONDS = re.compile(r"[0-9]{1,9}")
# A gateway sends what is addressed here on to the IPv4 address in the last four bytes (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that IPv6 gives to single hosts in public (RFC 4291, section 2.4); what it has beside is reserved or local.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: int


class InsideTransaction(RuntimeError):
    """A channel was called while a transaction was open."""


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    total: float = TOTAL,
) -> Reply:
    """Send one request and return the answer, whatever its status. Redirects are not followed.

    Raises `ChannelUnreachable` when nothing (or too much) came within `total` seconds, `ChannelAddressForbidden` for
    addresses inside our network, `InsideTransaction` as a fault of ours.
    """
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise InsideTransaction(f"{method} {url} was called inside a transaction: commit first.")
    started = time.monotonic()
    backend = _GuardedBackend(started + total, private=private_allowed(url))
    transport = httpx.HTTPTransport(verify=_certificates())
    transport._pool = httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=backend)
    timeout = httpx.Timeout(READ, connect=CONNECT)
    try:
        with (
            httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, headers=dict(headers or {}), content=body) as answer,
        ):
            read = _read(answer)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        seconds = time.monotonic() - started
        raise ChannelUnreachable(
            _("No answer from %(host)s after %(seconds).1f s (%(fault)s). Tried again by itself.")
            % {"host": urlsplit(url).netloc, "seconds": seconds, "fault": type(error).__name__}
        ) from error
    return Reply(answer.status_code, answer.headers, read, int((time.monotonic() - started) * 1000))


@cache
def _certificates() -> ssl.SSLContext:
    """Return whom we trust; read once, it takes a tenth of a second."""
    return httpx.create_ssl_context()


def _read(answer: httpx.Response) -> bytes:
    pieces, length = [], 0
    for piece in answer.iter_bytes():
        pieces.append(piece)
        length += len(piece)
        if length > MOST_BYTES:
            raise ChannelUnreachable(
                _("The answer has more than %(most)s bytes; the rest was not read.") % {"most": MOST_BYTES}
            )
    return b"".join(pieces)


def seconds_asked(header: str | None) -> int:
    """Return for how many seconds a `Retry-After` asks us to wait: a number or a date; 0 for what is neither."""
    text = (header or "").strip()
    if SECONDS.fullmatch(text):
        return int(text)
    try:
        # A date without a zone is meant in UTC.
        until = parsedate_to_datetime(text)
        until = until if timezone.is_aware(until) else timezone.make_aware(until, dt.UTC)
    except (ValueError, OverflowError):
        return 0
    return max(0, math.ceil((until - timezone.now()).total_seconds()))


def is_public(address: str) -> bool:
    """Tell whether a resolved address lies in the public internet; one that wraps an IPv4 address is judged by that."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ipaddress.IPv4Address(ip.packed[-4:]) if ip in NAT64 else ip.ipv4_mapped or ip.sixtofour
        if wrapped is None:
            return ip in GLOBAL_UNICAST and ip.is_global
        ip = wrapped
    return ip.is_global and not ip.is_multicast


def private_allowed(url: str) -> bool:
    """Tell whether `url` may lie in our own network: the sandbox, and everything while we try things out over http."""
    sandbox = urlsplit(settings.OTA_SANDBOX_URL).netloc if settings.OTA_SANDBOX_URL else ""
    return not settings.SECURE or (bool(sandbox) and urlsplit(url).netloc == sandbox)


def is_local(url: str) -> bool:
    """Tell whether `url` names this very machine, as the sandbox does."""
    return (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}


class _GuardedBackend(httpcore.SyncBackend):
    """Connects to public addresses only, and ends everything at the deadline."""

    def __init__(self, deadline: float, *, private: bool) -> None:
        self.deadline, self.private = deadline, private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, judge, and connect to exactly what was judged."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        address = str(found[0][4][0])
        if not self.private and not all(is_public(str(entry[4][0])) for entry in found):
            raise ChannelAddressForbidden(_("This address lies inside our own network. Nothing was sent."))
        stream = super().connect_tcp(address, port, _left(self.deadline, timeout), local_address, socket_options)
        return _TimedStream(stream, self.deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline, however slowly bytes trickle in."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, within what is left."""
        return self.stream.read(max_bytes, _left(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, within what is left."""
        self.stream.write(buffer, _left(self.deadline, timeout))

    def close(self) -> None:
        """Close."""
        self.stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Encrypt, for the name that was asked for and not for the address."""
        stream = self.stream.start_tls(ssl_context, server_hostname, _left(self.deadline, timeout))
        return _TimedStream(stream, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """Pass on."""
        return self.stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Return how long this step may take. Raises a time-out when nothing is left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise cast(Exception, httpcore.ReadTimeout("The whole call took too long."))
    return min(left, timeout) if timeout else left
