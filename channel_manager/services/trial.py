"""Connects a hotel to the pretended booking site: for trying, never part of real work."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from channel_manager import outbound
from channel_manager.errors import ChannelRefused, ChannelUnreachable
from channel_manager.models import ChannelConnection
from channel_manager.selectors.connections import connections_of
from properties.models import Property, RoomType
from reservations.models import RatePlan

from .connections import (
    connection_add,
    connection_change,
    connection_go_live,
    connection_sync,
    connection_test,
    mapping_set,
)

KIND = "booking_com"
HOTEL_ID = "900100"
ACCOUNT = {"client_id": "sandbox", "client_secret": "sandbox-secret"}  # the site's own, known to everybody
PACE = Decimal("0.3")
PATIENCE = 15


def sandbox_connect(*, hotel: Property, url: str) -> ChannelConnection | None:
    """Connect `hotel` to the site at `url` and return the live connection; None for a hotel without rooms or rates.

    Again after each start of the site: it forgets everything, so it is told all anew.
    """
    kinds = list(RoomType.objects.filter(property_id=hotel.pk, archived_at=None).order_by("rank", "code"))
    plans = list(RatePlan.objects.filter(property_id=hotel.pk, archived_at=None).order_by("code"))
    if not kinds or not plans:
        return None
    rooms = {f"{HOTEL_ID}{place:02}": kind for place, kind in enumerate(kinds, start=1)}
    rates = {f"{55000 + place}": plan for place, plan in enumerate(plans, start=1)}
    _tell_site(url, hotel, rooms, rates)
    found: ChannelConnection | None = connections_of(hotel).filter(kind=KIND, hotel_id=HOTEL_ID).first()
    connection = found or connection_add(
        hotel=hotel, kind=KIND, hotel_id=HOTEL_ID, base_url=url, credentials=ACCOUNT, poll_seconds=PACE
    )
    connection_change(connection_id=connection.pk, values={"base_url": url, "poll_seconds": PACE}, credentials=ACCOUNT)
    connection_test(connection_id=connection.pk)
    mapping_set(
        connection_id=connection.pk,
        rooms={number: kind.pk for number, kind in rooms.items()},
        rates={number: plan.pk for number, plan in rates.items()},
    )
    connection = connection_go_live(connection_id=connection.pk)
    return connection_sync(connection_id=connection.pk)


def _tell_site(url: str, hotel: Property, rooms: dict[str, RoomType], rates: dict[str, RatePlan]) -> None:
    """Tell the site what the hotel has; it may just be starting."""
    facts: dict[str, Any] = {
        "hotel": HOTEL_ID,
        "name": hotel.name,
        "rooms": [{"id": number, "name": kind.name, "sleeps": kind.max_adults} for number, kind in rooms.items()],
        "rates": [{"id": number, "name": plan.name} for number, plan in rates.items()],
    }
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            reply = outbound.call("POST", f"{url}/control/hotel", body=json.dumps(facts).encode())
        except ChannelUnreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
            continue
        if reply.status != 200:
            raise ChannelRefused(_("The pretended site answered %(status)s.") % {"status": reply.status})
        return
