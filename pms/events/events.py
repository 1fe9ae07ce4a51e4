"""What happens to the deliveries themselves."""

from __future__ import annotations

from dataclasses import dataclass

from .base import Event


@dataclass(frozen=True, kw_only=True)
class DeliveryParked(Event, code="delivery.parked"):
    """A receiver could not take an event after all its tries; the delivery waits for a person."""

    delivery: int
    receiver: str
    event: str
    tries: int
