"""Measures the room plan: 300 rooms, 30 days, some two thousand stays (goal C2 of docs/performance.md).

    .venv/bin/python bench/room_plan.py [--rooms 300] [--days 30] [--rounds 9]

Starts a Postgres of its own as the tests do, or uses DATABASE_URL; everything happens in one transaction that is
rolled back. The limit (the plan's own SQL through a bare cursor) and the product alternate; medians are printed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FIRST = (
    "Sofia",
    "Marek",
    "Helene",
    "Thomas",
    "Amélie",
    "Rosa",
    "Elif",
    "Nina",
    "Philipp",
    "Noah",
    "Ahmet",
    "Paul",
    "Rebecca",
    "Omar",
    "Carla",
    "Lucía",
    "Peter",
)
LAST = (
    "Almeida",
    "Dvořák",
    "Brandt",
    "Braun",
    "Laurent",
    "Voss",
    "Keller",
    "Graf",
    "Haas",
    "Fischer",
    "Yılmaz",
    "Popescu",
    "Lefèvre",
    "Pinto",
    "Weber",
)
MIDDLE = (
    "Bergmann",
    "Castellanos",
    "Delgado",
    "Eriksen",
    "Ferrari",
    "Gómez",
    "Horváth",
    "Ivanova",
    "Jansen",
    "Kowalska",
    "Lindqvist",
    "Moreau",
)
TODAY = dt.date(2026, 3, 14)


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of `work` in milliseconds."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def fill(rooms: int, days: int) -> Any:
    """Make a hotel of ten types: stays of one to seven nights, four nights in five sold, one in 25 without a room."""
    from django.db import connection
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.db.models import QuerySet

    from properties.models import RoomType
    from properties.services.setup import RoomPlan
    from reservations.models import Booking, Guest, RatePlan, Reservation, RoomAssignment
    from reservations.selectors.room_plan import plan_rooms
    from reservations.services.inventory import inventory_open
    from tests.factories.properties import make_hotel

    chance = random.Random(7)  # the same house in every run
    hotel = make_hotel(
        business_date=TODAY,
        rooms=[
            RoomPlan(code=f"T{kind}", name=f"Room type {kind}", numbers=_numbers(kind, rooms // 10), max_adults=2)
            for kind in range(10)
        ],
    )
    inventory_open(hotel=hotel, first=TODAY - dt.timedelta(days=9), last=TODAY + dt.timedelta(days=400))
    plan = RatePlan(property=hotel, code="BAR", name="Best price", tax_code="LODGING")
    plan.save()
    kinds = {kind.pk: kind for kind in RoomType.objects.filter(property=hotel)}
    guests, bookings, stays, places = [], [], [], []
    for room in plan_rooms(hotel.pk):
        night = TODAY - dt.timedelta(days=9)
        while night < TODAY + dt.timedelta(days=days + 9):
            nights = chance.randint(1, 7)
            until = night + dt.timedelta(days=nights)
            name = f"{chance.choice(MIDDLE)}-{chance.choice(LAST)}" if chance.random() < 0.3 else chance.choice(LAST)
            guest = Guest(organization=hotel.organization, first_name=chance.choice(FIRST), last_name=name)
            number = "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8))
            booking = Booking(property=hotel, number=number, booker=guest, currency="EUR")
            stay = Reservation(
                property=hotel,
                booking=booking,
                number=f"{number}-1",
                guest=guest,
                status="in_house" if night < TODAY < until else "checked_out" if until <= TODAY else "confirmed",
                arrival=night,
                departure=until,
                room_type=kinds[room.room_type_id],
                rate_plan=plan,
                notes="Late arrival" if chance.random() < 0.15 else "",
                flags=["vip"] if chance.random() < 0.05 else [],
            )
            guests.append(guest)
            bookings.append(booking)
            stays.append(stay)
            if night <= TODAY or chance.random() > 0.04:
                place = RoomAssignment(property=hotel, reservation=stay, nights=DateRange(night, until))
                place.room_id = room.pk
                places.append(place)
            night = until + dt.timedelta(days=chance.choice((0, 0, 0, 1, 1, 2)))
    # Past the guard of watched rows: nobody listens to a house that is rolled back.
    for model, rows in ((Guest, guests), (Booking, bookings), (Reservation, stays), (RoomAssignment, places)):
        QuerySet(model).bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return hotel


def _numbers(kind: int, count: int) -> list[str]:
    return [f"{kind + 1}{place:02}" for place in range(1, count + 1)]


def statements(work: Callable[[], object]) -> list[tuple[str, Any]]:
    """Return the statements that `work` sends."""
    from django.db import connection

    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return seen


def replay(told: list[tuple[str, Any]]) -> Callable[[], None]:
    """Return the limit: the same statements through a bare cursor, all rows fetched."""
    from django.db import connection

    def run() -> None:
        with connection.connection.cursor() as cursor:
            for sql, params in told:
                cursor.execute(sql, params)
                cursor.fetchall()

    return run


def measure(options: argparse.Namespace) -> None:
    """Print the figures."""
    from django.test import Client
    from django.test.utils import CaptureQueriesContext  # noqa: F401 - makes the test client ready

    from pms.accounts.models import User
    from reservations.room_plan import Window
    from reservations.room_plan_pen import Pen
    from reservations.selectors.room_plan import plan_of, plan_part

    hotel = fill(options.rooms, options.days)
    window = Window(TODAY - dt.timedelta(days=1), options.days)
    plan = plan_of(hotel, window)

    def pen_for(plan: Any) -> Any:
        return Pen(plan, seq=1, names=True, hotel_id=hotel.pk, calendar=TODAY)

    def whole() -> str:
        return str(pen_for(plan_of(hotel, window)).grid("type"))

    limit = replay(statements(lambda: plan_of(hotel, window)))
    rounds = options.rounds
    limits, products, ratios = [], [], []
    for _ in range(rounds):
        before, product, after = median_ms(limit, 3), median_ms(whole, 3), median_ms(limit, 3)
        limits.append((before + after) / 2)
        products.append(product)
        ratios.append(product / limits[-1])
    text = whole()
    bars = text.count('id="bar-')
    client = Client()
    client.force_login(User.objects.get(email="olga@sea.example"))
    address = f"/h/SEA/plan/?from={window.first}&days={window.days}"
    page = client.get(address).content
    room = plan.rooms[len(plan.rooms) // 2]
    one = pen_for(plan)
    asked = f"/h/SEA/plan/rows/?from={window.first}&days={window.days}&row="
    ten = "&row=".join(str(room.pk) for room in plan.rooms[:10])
    wide = Window(TODAY - dt.timedelta(days=60), 460)
    part = plan_part(hotel, wide, rooms=[room.pk], with_lanes=False, with_stock=False)
    wide_row = pen_for(part).row(room)
    figures = (
        ("rooms, days, bars", f"{len(plan.rooms)}, {window.days}, {bars}"),
        ("queries of the plan", len(statements(lambda: plan_of(hotel, window)))),
        ("its SQL through a bare cursor", f"{statistics.median(limits):.1f} ms"),
        ("read", f"{median_ms(lambda: plan_of(hotel, window), rounds):.1f} ms"),
        ("draw", f"{median_ms(lambda: pen_for(plan).grid('type'), rounds):.1f} ms"),
        ("read and draw", f"{statistics.median(products):.1f} ms"),
        ("read and draw / SQL (goal 5)", f"{statistics.median(ratios):.2f}"),
        ("whole request with session, rights, shell", f"{median_ms(lambda: client.get(address), rounds):.1f} ms"),
        ("page", f"{len(page) / 1000:.0f} kB, gzip 6: {len(gzip.compress(page, 6)) / 1000:.1f} kB (goal 60)"),
        ("draw one row (goal 1 ms)", f"{median_ms(lambda: one.row(room), 200):.3f} ms"),
        ("request for one row", f"{median_ms(lambda: client.get(asked + str(room.pk)), rounds * 3):.1f} ms"),
        ("request for ten rows", f"{median_ms(lambda: client.get(asked + ten), rounds * 3):.1f} ms"),
        ("one row", f"{len(one.row(room))} bytes; of 460 days: {len(wide_row)} bytes"),
    )
    for name, value in figures:
        print(f"{name:<45}{value}")


def main() -> None:
    """Start what is needed, measure, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=300)
    parser.add_argument("--days", type=int, default=30, choices=(7, 14, 30, 60))
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()

    from pms.runtime.pytest_plugin import start_services, stop_services

    start_services()
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import transaction

        call_command("migrate", verbosity=0)
        with transaction.atomic():
            measure(options)
            transaction.set_rollback(True)
    finally:
        stop_services()


if __name__ == "__main__":
    main()
