"""A line between browser and server that can be cut, or go dead without a word as one to a sleeping laptop does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class WeakLine:
    """Passes TCP connections on to `target`, as long as it is well."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 80)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.refuses = False
        self.joints: list[Joint] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def go_dead(self) -> None:
        """Swallow from now on what comes over the WebSockets of now, and tell neither side; new ones are well."""
        for joint in self.joints:
            joint.dead = joint.is_websocket

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        self.refuses = True
        for joint in self.joints:
            joint.close()

    def mend(self) -> None:
        """Let new connections through."""
        self.refuses = False

    def close(self) -> None:
        """End everything."""
        self.cut()
        self.listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return  # closed
            try:
                if self.refuses:
                    raise ConnectionRefusedError
                self.joints.append(Joint(near, socket.create_connection(self.target)))
            except OSError:
                near.close()


class Joint:
    """One connection: its near end, its far end, and whether anything passes."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far, self.dead, self.is_websocket = near, far, False, False
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def close(self) -> None:
        """Break it; both sides are told."""
        for end in (self.near, self.far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.is_websocket |= b"upgrade: websocket" in data.lower()
                if not self.dead:
                    sink.sendall(data)
        if not self.dead:
            self.close()


@contextmanager
def weak_line(target: str) -> Iterator[WeakLine]:
    """Yield a line to the server at `target`."""
    line = WeakLine(target)
    try:
        yield line
    finally:
        line.close()
