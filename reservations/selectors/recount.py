"""Counts the stock anew from stays and rooms: what the counters should say, for the nightly check (architecture.md 5).

Counters only ever move by steps, so a step that was lost or taken twice would stay wrong for ever; this finds it before
a guest does.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import NamedTuple

from django.db import connection

from properties.models import Property


class Drift(NamedTuple):
    """One counter that says something else than stays and rooms do; `room_type_id` None is the house."""

    room_type_id: uuid.UUID | None
    night: dt.date
    part: str
    stored: int
    counted: int


# Rooms are compared from the business date on: earlier nights keep the number of rooms they had. A night that is sold
# without any counter shows up too (stored as 0).
RECOUNT = """
    WITH held AS (
        SELECT night.room_type_id AS kind, night.night
        FROM reservations_reservationnight AS night
        JOIN reservations_reservation AS stay ON stay.id = night.reservation_id
        WHERE night.property_id = %(property)s AND night.counted AND stay.status NOT IN ('cancelled', 'waitlist')
    ), sold AS (
        SELECT kind, night, count(*) AS rooms FROM held WHERE kind IS NOT NULL GROUP BY kind, night
        UNION ALL
        SELECT NULL, night, count(*) FROM held GROUP BY night
    ), there AS (
        SELECT coalesce(span.room_type_id, room.room_type_id) AS kind, span.days, count(*) AS rooms
        FROM properties_room AS room
        LEFT JOIN properties_roomtypespan AS span ON span.room_id = room.id
        WHERE room.property_id = %(property)s AND room.archived_at IS NULL
        GROUP BY 1, 2
        UNION ALL
        SELECT NULL, NULL, count(*) FROM properties_room
        WHERE property_id = %(property)s AND archived_at IS NULL AND parts = '{}'
    ), shut AS (
        SELECT room.id, coalesce(span.room_type_id, room.room_type_id) AS kind, night::date AS night
        FROM reservations_outoforder AS closed
        JOIN properties_room AS room ON room.id = closed.room_id
        CROSS JOIN LATERAL generate_series(lower(closed.nights)::timestamp, upper(closed.nights) - interval '1 day',
             interval '1 day') AS night
        LEFT JOIN properties_roomtypespan AS span ON span.room_id = room.id AND span.days @> night::date
        WHERE closed.property_id = %(property)s AND closed.active AND closed.kind = 'out_of_order'
    ), out_of_order AS (
        SELECT kind, night, count(*) AS rooms FROM shut GROUP BY kind, night
        UNION ALL
        SELECT NULL, night, count(*) FROM shut GROUP BY night
    ), cells AS (
        SELECT room_type_id AS kind, night FROM reservations_roomtypenight WHERE property_id = %(property)s
        UNION
        SELECT kind, night FROM sold
        UNION
        SELECT kind, night FROM out_of_order WHERE night >= %(day)s
    ), bound AS (
        SELECT nights.night, bound.*
        FROM (SELECT DISTINCT night FROM cells WHERE night >= %(day)s) AS nights
        CROSS JOIN LATERAL inventory_bound(%(property)s, nights.night) AS bound
    ), compared AS (
        SELECT cells.kind, cells.night, part.*
        FROM cells
        LEFT JOIN reservations_roomtypenight AS counter ON counter.property_id = %(property)s
             AND counter.night = cells.night AND counter.room_type_id IS NOT DISTINCT FROM cells.kind
        LEFT JOIN sold ON sold.night = cells.night AND sold.kind IS NOT DISTINCT FROM cells.kind
        LEFT JOIN out_of_order ON out_of_order.night = cells.night
             AND out_of_order.kind IS NOT DISTINCT FROM cells.kind
        LEFT JOIN LATERAL (
            SELECT sum(there.rooms)::integer AS rooms FROM there
            WHERE there.kind IS NOT DISTINCT FROM cells.kind AND (there.days IS NULL OR there.days @> cells.night)
        ) AS there ON true
        LEFT JOIN bound ON bound.night = cells.night AND bound.bound_kind IS NOT DISTINCT FROM cells.kind
        CROSS JOIN LATERAL (VALUES
            ('sold', coalesce(counter.sold, 0), coalesce(sold.rooms, 0)),
            ('out_of_order', coalesce(counter.out_of_order, 0), CASE WHEN cells.night < %(day)s
             THEN coalesce(counter.out_of_order, 0) ELSE coalesce(out_of_order.rooms, 0) END),
            ('physical', coalesce(counter.physical, 0),
             CASE WHEN cells.night < %(day)s THEN coalesce(counter.physical, 0) ELSE coalesce(there.rooms, 0) END),
            ('bound', coalesce(counter.bound, 0),
             CASE WHEN cells.night < %(day)s THEN coalesce(counter.bound, 0) ELSE coalesce(bound.bound_rooms, 0) END),
            ('forced', coalesce(counter.forced, 0), greatest(0, counter.sold + counter.block + counter.hold
             + counter.bound + counter.out_of_order - counter.physical - counter."limit"))
        ) AS part (name, stored, counted)
    )
    SELECT kind, night, name, stored, counted FROM compared WHERE stored <> counted
    ORDER BY night, kind NULLS LAST, name
"""


def recount(hotel: Property) -> list[Drift]:
    """Return every counter of the hotel that differs from its stays and rooms; empty means all is right."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"property": hotel.pk, "day": hotel.business_date})
        return [Drift(*row) for row in cursor.fetchall()]
