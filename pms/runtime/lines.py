"""The web server's end of a page's socket, with a short way for what goes to many pages.

Through ASGI one message costs each page a wake-up of its writer, Channels' and the server's `send` and an encoding of
its own: most of what a change costs with a thousand open pages. The scope's extension `LINE` has a `write` that
frames a text once for all pages and hands it to the transport. Whoever does not find it sends as usual.
"""

from __future__ import annotations

from functools import lru_cache

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

LINE = "pms.line"


class PageLine(WebSocketsSansIOProtocol):
    """uvicorn's socket, with the extension `LINE`."""

    def handle_connect(self, event: Request) -> None:
        """Begin as uvicorn does, and say in the scope that this server knows the short way."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][LINE] = {"write": self.write}

    def write(self, text: str) -> bool:
        """Send a text message at once; False if the line is not open or its buffer is full: send it as usual."""
        if not self.handshake_complete or self.close_sent or not self.writable.is_set():
            return False
        if self.transport.is_closing():
            return False
        self.transport.write(_framed(text))
        return True


@lru_cache(maxsize=64)
def _framed(text: str) -> bytes:
    # Servers do not mask, and no extension is agreed on (pms.runtime.web): the frame is the same for every page.
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
