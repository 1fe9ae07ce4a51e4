"""Connecting a hotel to a channel: the account, whether it is live, and what is what (mapping)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channel_manager.channels.registry import profile_of
from channel_manager.drafts import Products
from channel_manager.errors import ConnectionNotReady
from channel_manager.models import ChannelConnection, ConnectionPulse, RateMapping, RoomMapping
from channel_manager.outbound import is_local
from channel_manager.selectors.connections import connection_by_id, connection_for_update
from channel_manager.selectors.messages import waiting_for_mapping
from pms.core.errors import InvalidValue, StaleVersion
from properties.models import Property, RoomType
from reservations.models import RatePlan
from reservations.services.refusals import refusals_told

from .apply import message_apply_again
from .lanes import client_of
from .push import connection_dirtied

Status = ChannelConnection.Status


@transaction.atomic
def connection_add(
    *,
    hotel: Property,
    kind: str,
    hotel_id: str,
    base_url: str = "",
    credentials: Mapping[str, str] | None = None,
    poll_seconds: Decimal | None = None,
) -> ChannelConnection:
    """Add a connection as a draft: nothing is asked or told until it goes live.

    Raises `ChannelUnknown`, `ChannelHotelTaken`, `InvalidValue`.
    """
    profile = profile_of(kind)
    account: Any = _account(kind, credentials or {}, {})
    connection = ChannelConnection(
        property=hotel,
        kind=kind,
        hotel_id=hotel_id.strip(),
        base_url=base_url.strip(),
        credentials=account,
        poll_seconds=Decimal(str(profile.poll_seconds)) if poll_seconds is None else poll_seconds,
    )
    _check(connection)
    _save(connection)
    ConnectionPulse(connection=connection).save()
    return connection


@transaction.atomic
def connection_change(
    *,
    connection_id: uuid.UUID,
    values: Mapping[str, Any],
    credentials: Mapping[str, str] | None = None,
    originals: Mapping[str, Any] | None = None,
    seen_version: int | None = None,
) -> ChannelConnection:
    """Change hotel number, address or pace; credentials only where a new value is given. Raises as `connection_add`."""
    connection = connection_for_update(connection_id)
    if unknown := set(values) - {"hotel_id", "base_url", "poll_seconds"}:
        raise TypeError(f"A connection is not changed in {sorted(unknown)}.")
    touched = values
    if seen_version is not None:
        touched = connection.merge(seen=seen_version, values=values, originals=originals)
    for name, value in touched.items():
        setattr(connection, name, value.strip() if isinstance(value, str) else value)
    if credentials:
        connection.credentials = _account(connection.kind, credentials, connection.credentials)
        ConnectionPulse.objects.filter(pk=connection.pk).update(token=None, token_until=None)
    _check(connection)
    _save(connection)
    return connection


def _account(kind: str, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return the account: fields left empty keep what they were, since what was stored is never shown."""
    names = {field.name for field in profile_of(kind).credentials} | {"username", "password"}
    kept = {name: value for name, value in before.items() if name in names}
    return kept | {name: str(value).strip() for name, value in given.items() if name in names and str(value).strip()}


def _check(connection: ChannelConnection) -> None:
    profile = profile_of(connection.kind)
    if not connection.hotel_id.isascii() or not connection.hotel_id.isalnum():
        raise InvalidValue(_("The hotel's number at the channel has letters and digits only."), field="hotel_id")
    address = connection.base_url
    if address and not address.startswith("https://") and not (address.startswith("http://") and is_local(address)):
        raise InvalidValue(_("The address has to begin with https://."), field="base_url")
    if connection.poll_seconds <= 0:
        raise InvalidValue(_("A poll needs a pause of more than 0 seconds."), field="poll_seconds")
    if connection.poll_seconds < Decimal(str(profile.poll_seconds)) and not is_local(address):
        raise InvalidValue(
            _("%(name)s is not asked more often than every %(seconds)d seconds.")
            % {"name": profile.name, "seconds": profile.poll_seconds},
            field="poll_seconds",
        )


def _save(connection: ChannelConnection) -> None:
    """Save, and tell a hotel that is connected already in words (`ChannelHotelTaken`)."""
    with refusals_told(), transaction.atomic():
        connection.save()


@transaction.atomic
def connection_go_live(*, connection_id: uuid.UUID) -> ChannelConnection:
    """Begin to ask and to tell; everything that can be sold is told first.

    Raises `ConnectionNotReady` without credentials, `ChannelHotelTaken` where another live connection speaks for it.
    """
    connection = connection_for_update(connection_id)
    if not connection.credentials:
        raise ConnectionNotReady(_("The account is missing. The connection stays as it is; enter it first."))
    if connection.status == Status.LIVE:
        return connection
    connection.status = Status.LIVE
    _save(connection)
    ConnectionPulse.objects.filter(pk=connection.pk).update(
        pull_due_at=None, push_due_at=None, pull_failures=0, push_failures=0, failure=""
    )
    connection_dirtied(connection=connection, anew=True)
    return connection


@transaction.atomic
def connection_suspend(*, connection_id: uuid.UUID) -> ChannelConnection:
    """Stop asking and telling; what is under way ends with its call."""
    connection = connection_for_update(connection_id)
    if connection.status == Status.LIVE:
        connection.status = Status.SUSPENDED
        _save(connection)
    return connection


@transaction.atomic
def connection_sync(*, connection_id: uuid.UUID) -> ChannelConnection:
    """Have all that can be sold told anew, as if the channel knew nothing; the pusher does it."""
    connection = connection_for_update(connection_id)
    connection_dirtied(connection=connection, anew=True)
    ConnectionPulse.objects.filter(pk=connection.pk).update(push_due_at=None, pull_due_at=None)
    return connection


def connection_test(*, connection_id: uuid.UUID) -> Products:
    """Ask the channel for its rooms and rates, which proves address and account, and put them into the mapping.

    Never inside a transaction. Raises `ChannelUnreachable`, `ChannelRefused`, `ChannelAddressForbidden`.
    """
    connection = connection_by_id(connection_id)
    found: Products = client_of(connection).products()
    products_note(connection_id=connection_id, products=found)
    return found


@transaction.atomic
def products_note(*, connection_id: uuid.UUID, products: Products) -> None:
    """Put rooms and rates of the channel into the mapping; what is mapped already stays mapped."""
    connection = connection_for_update(connection_id)
    rooms = {row.external_id: row for row in RoomMapping.objects.filter(connection=connection)}
    for product in products.rooms:
        room = rooms.get(product.external_id) or RoomMapping(connection=connection, external_id=product.external_id)
        room.name = product.name[:200] or room.name
        room.save()
    rates = {row.external_id: row for row in RateMapping.objects.filter(connection=connection)}
    for product in products.rates:
        rate = rates.get(product.external_id) or RateMapping(connection=connection, external_id=product.external_id)
        rate.name = product.name[:200] or rate.name
        rate.save()


def mapping_set(
    *,
    connection_id: uuid.UUID,
    rooms: Mapping[str, uuid.UUID | None],
    rates: Mapping[str, uuid.UUID | None],
) -> int:
    """Say which of our types and plans the channel's rooms and rates are (its number → ours, None: not mapped).

    Reservations that waited for it get their type and plan, through the forced door; the channel is told what can be
    sold. Returns how many messages were completed. Raises `InvalidValue` for what is not the hotel's own.
    """
    _mapping_saved(connection_id, rooms, rates)
    return _waiting_applied(connection_id)


def _waiting_applied(connection_id: uuid.UUID) -> int:
    """Complete what waited for its type or plan and return how many messages were."""
    waiting = waiting_for_mapping(connection_id)
    for message_id in waiting:
        message_apply_again(message_id=message_id)
    return len(waiting) - len(waiting_for_mapping(connection_id))


def mapping_change(
    *,
    connection_id: uuid.UUID,
    values: Mapping[str, uuid.UUID | None],
    originals: Mapping[str, uuid.UUID | None] | None = None,
    seen_version: int | None = None,
) -> int:
    """Map what the form `room_<number>`, `rate_<number>` says otherwise than it showed; the rest stays as it stands.

    Returns and raises as `mapping_set`; `StaleVersion` where somebody else mapped the same room or rate meanwhile.
    """
    with transaction.atomic():
        connection = connection_for_update(connection_id)
        now = _mapping_now(connection)
        seen = originals or now
        touched = {name: value for name, value in values.items() if value not in {seen.get(name), now.get(name)}}
        conflicts = {name: (value, now[name]) for name, value in touched.items() if now[name] != seen.get(name)}
        if conflicts:
            current = {name: now[name] for name in values}
            raise StaleVersion(conflicts=conflicts, current=current, version=seen_version or connection.version)
        _mapping_saved(connection_id, _of_kind("room", touched), _of_kind("rate", touched))
    return _waiting_applied(connection_id)


def _mapping_now(connection: ChannelConnection) -> dict[str, uuid.UUID | None]:
    rooms = RoomMapping.objects.filter(connection=connection).values_list("external_id", "room_type_id")
    rates = RateMapping.objects.filter(connection=connection).values_list("external_id", "rate_plan_id")
    return {f"room_{number}": ours for number, ours in rooms} | {f"rate_{number}": ours for number, ours in rates}


def _of_kind(what: str, values: Mapping[str, uuid.UUID | None]) -> dict[str, uuid.UUID | None]:
    prefix = f"{what}_"
    return {name.removeprefix(prefix): ours for name, ours in values.items() if name.startswith(prefix)}


@transaction.atomic
def _mapping_saved(
    connection_id: uuid.UUID, rooms: Mapping[str, uuid.UUID | None], rates: Mapping[str, uuid.UUID | None]
) -> None:
    connection = connection_for_update(connection_id)
    kinds = set(RoomType.objects.filter(property_id=connection.property_id).values_list("pk", flat=True))
    plans = set(RatePlan.objects.filter(property_id=connection.property_id).values_list("pk", flat=True))
    if not {pk for pk in rooms.values() if pk} <= kinds or not {pk for pk in rates.values() if pk} <= plans:
        raise InvalidValue(_("That room type or plan is not of this hotel. Nothing was mapped."), field="mapping")
    known_rooms = {row.external_id: row for row in RoomMapping.objects.filter(connection=connection)}
    for external, kind in rooms.items():
        room = known_rooms.get(external) or RoomMapping(connection=connection, external_id=external)
        room.room_type_id = kind
        room.save()
    known_rates = {row.external_id: row for row in RateMapping.objects.filter(connection=connection)}
    for external, plan in rates.items():
        rate = known_rates.get(external) or RateMapping(connection=connection, external_id=external)
        rate.rate_plan_id = plan
        rate.save()
    if connection.status == Status.LIVE:
        connection_dirtied(connection=connection)
