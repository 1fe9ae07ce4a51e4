"""A mail server on this machine that speaks as much of RFC 5321 as Django's client asks for, and nothing else."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default


@dataclass
class MailServer:
    """What it took, and what it says to whom: `refuses` maps addresses to the code of the refusal."""

    port: int
    mails: list[Message] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)


class _Line(socketserver.StreamRequestHandler):
    """One client."""

    timeout = 10
    server: _Server
    sender = ""
    to: list[str]

    def handle(self) -> None:
        self.to = []
        self._say(220, "ready")
        while word := self.rfile.readline().decode().strip():
            if word.upper() == "QUIT":
                self._say(221, "bye")
                return
            self._answer(word)

    def _answer(self, word: str) -> None:
        verb, state = word.upper(), self.server.state
        if verb.startswith(("EHLO", "RSET")):
            self.sender, self.to = "", []
            self._say(250, "ok")
        elif verb.startswith("MAIL FROM:"):
            self.sender = word
            self._say(250, "ok")
        elif verb.startswith("RCPT TO:") and self.sender:
            address = word.partition("<")[2].partition(">")[0]
            code = state.refuses.get(address, 250)
            self.to += [address] if code == 250 else []
            self._say(code, "said")
        elif verb == "DATA" and self.to:
            self._say(354, "go on")
            state.mails.append(message_from_bytes(self._read(), policy=default))
            self._say(250, "taken")
        else:
            self._say(503, "not now")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())

    def _read(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    state: MailServer


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """Run one on `port`, or on a free one."""
    with _Server(("127.0.0.1", port), _Line) as server:
        server.state = MailServer(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.state
        finally:
            server.shutdown()
