"""The hotel's application with a counter of its own in each process: the control of the shared limit."""

from __future__ import annotations

from pms.api import throttle
from pms.asgi import application

throttle._quiet_until = float("inf")  # as while Redis is away

__all__ = ["application"]
