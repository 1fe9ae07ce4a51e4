"""Opens the port that the hotel is reached at and says under which names."""

from __future__ import annotations

import errno
import socket
import urllib.error
import urllib.request

from .console import Refusal


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket on `host`:`port` (0: any free one), or refuse in one sentence."""
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} is taken by another program. Nothing was started; give another with --port."
        elif error.errno == errno.EACCES:
            why = f"Port {port} is for the administrator only. Nothing was started; give one above 1023 with --port."
        else:
            why = f"The address {host} cannot be used here ({error.strerror}). Nothing was started; correct --host."
        raise Refusal(why) from error


def public_name(host: str) -> str:
    """Return the name to put into links: `host`, or for all interfaces the address that others on the network see."""
    if host not in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only asks the routing table
        except OSError:
            return "127.0.0.1"
        name: str = probe.getsockname()[0]
        return name


def allowed_hosts(name: str) -> str:
    """Return the host names under which the hotel answers."""
    return ",".join(dict.fromkeys([name, "localhost", "127.0.0.1", socket.gethostname()]))


def status(url: str, patience: float = 1.0) -> int:
    """Return the HTTP status of `url`, 0 when nothing answers in time."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=patience) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
