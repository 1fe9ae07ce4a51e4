"""What the pieces of the channels page show: a connection's health, and a message of the inbox."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channel_manager.channels.registry import profile_of
from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.selectors.messages import errors_since_yesterday
from pms.live.fragments import Audience
from properties.models import Property

Status = ChannelConnection.Status
State = InboxMessage.State
# So many failures in a row are more than the weather (services.lanes.TOLD_AFTER).
SILENT_AFTER = 3
REASONS: dict[str, Promise] = {
    "unmapped": gettext_lazy("To map"),
    "overbooked": gettext_lazy("Accepted, overbooked"),
    "foreign_currency": gettext_lazy("Other currency"),
    "net_prices": gettext_lazy("Prices without tax"),
    "early_departure": gettext_lazy("Early departure?"),
    "room_needed": gettext_lazy("Needs another room"),
    "in_house": gettext_lazy("Guest is in house"),
    "checked_out": gettext_lazy("Guest has left"),
    "no_show": gettext_lazy("Did not come"),
    "unreadable": gettext_lazy("Cannot be read"),
    "failed": gettext_lazy("Not applied"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A state as tone, icon and words."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A connection as its card shows it."""

    pk: uuid.UUID
    hotel_code: str
    name: str
    about: str
    hotel_id: str
    sign: Sign
    answered_at: dt.datetime | None
    failure: str
    behind: str
    waiting: int
    attention: int
    errors: int
    mapped: int
    mappable: int


def channel_cards(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, ChannelCard]:
    """Return the cards of these connections, worst first; those of other hotels are left out."""
    rows = ChannelConnection.objects.filter(property_id=audience.property_id, pk__in=pks)
    rows = rows.select_related("pulse", "property").annotate(
        dirty_ranges=Count("dirty", distinct=True),
        dirty_since=Min("dirty__at"),
        unapplied=Count("messages", filter=Q(messages__state=State.RECEIVED), distinct=True),
        attention=Count("messages", filter=Q(messages__reasons__0__isnull=False), distinct=True),
        all_rooms=Count("rooms", distinct=True),
        all_rates=Count("rates", distinct=True),
        mapped_rooms=Count("rooms", filter=Q(rooms__room_type__isnull=False), distinct=True),
        mapped_rates=Count("rates", filter=Q(rates__rate_plan__isnull=False), distinct=True),
    )
    found = list(rows.order_by("created_at"))
    errors = errors_since_yesterday(row.pk for row in found)
    return {row.pk: _card(row, errors.get(row.pk, 0)) for row in found}


def _card(row: ChannelConnection, errors: int) -> ChannelCard:
    profile = profile_of(row.kind)
    counts = {name: int(getattr(row, name)) for name in COUNTS}
    return ChannelCard(
        pk=row.pk,
        hotel_code=row.property.code,
        name=profile.name,
        about=str(profile.about),
        hotel_id=row.hotel_id,
        sign=_sign(row, counts),
        answered_at=row.pulse.answered_at,
        failure=row.pulse.failure,
        behind=_behind(getattr(row, "dirty_since", None)),
        waiting=counts["dirty_ranges"] + counts["unapplied"],
        attention=counts["attention"],
        errors=errors,
        mapped=counts["mapped_rooms"] + counts["mapped_rates"],
        mappable=counts["all_rooms"] + counts["all_rates"],
    )


COUNTS = ("dirty_ranges", "unapplied", "attention", "all_rooms", "all_rates", "mapped_rooms", "mapped_rates")


def _sign(row: ChannelConnection, counts: dict[str, int]) -> Sign:
    failures = max(row.pulse.pull_failures, row.pulse.push_failures)
    if row.status == Status.DRAFT:
        return Sign("grey", "circle-dashed", _("Draft"))
    if row.status == Status.SUSPENDED:
        return Sign("grey", "pause", _("Paused"))
    if failures >= SILENT_AFTER:
        return Sign("red", "plug-zap", _("No answer"))
    if failures:
        return Sign("amber", "refresh-cw", _("Trying again"))
    if counts["all_rooms"] + counts["all_rates"] > counts["mapped_rooms"] + counts["mapped_rates"]:
        return Sign("amber", "waypoints", _("To map"))
    if counts["attention"]:
        return Sign("amber", "triangle-alert", _("Needs attention"))
    return Sign("green", "circle-check", _("Up to date"))


def _behind(since: dt.datetime | None) -> str:
    """Return how long the oldest change has been waiting to be told."""
    if since is None:
        return "–"
    seconds = int((timezone.now() - since).total_seconds())
    if seconds < 60:
        return _("%d s") % seconds
    return ngettext("%d min", "%d min", seconds // 60) % (seconds // 60)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of the inbox as its line shows it."""

    pk: uuid.UUID
    hotel_code: str
    at: dt.datetime
    channel: str
    number: str
    guest: str
    what: str
    booking_id: uuid.UUID | None
    reservation_id: uuid.UUID | None
    sign: Sign
    more: Sequence[str]
    unmapped: bool
    connection_id: uuid.UUID
    acknowledged: bool


def message_rows(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, MessageRow]:
    """Return the lines of these messages; those of other hotels are left out."""
    return _rows(_messages(audience.property_id).filter(pk__in=pks))


def inbox_rows(hotel: Property, *, show: str, most: int = 50) -> list[MessageRow]:
    """Return the latest messages; `show` narrows them to those that need attention, or wait to be mapped."""
    rows = _messages(hotel.pk)
    if show == "attention":
        rows = rows.filter(reasons__0__isnull=False)
    if show == "unmapped":
        rows = rows.filter(reasons__contains=["unmapped"])
    return list(_rows(rows[:most]).values())


def attention_count(hotel: Property) -> int:
    """Return how many messages call for a person."""
    return int(_messages(hotel.pk).filter(reasons__0__isnull=False).count())


def _messages(property_id: uuid.UUID) -> QuerySet[InboxMessage]:
    rows: QuerySet[InboxMessage] = InboxMessage.objects.filter(connection__property_id=property_id)
    rows = rows.select_related("connection__property", "booking__booker").order_by("-created_at", "-pk")
    return rows.defer("body").prefetch_related("booking__reservations__room_type")


def _rows(messages: QuerySet[InboxMessage]) -> dict[uuid.UUID, MessageRow]:
    return {message.pk: _row(message) for message in messages}


def _row(message: InboxMessage) -> MessageRow:
    stays = sorted(message.booking.reservations.all(), key=lambda stay: stay.number) if message.booking else []
    first = stays[0] if stays else None
    kind = first.room_type.code if first and first.room_type else "?"
    dates = f"{kind}, {first.arrival:%d.%m.} – {first.departure:%d.%m.%Y}" if first else ""
    reasons = [str(REASONS.get(reason, reason)) for reason in message.reasons]
    return MessageRow(
        pk=message.pk,
        hotel_code=message.connection.property.code,
        at=message.created_at,
        channel=profile_of(message.connection.kind).name,
        number=message.message_id,
        guest=message.booking.booker.full_name if message.booking else "",
        what=dates,
        booking_id=message.booking_id,
        reservation_id=first.pk if first else None,
        sign=_message_sign(message, reasons),
        more=reasons[1:],
        unmapped="unmapped" in message.reasons,
        connection_id=message.connection_id,
        acknowledged=message.acknowledged_at is not None,
    )


def _message_sign(message: InboxMessage, reasons: Sequence[str]) -> Sign:
    if message.state == State.FAILED:
        return Sign("red", "circle-alert", reasons[0] if reasons else _("Looked after"))
    if reasons:
        return Sign("amber", "waypoints" if "unmapped" in message.reasons else "triangle-alert", reasons[0])
    if message.state == State.RECEIVED:
        return Sign("blue", "hourglass", _("Received"))
    if message.acknowledged_at is None:
        return Sign("blue", "check", _("Applied"))
    return Sign("green", "check", _("Acknowledged"))
