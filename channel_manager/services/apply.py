"""From stored messages to the house: the latest version that the channel sent is what stands here.

What is applied is folded from all stored versions of a reservation, so the order in which they came, and how often,
does not matter (reliability.md D4, design rule 16). One lock per reservation of the channel, taken before all others.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Q

from channel_manager.channels.registry import Profile, profile_of
from channel_manager.drafts import BookingDraft, RoomLine
from channel_manager.errors import ChannelAnswerUnreadable
from channel_manager.events import ChannelMessageApplied
from channel_manager.models import (
    ChannelBooking,
    ChannelConnection,
    InboxMessage,
    RateMapping,
    RoomMapping,
    StayLink,
)
from channel_manager.models.messages import UNREADABLE
from channel_manager.selectors.messages import message_by_id, stays_of, versions_of
from pms.core.db_errors import is_contention
from pms.core.redaction import mask_cards
from pms.core.retry import with_retry
from pms.events.publish import publish
from pms.events.unwatched import touch
from reservations.drafts import ExternalRef, NightDraft, StayDraft
from reservations.services.taking import StayTaken, Taken, booking_take

from .inbox import parked

log = structlog.get_logger(__name__)
State = InboxMessage.State

MOST_TRIES = 3
# Why a message is parked that nothing is wrong with.
FAILED = "failed"
# What nobody has to do anything about: it is written at the stay.
NO_ATTENTION = frozenset({"past", "totals_differ"})
NOTES = 4000


@dataclass(frozen=True, slots=True)
class Folded:
    """What the channel holds true: the content of the latest version that has one, and whether it was cancelled."""

    content: BookingDraft | None
    cancelled: bool


def message_apply(*, message_id: uuid.UUID) -> InboxMessage:
    """Apply a stored message and return it as it stands now; one that is applied already stays as it is.

    Never raises for what the message says: what cannot be read or applied is parked for a person, after three tries.
    """
    try:
        done: InboxMessage = with_retry(lambda: _applied(message_id))
        return done
    except ChannelAnswerUnreadable as error:
        return _given_up(message_id, str(error), final=UNREADABLE)
    except DatabaseError as error:
        if is_contention(error):
            return message_by_id(message_id)  # somebody works on the same: the next turn goes on with it
        if isinstance(error, OperationalError | InterfaceError):
            raise  # the database itself is away: nothing can be noted either
        return _given_up(message_id, f"{type(error).__name__}: {error}")
    except Exception as error:  # a fault of ours must not stop the reservations behind this one; it is told
        log.exception("channel_message.not_applied", message=str(message_id))
        return _given_up(message_id, f"{type(error).__name__}: {error}")


@transaction.atomic
def _applied(message_id: uuid.UUID, *, again: bool = False) -> InboxMessage:
    message = message_by_id(message_id)
    if message.message_id == UNREADABLE:
        return message
    connection = message.connection
    channel_booking = _locked(connection, message.message_id)
    message.refresh_from_db()
    if message.state != State.RECEIVED and not again:
        return message
    profile = profile_of(connection.kind)
    profile.read(message.body)  # this very message has to be readable, not only the others
    folded = fold(profile, versions_of(channel_booking))
    taken = _take(connection, profile, channel_booking, folded)
    reasons = sorted(taken.reasons - NO_ATTENTION) if taken else []
    message.booking = taken.booking if taken else None
    message.reasons, message.error = reasons, ""
    message.state = State.ATTENTION if reasons else State.APPLIED
    message.save(update_fields=["booking", "reasons", "error", "state"])
    _supersede(message)
    publish(
        ChannelMessageApplied(
            property_id=connection.property_id,
            business_date=connection.property.business_date,
            channel_message_id=message.pk,
            connection_id=connection.pk,
            booking_id=message.booking_id,
        )
    )
    if reasons:
        parked(message, connection)
    return message


def _supersede(message: InboxMessage) -> None:
    """Older versions call for nobody any more: what stands in the house now is judged by this one."""
    others = InboxMessage.objects.filter(connection_id=message.connection_id, message_id=message.message_id)
    calling = Q(state=State.ATTENTION) | Q(state=State.FAILED, reasons=[FAILED])
    for other in others.exclude(pk=message.pk).filter(calling).select_related("connection"):
        other.state, other.reasons = State.APPLIED, []
        other.save(update_fields=["state", "reasons"])
        touch(InboxMessage, of=other)


def message_apply_again(*, message_id: uuid.UUID) -> InboxMessage:
    """Apply a message anew, after somebody completed the mapping or mended what stood in the way.

    What cannot be applied is parked again, so that it stands in nobody else's way. A database that is away or a lock
    that could not be had is raised: whoever asked may ask once more.
    """
    try:
        done: InboxMessage = with_retry(lambda: _applied(message_id, again=True))
        return done
    except ChannelAnswerUnreadable as error:
        return _given_up(message_id, str(error), final=UNREADABLE)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # whatever it was, it is logged and stands on the parked message
        log.exception("channel_message.not_applied", message=str(message_id))
        return _given_up(message_id, f"{type(error).__name__}: {error}", final=FAILED)


def _locked(connection: ChannelConnection, external_id: str) -> ChannelBooking:
    row = ChannelBooking(connection=connection, external_id=external_id)
    ChannelBooking.objects.bulk_create([row], ignore_conflicts=True)
    rows = ChannelBooking.objects.select_for_update(of=("self",))
    locked: ChannelBooking = rows.get(connection=connection, external_id=external_id)
    return locked


@transaction.atomic
def _given_up(message_id: uuid.UUID, why: str, *, final: str = "") -> InboxMessage:
    """Note why a message could not be applied; it is parked for the reason `final`, or after the last of its tries."""
    rows = InboxMessage.objects.select_for_update(of=("self",)).select_related("connection__property", "booking")
    message: InboxMessage = rows.get(pk=message_id)
    message.tries += 1
    message.error = mask_cards(why)[:2000]
    fields = ["tries", "error"]
    if final or message.tries >= MOST_TRIES:
        message.state, message.reasons = State.FAILED, [final or FAILED]
        fields += ["state", "reasons"]
    message.save(update_fields=fields)
    if message.state == State.FAILED:
        parked(message, message.connection)
    return message


def fold(profile: Profile, versions: Iterable[InboxMessage]) -> Folded:
    """Return what the versions say together: the latest wins, whatever the order in which they came.

    Versions are ordered by the channel's own moment, then by queue (a change follows what it changes), then as they
    came. Versions that cannot be read do not count; they are parked by themselves.
    """
    ranked = []
    for place, version in enumerate(versions):
        try:
            draft = profile.read(version.body)
        except ChannelAnswerUnreadable:
            continue
        ranked.append(((draft.changed_at, profile.queues.index(version.queue), place), draft))
    ranked.sort(key=lambda pair: pair[0])
    content = next((draft for _, draft in reversed(ranked) if draft.rooms), None)
    return Folded(content, cancelled=bool(ranked) and ranked[-1][1].cancelled)


def _take(
    connection: ChannelConnection, profile: Profile, channel_booking: ChannelBooking, folded: Folded
) -> Taken | None:
    """Bring the house to what the channel says; a cancellation of what was never seen leaves nothing to do."""
    draft = folded.content
    if draft is None:
        return None
    known = stays_of(channel_booking)
    mapping = _Mapping(connection)
    flags = _flags(connection, draft)
    stays = [StayTaken(room.line, mapping.stay(draft, room, flags), known.get(room.line)) for room in draft.rooms]
    lines = {room.line for room in draft.rooms}
    taken = booking_take(
        hotel=connection.property,
        ref=ExternalRef(profile.system, draft.external_id),
        booker=draft.booker,
        stays=stays,
        gone=[pk for line, pk in known.items() if line not in lines],
        source=profile.kind,
        currency=draft.currency,
        notes=draft.remarks[:NOTES],
        cancelled=folded.cancelled,
    )
    for line, reservation in taken.reservations.items():
        if line not in known:
            StayLink(channel_booking=channel_booking, line=line, reservation=reservation).save()
    if channel_booking.booking_id is None:
        channel_booking.booking = taken.booking
        channel_booking.save()
    if folded.cancelled:
        taken.reasons &= {"in_house", "checked_out"}  # of a stay that is off, only this concerns anybody
    return taken


def _flags(connection: ChannelConnection, draft: BookingDraft) -> tuple[str, ...]:
    """Return what is odd about the whole: sums that disagree (the nights are the truth), money, taxes."""
    nights = sum(room.price for room in draft.rooms)
    differs = (draft.total is not None and draft.total != nights) or any(
        room.total is not None and room.total != room.price for room in draft.rooms
    )
    foreign = bool(draft.currency) and draft.currency != connection.property.currency
    signs = {"totals_differ": differs, "foreign_currency": foreign, "net_prices": not draft.prices_with_tax}
    return tuple(name for name, set_ in signs.items() if set_)


class _Mapping:
    """The connection's mapping, read once; what it does not know yet is added to the "to map" list."""

    def __init__(self, connection: ChannelConnection) -> None:
        self.connection = connection
        self.rooms = dict(RoomMapping.objects.filter(connection=connection).values_list("external_id", "room_type_id"))
        self.rates = dict(RateMapping.objects.filter(connection=connection).values_list("external_id", "rate_plan_id"))

    def stay(self, draft: BookingDraft, room: RoomLine, flags: tuple[str, ...]) -> StayDraft:
        """Return the stay of a room line in the hotel's own terms, as far as they are known."""
        kind = self._room(room)
        nights = tuple(NightDraft(night.night, night.price, self._rate(night.rate)) for night in room.nights)
        mapped = kind is not None and all(night.rate_plan_id for night in nights)
        return StayDraft(
            arrival=room.arrival,
            departure=room.departure,
            room_type_id=kind,
            rate_plan_id=nights[0].rate_plan_id,
            adults=room.adults,
            children=room.children,
            guest=room.guest,
            notes=_notes(draft, room, flags, mapped=mapped),
            nights=nights,
            flags=flags if mapped else (*flags, "unmapped"),
            commission=room.commission,
        )

    def _room(self, room: RoomLine) -> uuid.UUID | None:
        if room.room and room.room not in self.rooms:
            RoomMapping(connection=self.connection, external_id=room.room, name=room.room_name).save()
            self.rooms[room.room] = None
        return self.rooms.get(room.room)

    def _rate(self, rate: str) -> uuid.UUID | None:
        if rate and rate not in self.rates:
            RateMapping(connection=self.connection, external_id=rate).save()
            self.rates[rate] = None
        return self.rates.get(rate)


def _notes(draft: BookingDraft, room: RoomLine, flags: tuple[str, ...], *, mapped: bool) -> str:
    lines = [room.remarks]
    if "totals_differ" in flags:
        said = " / ".join(str(total) for total in (draft.total, room.total) if total is not None)
        lines.append(f"The channel's total is {said} {draft.currency}; its nights add up to {room.price}.")
    if "foreign_currency" in flags:
        lines.append(f"Prices are in {draft.currency}.")
    if "net_prices" in flags:
        lines.append("Prices were sent without tax.")
    if not mapped:
        lines.append(f"Booked as “{room.room_name or room.room}”, which is not mapped.")
    return "\n".join(filter(None, lines))[:NOTES]
