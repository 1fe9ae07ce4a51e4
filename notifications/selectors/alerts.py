"""Which events somebody must not miss: the slot "alert".

An entry's code is the code of an event; its provider is called with the stored event and returns the code under which
people are told (the event's own, or one of its own such as `alert.overbooked`, which has a sentence in the slot
"activity"), or "" if this one is no alarm. Its right says who is told.
"""

from __future__ import annotations

from channel_manager.permissions import Permission as Channels
from folios.permissions import Permission as Books
from pms.accounts.models import User
from pms.core import slots
from pms.events.events import DeliveryParked
from pms.events.models import StreamEvent
from properties.models import Membership
from properties.permissions import Permission as House
from reservations.models import Booking, Reservation
from reservations.permissions import Permission as Sales

from .of_channels import FAILED, PARKED

SLOT = "alert"
STANDS_STILL = DeliveryParked.code
# Said already by the alert of the stay itself.
SAID_BY_THE_STAY = frozenset({"overbooked", "unmapped"})


def declare() -> None:
    """Name the alerts of the lower apps; called once when the app is ready."""
    for code, provider, right in (
        ("booking.created", channel_booking, Sales.RESERVATION_VIEW),
        ("reservation.created", stay_in_need, Sales.RESERVATION_VIEW),
        ("reservation.amended", stay_fell_in_need, Sales.RESERVATION_VIEW),
        (PARKED, message_in_need, Channels.CHANNEL_VIEW),
        (FAILED, always, Channels.CHANNEL_VIEW),
        ("night_audit.failed", always, Books.NIGHT_AUDIT_RUN),
        (STANDS_STILL, always, House.WORK_MANAGE),
    ):
        slots.register(SLOT, slots.Entry(code=code, provider=provider, right=right))


def alert_of(event: StreamEvent) -> tuple[str, str]:
    """Return under which code `event` is an alarm, and the right of those who are told; empty if it is none."""
    entry = next((one for one in slots.entries(SLOT) if one.code == event.code), None)
    code = str(entry.provider(event)) if entry else ""
    return (code, entry.right) if entry and code else ("", "")


def members_of(event: StreamEvent) -> list[User]:
    """Return who works at the hotel of `event`, without who did it."""
    members = Membership.objects.filter(property_id=event.property_id, user__is_active=True)
    return [member.user for member in members.exclude(user_id=event.actor_id).select_related("user").order_by("pk")]


def always(event: StreamEvent) -> str:
    """Alert whenever it happens."""
    return event.code


def channel_booking(event: StreamEvent) -> str:
    """Alert when a channel sold something: at the desk people see what they book themselves."""
    booking = Booking.objects.filter(pk=event.object_id).first() if event.object_id else None
    return "alert.channel_booking" if booking and booking.external_id else ""


def stay_in_need(event: StreamEvent) -> str:
    """Alert when the new stay has no bed, or nobody knows which kind of bed."""
    stay = Reservation.objects.filter(pk=event.object_id).first() if event.object_id else None
    if stay is None:
        return ""
    if "overbooked" in stay.flags:
        return "alert.overbooked"
    return "alert.unmapped" if stay.room_type_id is None or stay.rate_plan_id is None else ""


def stay_fell_in_need(event: StreamEvent) -> str:
    """Alert when a change took a stay's bed, or what it was sold as: once, when the flag is raised."""
    before, now = event.payload.get("changes", {}).get("flags", ([], []))
    raised = set(now) - set(before)
    return next((f"alert.{flag}" for flag in ("overbooked", "unmapped") if flag in raised), "")


def message_in_need(event: StreamEvent) -> str:
    """Alert when a channel's message waits for a person for a reason that no stay tells of."""
    reasons = set(event.payload.get("reasons", ()))
    return event.code if not reasons or reasons - SAID_BY_THE_STAY else ""
