"""The trial hotel (docs/domain.md): what `manage.py seed` puts into an empty installation, and what tests stand on.

Upper apps add their part (prices, taxes, reservations) through the slot "seed": an entry's provider is called with
`(hotel, options)` in the transaction of the seed, in the order of the entries.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from pms.accounts import second_step
from pms.accounts.registry import ROLES
from pms.accounts.services import user_create
from pms.core import slots

from .errors import NotEmpty
from .models import Organization, Property
from .selectors import installation_is_empty, room_types_of, rooms_of
from .services import hotel_change, hotel_open, organization_create, room_change, room_type_change, staff_add
from .services.connections import room_connect
from .services.places import feature_add, section_add
from .services.setup import RoomPlan, rooms_plan_apply

SLOT = "seed"
# Without letters and digits that look alike: it is read from a screen and typed on a phone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Options:
    """What the seed was asked for; `business_date` None means today by the hotel's calendar."""

    code: str = "SEA"
    business_date: dt.date | None = None
    busy: bool = False
    password: str = field(default_factory=lambda: new_password())


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who can sign in after the seed."""

    name: str
    email: str
    password: str
    role: str


def _span(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


TRIAL_ROOMS = (
    RoomPlan(code="SGL", name="Single", numbers=[*_span(201, 210), *_span(306, 310)], max_adults=1),
    RoomPlan(code="DBL", name="Double", numbers=[*_span(101, 120), *_span(211, 220)], max_adults=2, max_children=1),
    RoomPlan(code="SUI", name="Suite", numbers=_span(501, 505), max_adults=2, max_children=2, inspect_departures=True),
)
TRIAL_TAX_NUMBER = "DE 123456789"
TRIAL_PLACE = {
    "street": "Strandpromenade 1",
    "postal_code": "18119",
    "city": "Rostock-Warnemünde",
    "country": "DE",
    "phone": "+49 381 555 010",
    "email": "desk@sea.example",
    "website": "https://sea.example",
}
TRIAL_AGES = [
    {"name": "Infants", "from": 0, "to": 2, "cot": True},
    {"name": "Children", "from": 3, "to": 17, "cot": False},
]
TRIAL_FEATURES = (("balcony", "Balcony"), ("sea_view", "Sea view"), ("accessible", "Accessible"), ("bath", "Bath tub"))
LAKE_ROOMS = (RoomPlan(code="DBL", name="Double", numbers=_span(1, 8)),)
# First name, surname, role. The owner comes first: a hotel is opened for somebody.
TRIAL_PEOPLE = (
    ("Olga", "Brandt", "owner"),
    ("Anna", "Sommer", "manager"),
    ("Hugo", "Lindt", "front_desk"),
    ("Rosa", "Ott", "reservations"),
    ("Sara", "Keller", "housekeeping_supervisor"),
    ("Maria", "Kowalska", "housekeeper"),
    ("Milo", "Berger", "maintenance"),
    ("Clara", "Voss", "accountant"),
    ("Ravi", "Nair", "revenue"),
    ("Tom", "Adler", "auditor"),
)


def new_password() -> str:
    """Return a password for one seed: 12 letters and digits in three groups, 59 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


@transaction.atomic
def trial_seed(options: Options) -> list[SignIn]:
    """Fill an empty installation with the trial hotel and a small second one; all or nothing.

    Raises `NotEmpty` where anybody or any hotel is here already.
    """
    if not installation_is_empty():
        raise NotEmpty
    domain = f"{options.code.lower()}.example"
    hotel, people = trial_hotel(
        code=options.code,
        name="Seaside Hotel",
        organization=organization_create(name="Seaside Hotels"),
        rooms=TRIAL_ROOMS,
        people=TRIAL_PEOPLE,
        address="Strandpromenade 1\n18119 Rostock-Warnemünde",
        domain=domain,
        options=options,
    )
    _lake, strangers = trial_hotel(
        code="LAK",
        name="Lake House",
        organization=organization_create(name="Lake House GmbH"),
        rooms=LAKE_ROOMS,
        people=(("Eve", "Moreau", "owner"),),
        address="Seeweg 3\n14109 Berlin",
        domain="lak.example",
        options=options,
    )
    _furnish(hotel)
    for entry in slots.entries(SLOT):
        entry.provider(hotel, options)
    return [*people, *strangers]


def trial_hotel(
    *,
    code: str,
    name: str,
    organization: Organization,
    rooms: Sequence[RoomPlan],
    people: Sequence[tuple[str, str, str]],
    address: str = "",
    domain: str,
    options: Options,
) -> tuple[Property, list[SignIn]]:
    """Open one hotel in Berlin with its rooms and people; the first of them owns it, and nobody needs a second step."""
    sign_ins = []
    hotel: Property | None = None
    for first, surname, role in people:
        email = f"{first.lower()}@{domain}"
        full_name = f"{first} {surname}"
        if hotel is None:
            owner = user_create(email=email, name=full_name, password=options.password)
            hotel = hotel_open(
                organization=organization,
                owner_id=owner.pk,
                code=code,
                name=name,
                time_zone="Europe/Berlin",
                currency="EUR",
                address=address,
                tax_number=TRIAL_TAX_NUMBER,
                business_date=options.business_date,
            )
            second_step.policy_set(property_id=hotel.pk, asked=False)
        else:
            staff_add(property_id=hotel.pk, email=email, name=full_name, roles=[role], password=options.password)
        sign_ins.append(SignIn(full_name, email, options.password, f"{ROLES[role]}, {code}"))
    if hotel is None:
        raise ValueError("A hotel is opened for somebody: give at least its owner.")
    rooms_plan_apply(hotel=hotel, rooms=rooms)
    return hotel, sign_ins


def _furnish(hotel: Property) -> None:
    """Give the trial hotel what a look around should find: age groups, features, a section, a door between rooms."""
    hotel_change(property_id=hotel.pk, values={**TRIAL_PLACE, "age_bands": TRIAL_AGES})
    for place, (code, name) in enumerate(TRIAL_FEATURES, start=1):
        feature_add(property_id=hotel.pk, code=code, name=name, order=place * 10)
    for kind in room_types_of(hotel.pk).filter(code="SUI"):
        room_type_change(room_type_id=kind.pk, values={"features": ["balcony", "sea_view"]})
    harbour = section_add(property_id=hotel.pk, name="Harbour")
    rooms = {room.number: room for room in rooms_of(hotel.pk)}
    for number, room in rooms.items():
        if number[0] in "35":
            features = ["sea_view"] if number[0] == "3" else []
            room_change(room_id=room.pk, values={"section": harbour.pk, "features": features})
    room_connect(room_id=rooms["501"].pk, to=[rooms["502"].pk])
