"""What the pieces of the channels page show: a connection's health, and a message of the inbox."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channel_manager.channels.registry import profile_of
from channel_manager.models import ChannelConnection, InboxMessage, RateMapping, RoomMapping
from channel_manager.selectors.health import ChannelHealth, channel_healths
from pms.core.templatetags.ui import short_day
from pms.live.fragments import Audience
from properties.models import Property
from reservations.selectors.people import guests_named

Status = ChannelConnection.Status
State = InboxMessage.State
# How many are mapped, and how many there are.
Mapped = tuple[int, int]
# So many failures in a row are more than the weather (services.lanes.TOLD_AFTER).
SILENT_AFTER = 3
REASONS: dict[str, Promise] = {
    "unmapped": gettext_lazy("To map"),
    "overbooked": gettext_lazy("Accepted, overbooked"),
    "foreign_currency": gettext_lazy("Other currency"),
    "net_prices": gettext_lazy("Prices without tax"),
    "early_departure": gettext_lazy("Early departure?"),
    "posted_night": gettext_lazy("Differs from a posted night"),
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
    failure: str
    health: ChannelHealth
    mapped: int
    mappable: int


def channel_cards(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, ChannelCard]:
    """Return the cards of these connections, oldest first; those of other hotels are left out."""
    rows = ChannelConnection.objects.filter(property_id=audience.property_id, pk__in=pks)
    found = list(rows.select_related("pulse", "property").order_by("created_at"))
    keys = [row.pk for row in found]
    healths = channel_healths(keys, audience)
    rooms, rates = _mapped(RoomMapping, "room_type", keys), _mapped(RateMapping, "rate_plan", keys)
    called = InboxMessage.objects.filter(connection_id__in=keys, reasons__0__isnull=False)
    attention = set(called.order_by().values_list("connection_id", flat=True).distinct())
    return {
        row.pk: _card(
            row,
            healths[row.pk],
            [sum(both) for both in zip(rooms.get(row.pk, (0, 0)), rates.get(row.pk, (0, 0)), strict=True)],
            attention=row.pk in attention,
        )
        for row in found
    }


def _mapped(model: type[RoomMapping | RateMapping], ours: str, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mapped]:
    """Return for each connection how many rows are mapped to `ours`, and how many there are."""
    rows = model._default_manager.filter(connection_id__in=keys).order_by().values_list("connection_id")
    counted = rows.annotate(Count(ours), Count("pk"))
    return {pk: (mapped, all_) for pk, mapped, all_ in counted}


def _card(row: ChannelConnection, health: ChannelHealth, mapped: Sequence[int], *, attention: bool) -> ChannelCard:
    profile = profile_of(row.kind)
    return ChannelCard(
        pk=row.pk,
        hotel_code=row.property.code,
        name=profile.name,
        about=str(profile.about),
        hotel_id=row.hotel_id,
        sign=_sign(row, unmapped=mapped[1] > mapped[0], attention=attention),
        failure=row.pulse.failure,
        health=health,
        mapped=mapped[0],
        mappable=mapped[1],
    )


def _sign(row: ChannelConnection, *, unmapped: bool, attention: bool) -> Sign:
    failures = max(row.pulse.pull_failures, row.pulse.push_failures)
    if row.status == Status.DRAFT:
        return Sign("grey", "circle-dashed", _("Draft"))
    if row.status == Status.SUSPENDED:
        return Sign("grey", "pause", _("Paused"))
    if failures >= SILENT_AFTER:
        return Sign("red", "plug-zap", _("No answer"))
    if failures:
        return Sign("amber", "refresh-cw", _("Trying again"))
    if unmapped:
        return Sign("amber", "waypoints", _("To map"))
    if attention:
        return Sign("amber", "triangle-alert", _("Needs attention"))
    return Sign("green", "circle-check", _("Up to date"))


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
    return _rows(_messages(audience.property_id).filter(pk__in=pks), audience)


def inbox_rows(hotel: Property, audience: Audience, *, show: str, most: int = 50) -> list[MessageRow]:
    """Return the latest messages; `show` narrows them to those that need attention, or wait to be mapped."""
    rows = _messages(hotel.pk)
    if show == "attention":
        rows = rows.filter(reasons__0__isnull=False)
    if show == "unmapped":
        rows = rows.filter(reasons__contains=["unmapped"])
    return list(_rows(rows[:most], audience).values())


@dataclass(frozen=True, slots=True)
class Attention:
    """How many messages of the hotel `pk` call for a person."""

    pk: uuid.UUID
    count: int


def attention_of(property_id: uuid.UUID) -> Attention:
    """Return how many messages call for a person."""
    rows = InboxMessage.objects.filter(connection__property_id=property_id, reasons__0__isnull=False)
    return Attention(property_id, rows.count())


def attentions(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, Attention]:
    """Return the count of the audience's hotel, if it is asked for."""
    here = audience.property_id
    return {here: attention_of(here)} if here in pks else {}


def _messages(property_id: uuid.UUID) -> QuerySet[InboxMessage]:
    rows: QuerySet[InboxMessage] = InboxMessage.objects.filter(connection__property_id=property_id)
    rows = rows.select_related("connection__property", "booking__booker").order_by("-created_at", "-pk")
    return rows.defer("body").prefetch_related("booking__reservations__room_type")


def _rows(messages: QuerySet[InboxMessage], audience: Audience) -> dict[uuid.UUID, MessageRow]:
    named = guests_named(audience.rights)
    return {message.pk: _row(message, named=named) for message in messages}


def _row(message: InboxMessage, *, named: bool) -> MessageRow:
    stays = sorted(message.booking.reservations.all(), key=lambda stay: stay.number) if message.booking else []
    first = stays[0] if stays else None
    kind = f"{first.room_type.code}, " if first and first.room_type else ""
    dates = f"{kind}{short_day(first.arrival)} – {short_day(first.departure)}" if first else ""
    reasons = [str(REASONS.get(reason, reason)) for reason in message.reasons]
    return MessageRow(
        pk=message.pk,
        hotel_code=message.connection.property.code,
        at=message.created_at,
        channel=profile_of(message.connection.kind).name,
        number=message.message_id,
        guest=message.booking.booker.full_name if message.booking and named else "",
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
