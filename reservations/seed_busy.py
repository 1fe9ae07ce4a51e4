"""A believable house for trying: three days lived through the real services, then the day that is open now.

`manage.py seed --busy` (or `up --seed --busy`) asks for it. Names and stays are the same in every run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from properties.models import Property, Room, RoomType
from properties.selectors import hotel_by_id, room_types_of, rooms_of
from properties.services import room_mark
from properties.services.business_day import business_date_roll

from .drafts import ExternalRef, GuestDraft, StayDraft
from .models import RatePlan, Reservation
from .rules import is_ready
from .seed import PRICES
from .selectors.offers import rate_plans_sold
from .selectors.stays import rooms_free
from .selectors.today import departing
from .services.bookings import booking_create
from .services.front_desk import reservation_check_in, reservation_check_out
from .services.inventory import inventory_open
from .services.rates import RateValue, rates_set
from .services.stays import reservation_assign_room

ONE_DAY = dt.timedelta(days=1)
LIVED = 3  # days before the one that is open now
Condition = Room.Condition


@dataclass(frozen=True, slots=True)
class Person:
    """A guest of the trial house."""

    first: str
    last: str
    country: str


# One line per stay: who, type, plan, nights, adults, source, note. Days are counted back from the business date.
NAMES = (
    "Helene Brandt DE|Dilara Aydın TR|Marta Gómez ES|Jonas Keller DE|Rebecca Hoffmann DE|Philipp Haas AT|"
    "Ludwig Schneider DE|Johann Öztürk DE|Niklas Berg SE|Aurélie Fontaine FR|Tomasz Zieliński PL|Siobhán Byrne IE|"
    "Chiara Rossi IT|Yasmin Aziz NL|Dominik Dahl DK|Ruth Castellanos ES|Emre Yılmaz TR|Ingrid Solberg NO|"
    "Noah Lefèvre BE|Katarzyna Nowak PL|Oskar Lindqvist SE|Beatriz Almeida PT|Hannah Weiß DE|Pavel Novotný CZ|"
    "Mira Kovačević HR|Samuel Okafor GB|Lena Vogel DE|Giulia Conti IT|Anders Holm DK|Eszter Nagy HU|"
    "Daniel Moser CH|Fatima Haddad FR|Viktor Petrov BG|Clara Wiese DE|Liam O’Connor IE|Sofia Papadaki GR|"
    "Matteo Greco IT|Anneke de Vries NL|Juhani Virtanen FI|Zuzana Horáková CZ|Elias Baumann DE|Maya Cohen IL|"
    "Paul Dubois FR|Teresa Lopes PT|Andrei Ionescu RO|Karin Steiner AT|Hugo Martins PT|Nina Jansen NL|"
    "Stefan Maurer CH|Laura Bianchi IT|Freja Nielsen DK|Ahmed Mansour EG"
)
CHANNEL = "booking_com"
KINDS = ("DBL", "SGL", "DBL", "DBL", "SUI", "DBL", "SGL", "DBL")
SOURCES = ("desk", "phone", "web", "desk", CHANNEL, "web", "phone", CHANNEL)
NOTES = {
    0: "Anniversary. Flowers in the room before 15:00.",
    7: "Arrives late, about 22:30.",
    12: "Quiet side, please. Feather-free bedding.",
    40: "Baby cot in the room.",
}
# How many arrive on each lived day and on the open one, and how long they stay by turns.
ARRIVALS = (13, 11, 12, 14)
NIGHTS = ((3, 5, 2, 4), (1, 4, 2, 6), (1, 2, 5, 3), (1, 2, 4, 3))


def seed(hotel: Property, options: Any) -> None:
    """Fill the hotel if the seed was asked for a busy one (a provider of the slot "seed", after everybody else)."""
    if options.busy:
        busy_house(hotel)


def busy_house(hotel: Property) -> None:
    """Let the hotel live through the days before its business date and stop in the middle of the open one."""
    today = hotel.business_date
    _open_past(hotel, first=today - LIVED * ONE_DAY)
    people = iter(_people())
    for day, count in enumerate(ARRIVALS):
        hotel = hotel_by_id(hotel.pk)
        if day:
            _leave(hotel, all_of_them=hotel.business_date < today)
        stays = [_book(hotel, place, person, day) for place, person in zip(range(count), people, strict=False)]
        if hotel.business_date < today:
            for stay in stays:
                _check_in(hotel, stay)
            business_date_roll(hotel=hotel)
    _this_morning(hotel_by_id(hotel.pk), stays)


def _people() -> list[Person]:
    words = [name.rsplit(" ", 1) for name in NAMES.split("|")]
    return [Person(name.partition(" ")[0], name.partition(" ")[2], country) for name, country in words]


def _open_past(hotel: Property, *, first: dt.date) -> None:
    """Open the lived days for sale and set the hotel's day back to the first of them; audits then bring it forward."""
    inventory_open(hotel=hotel, first=first, last=hotel.business_date - ONE_DAY)
    bar = next(plan for plan in rate_plans_sold(hotel) if plan.code == "BAR")
    last = hotel.business_date - ONE_DAY
    kinds = [kind for kind in room_types_of(hotel.pk) if kind.code in PRICES]
    rates_set(hotel=hotel, values=[RateValue(kind.pk, bar.pk, first, last, PRICES[kind.code]) for kind in kinds])
    hotel.business_date = first
    hotel.save()


def _book(hotel: Property, place: int, person: Person, day: int) -> Reservation:
    kinds: dict[str, RoomType] = {kind.code: kind for kind in room_types_of(hotel.pk)}
    plans: dict[str, RatePlan] = {plan.code: plan for plan in rate_plans_sold(hotel)}
    kind = kinds[KINDS[place % len(KINDS)]]
    source = SOURCES[(place + day) % len(SOURCES)]
    number = f"{day}{place:02d}"
    stay = StayDraft(
        arrival=hotel.business_date,
        departure=hotel.business_date + NIGHTS[day][place % len(NIGHTS[day])] * ONE_DAY,
        room_type_id=kind.pk,
        rate_plan_id=plans["BB" if place % 3 == 1 else "BAR"].pk,
        adults=1 if kind.max_adults == 1 or place % 5 == 2 else 2,
        children=(6,) if kind.max_children and place % 6 == 3 else (),
        notes=NOTES.get(sum(ARRIVALS[:day]) + place, ""),
    )
    booking = booking_create(
        hotel=hotel,
        booker=GuestDraft(
            first_name=person.first,
            last_name=person.last,
            country=person.country,
            email=f"{_ascii(person.last)}@guests.example",
            phone=f"+49 30 5550 {number}",
        ),
        stays=[stay],
        source=source,
        external_ref=ExternalRef(source, f"TRIAL-{number}") if source == CHANNEL else None,
    )
    return booking.reservations.get()


def _ascii(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isascii() and letter.isalpha())


def _ready_room(hotel: Property, stay: Reservation) -> Room | None:
    free = rooms_free(hotel=hotel, first=stay.arrival, departure=stay.departure, room_type_id=stay.room_type_id)
    return next((room for room in free if is_ready(room) and room.occupancy == Room.Occupancy.VACANT), None)


def _check_in(hotel: Property, stay: Reservation) -> None:
    free = rooms_free(hotel=hotel, first=stay.arrival, departure=stay.departure, room_type_id=stay.room_type_id)
    vacant = [room for room in free if room.occupancy == Room.Occupancy.VACANT]
    room = vacant[0]
    if not is_ready(room):
        room_mark(room_id=room.pk, condition=Condition.INSPECTED)
    reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room.pk)
    reservation_check_in(hotel=hotel, reservation_id=stay.pk)


def _leave(hotel: Property, *, all_of_them: bool) -> None:
    """Check out who is due; on the open day every other one is still here. Their rooms are cleaned in the afternoon."""
    due = departing(hotel)
    for stay in due if all_of_them else due[::2]:
        reservation_check_out(hotel=hotel, reservation_id=stay.pk)


def _this_morning(hotel: Property, expected: Sequence[Reservation]) -> None:
    """Rooms of last night are being cleaned; most arrivals have a room, two are here, some wait for a decision."""
    rooms = list(rooms_of(hotel.pk).select_related("room_type"))
    for place, room in enumerate(rooms):
        if room.occupancy == Room.Occupancy.OCCUPIED and place % 2:
            room_mark(room_id=room.pk, condition=Condition.DIRTY)
        elif room.occupancy == Room.Occupancy.VACANT and room.condition == Condition.CLEAN and place % 3 == 0:
            room_mark(room_id=room.pk, condition=Condition.INSPECTED if place % 2 else Condition.DIRTY)
    for place, stay in enumerate(expected):
        room_for_it = _ready_room(hotel, stay) if place % 5 else _any_room(hotel, stay)
        if place % 4 == 3 or room_for_it is None:
            continue  # somebody has to choose
        reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room_for_it.pk)
        if place in {1, 6}:
            reservation_check_in(hotel=hotel, reservation_id=stay.pk)
    _oversold(hotel)


def _any_room(hotel: Property, stay: Reservation) -> Room | None:
    free = rooms_free(hotel=hotel, first=stay.arrival, departure=stay.departure, room_type_id=stay.room_type_id)
    return free[-1] if free else None


def _oversold(hotel: Property) -> None:
    """A channel sells one suite more than there are, a week ahead."""
    week = hotel.business_date + 7 * ONE_DAY
    suite = next(kind for kind in room_types_of(hotel.pk) if kind.code == "SUI")
    bar = next(plan for plan in rate_plans_sold(hotel) if plan.code == "BAR")
    for place, (first, last) in enumerate(
        (
            ("Olivia", "Marsh"),
            ("Bruno", "Keller"),
            ("Sanna", "Lahti"),
            ("Ivo", "Kral"),
            ("Amal", "Farah"),
            ("Kai", "Ross"),
        )
    ):
        booking_create(
            hotel=hotel,
            booker=GuestDraft(first_name=first, last_name=last),
            stays=[StayDraft(week, week + 2 * ONE_DAY, suite.pk, bar.pk, adults=2)],
            source=CHANNEL,
            external_ref=ExternalRef(CHANNEL, f"TRIAL-9{place}"),
            forced=True,
        )
