"""Reads of connections and their mappings; the permitted row for an act."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from channel_manager.models import ChannelConnection, ConnectionPulse, RateMapping, RoomMapping
from pms.accounts.access import fetch
from pms.core.errors import NotThere
from properties.models import Property

Status = ChannelConnection.Status


def connections_of(hotel: Property) -> QuerySet[ChannelConnection]:
    """Return the hotel's connections with how they fare, oldest first."""
    rows: QuerySet[ChannelConnection] = ChannelConnection.objects.filter(property_id=hotel.pk).select_related("pulse")
    return rows.order_by("created_at")


def connection_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> ChannelConnection:
    """Return the connection if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: ChannelConnection = fetch(connections_of(hotel), user, right, pk=pk)
    return found


def connection_by_id(pk: uuid.UUID) -> ChannelConnection:
    """Return a connection with its hotel, for work in the background. Raises `NotThere`."""
    rows = ChannelConnection.objects.select_related("property", "pulse").filter(pk=pk)
    found: ChannelConnection | None = rows.first()
    if found is None:
        raise NotThere(_("That connection"))
    return found


def connection_for_update(pk: uuid.UUID) -> ChannelConnection:
    """Lock a connection and return it as it is now. Raises `NotThere`."""
    rows = ChannelConnection.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    found: ChannelConnection | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere(_("That connection"))
    return found


def live_ids_of(property_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the hotel's live connections."""
    rows = ChannelConnection.objects.filter(property_id=property_id, status=Status.LIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def connection_of_hotel(connection: ChannelConnection, hotel_id: str) -> ChannelConnection | None:
    """Return who speaks for the hotel `hotel_id` of the channel: a message may come through a shared account.

    Only a live connection of the same organization at the same address with the same account is meant.
    """
    if not hotel_id or hotel_id == connection.hotel_id:
        return connection
    rows = ChannelConnection.objects.select_related("property").filter(
        kind=connection.kind,
        hotel_id=hotel_id,
        status=Status.LIVE,
        base_url=connection.base_url,
        property__organization_id=connection.property.organization_id,
    )
    found: ChannelConnection | None = rows.first()
    return found if found is not None and found.credentials == connection.credentials else None


def pull_due_ids(now: dt.datetime) -> list[uuid.UUID]:
    """Return the live connections that are to be asked now and that nobody asks."""
    rows = ConnectionPulse.objects.filter(connection__status=Status.LIVE)
    rows = rows.filter(Q(pull_due_at=None) | Q(pull_due_at__lte=now), _free("pull_lease_until", now))
    return list(rows.order_by(F("pull_due_at").asc(nulls_first=True)).values_list("pk", flat=True))


def push_due_ids(now: dt.datetime) -> list[uuid.UUID]:
    """Return the live connections that have something to say, may be spoken to now, and that nobody speaks to."""
    rows = ConnectionPulse.objects.filter(connection__status=Status.LIVE, connection__dirty__isnull=False)
    rows = rows.filter(Q(push_due_at=None) | Q(push_due_at__lte=now), _free("push_lease_until", now))
    return list(rows.order_by("pk").values_list("pk", flat=True).distinct())


def quick_connections_exist() -> bool:
    """Tell whether any live connection is asked more often than the clock ticks (the sandbox is)."""
    return bool(ChannelConnection.objects.filter(status=Status.LIVE, poll_seconds__lt=5).exists())


def _free(lease: str, now: dt.datetime) -> Q:
    return Q(**{lease: None}) | Q(**{f"{lease}__lte": now})


def rooms_mapped(connection_id: uuid.UUID) -> list[RoomMapping]:
    """Return the channel's rooms in order, each with its type if it has one."""
    return list(RoomMapping.objects.filter(connection_id=connection_id).select_related("room_type"))


def rates_mapped(connection_id: uuid.UUID) -> list[RateMapping]:
    """Return the channel's rates in order, each with its plan if it has one."""
    return list(RateMapping.objects.filter(connection_id=connection_id).select_related("rate_plan"))


def keys_of_connection(connection: Any) -> list[uuid.UUID]:
    """Return the keys of the connection's mappings, for its history."""
    return [
        pk
        for model in (RoomMapping, RateMapping)
        for pk in model.objects.filter(connection_id=connection.pk).values_list("pk", flat=True)
    ]
