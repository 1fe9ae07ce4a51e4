"""`publish`: how a service says that something happened."""

from __future__ import annotations

from collections.abc import Sequence

from pms.core.locks import require_transaction

from .base import Event, Veto
from .receivers import names_after, run_within
from .recorder import record_all_happened, record_happened


def publish(event: Event) -> None:
    """Tell the upper apps within the transaction, then write `event` into the stream and owe it to `@after`.

    A `@within` receiver may refuse by raising; then nothing of the transaction stays. Raises `OutsideTransaction`
    in autocommit.
    """
    require_transaction(f"The event {event.code or type(event).__name__}")
    run_within(event)
    if not isinstance(event, Veto):
        record_happened(event, receivers=names_after(event.code))


def publish_all(events: Sequence[Event]) -> None:
    """Publish several events that happened together, in their order; written in one go, told one by one."""
    require_transaction("Events")
    for event in events:
        run_within(event)
    lasting = [event for event in events if not isinstance(event, Veto)]
    record_all_happened([(event, names_after(event.code)) for event in lasting])
