"""Fifty clients race for the last five rooms over HTTP, through the server that `manage.py up` starts."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.concurrency.open_hotel import OpenHotel, open_hotel

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.timeout(900)]

CLIENTS, LEFT, ROUNDS = 50, 5, 20
DEADLOCKS = "SELECT sum(deadlocks)::int FROM pg_stat_database"
# Reads, waits, writes: what a booking system without a guard does. The constraint goes too, as it would not exist.
NO_GUARD = """
    ALTER TABLE reservations_roomtypenight DROP CONSTRAINT inventory_not_oversold;
    CREATE OR REPLACE FUNCTION inventory_move(of_property uuid, moves jsonb, is_forced boolean DEFAULT false)
    RETURNS TABLE (moved_type uuid, moved_night date, left_over integer) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        step record;
        seen integer;
    BEGIN
        FOR step IN SELECT (m ->> 'type')::uuid AS kind, (m ->> 'night')::date AS night, (m ->> 'by')::int AS taken
                    FROM jsonb_array_elements(moves) AS m LOOP
            SELECT physical - sold INTO seen FROM reservations_roomtypenight
            WHERE property_id = of_property AND room_type_id = step.kind AND night = step.night;
            IF seen < step.taken THEN
                RAISE EXCEPTION 'no room left' USING ERRCODE = 'PM001',
                    DETAIL = json_build_object('type', step.kind, 'night', step.night)::text;
            END IF;
            PERFORM pg_sleep(0.05);
            UPDATE reservations_roomtypenight SET sold = sold + step.taken
            WHERE property_id = of_property AND room_type_id = step.kind AND night = step.night;
            moved_type := step.kind; moved_night := step.night; left_over := seen - step.taken;
            RETURN NEXT;
            moved_type := NULL; -- the house, which nobody counts here
            RETURN NEXT;
        END LOOP;
    END;
    $$;
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHotel]:
    """The trial hotel, open."""
    with open_hotel(tmp_path_factory.mktemp("race")) as hotel:
        yield hotel


def body(house: OpenHotel, night: dt.date, rooms: int = 1) -> dict[str, Any]:
    """Return a booking of doubles for one night."""
    kinds = {row["code"]: row["id"] for row in house.get("room-types")["results"]}
    plans = {row["code"]: row["id"] for row in house.get("rate-plans")["results"]}
    stay = {
        "room_type": kinds["DBL"],
        "rate_plan": plans["BAR"],
        "arrival": night.isoformat(),
        "departure": (night + dt.timedelta(days=1)).isoformat(),
        "adults": 1,
    }
    return {"booker": {"last_name": "Racer"}, "reservations": [stay] * rooms}


async def race(house: OpenHotel, booking: dict[str, Any]) -> Counter[tuple[int, str]]:
    """Let all clients book at once and count their answers by status and code."""
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(timeout=60, limits=limits) as browser:

        async def try_once() -> tuple[int, str]:
            key = {"Idempotency-Key": str(uuid.uuid4())}
            answer = await browser.post(f"{house.api}/bookings", json=booking, headers=house.headers(**key))
            return answer.status_code, answer.json().get("code", "")

        return Counter(await asyncio.gather(*(try_once() for _ in range(CLIENTS))))


def sell_all_but(house: OpenHotel, night: dt.date) -> None:
    """Leave just the last rooms of the night."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    booking = body(house, night, rooms=30 - LEFT)
    answer = httpx.post(f"{house.api}/bookings", json=booking, headers=house.headers(**key), timeout=60)
    assert answer.status_code == 201, answer.text


def doubles(house: OpenHotel, night: dt.date) -> dict[str, Any]:
    """Return the counter of the doubles."""
    rows = house.get("availability", **{"from": night.isoformat(), "to": night.isoformat()})["results"]
    wanted = body(house, night)["reservations"][0]["room_type"]
    return next(row for row in rows if row["room_type"] == wanted)


def first_night(house: OpenHotel) -> dt.date:
    """Return the hotel's day."""
    answer = httpx.get(house.api, headers=house.headers(), timeout=60)
    return dt.date.fromisoformat(answer.json()["business_date"])


async def test_exactly_five_win_every_round(house: OpenHotel) -> None:
    deadlocks = house.sql(DEADLOCKS)
    for place in range(1, ROUNDS + 1):
        night = first_night(house) + dt.timedelta(days=place)
        sell_all_but(house, night)

        answers = await race(house, body(house, night))

        assert answers == {(201, ""): LEFT, (409, "not_available"): CLIENTS - LEFT}, f"round {place}"
        left = doubles(house, night)
        assert (left["sold"], left["available"], left["sellable"]) == (30, 0, 0)
    assert house.sql(DEADLOCKS) == deadlocks


async def test_without_the_guard_more_than_five_would_win(house: OpenHotel) -> None:
    """The control, last: it is the guard that keeps the house from selling a room twice."""
    night = first_night(house) + dt.timedelta(days=ROUNDS + 5)
    sell_all_but(house, night)
    house.sql(NO_GUARD)

    answers = await race(house, body(house, night))

    assert answers[201, ""] > LEFT, answers
    assert doubles(house, night)["available"] < 0
