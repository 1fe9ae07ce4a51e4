"""Hotels, people and rooms for tests: plain functions with keyword arguments, made by the real services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import count

from pms.accounts import second_step
from pms.accounts.models import User
from pms.accounts.services import user_create
from properties.models import Membership, Organization, Property, Room, RoomType
from properties.seed import TRIAL_PEOPLE, TRIAL_ROOMS, Options
from properties.seed import trial_hotel as _trial_hotel
from properties.services import hotel_open, organization_create, room_add, room_type_add, staff_add
from properties.services.setup import RoomPlan, rooms_plan_apply

# The Saturday of docs/domain.md: tests of figures freeze the clock at its noon in Berlin.
TRIAL_DATE = dt.date(2026, 3, 14)
# One room of each kind and a second double: enough for most rules, quick to make.
SMALL_HOUSE = (
    RoomPlan(code="SGL", name="Single", numbers=["201"], max_adults=1),
    RoomPlan(code="DBL", name="Double", numbers=["101", "102"], max_adults=2, max_children=1),
    RoomPlan(code="SUI", name="Suite", numbers=["501"], max_adults=2, max_children=2, inspect_departures=True),
)
_numbers = count(1)


def make_user(*, name: str = "Nora Nobody", email: str = "", password: str | None = None) -> User:
    """Make a person who works nowhere yet."""
    return user_create(
        email=email or f"{name.split()[0].lower()}{next(_numbers)}@people.example", name=name, password=password
    )


def make_organization(*, name: str = "Seaside Hotels") -> Organization:
    """Make an organization without hotels."""
    return organization_create(name=name)


def make_hotel(
    *,
    code: str = "SEA",
    name: str = "Seaside Hotel",
    organization: Organization | None = None,
    owner: User | None = None,
    time_zone: str = "Europe/Berlin",
    currency: str = "EUR",
    business_date: dt.date = TRIAL_DATE,
    rooms: Sequence[RoomPlan] = (),
    locale: str = "en",
    second_step_asked: bool = False,
) -> Property:
    """Open a hotel; without an owner a person `owner@<code>.example` is made for it."""
    hotel = hotel_open(
        organization=organization or make_organization(name=f"{name} Ltd"),
        owner_id=(owner or make_user(name="Olga Brandt", email=f"olga@{code.lower()}.example")).pk,
        code=code,
        name=name,
        time_zone=time_zone,
        currency=currency,
        business_date=business_date,
        locale=locale,
    )
    if not second_step_asked:
        second_step.policy_set(property_id=hotel.pk, asked=False)
    rooms_plan_apply(hotel=hotel, rooms=rooms)
    return hotel


def make_trial_hotel(*, business_date: dt.date = TRIAL_DATE) -> Property:
    """Open the whole trial hotel of docs/domain.md: 50 rooms, three types, ten people."""
    hotel, _sign_ins = _trial_hotel(
        code="SEA",
        name="Seaside Hotel",
        organization=make_organization(),
        rooms=TRIAL_ROOMS,
        people=TRIAL_PEOPLE,
        domain="sea.example",
        options=Options(business_date=business_date),
    )
    return hotel


def make_member(*, hotel: Property, name: str, role: str, email: str = "") -> Membership:
    """Let a new person work at the hotel in one role."""
    first = name.split()[0].lower()
    return staff_add(
        property_id=hotel.pk, email=email or f"{first}@{hotel.code.lower()}.example", name=name, roles=[role]
    )


def make_room_type(*, hotel: Property, code: str = "TWN", name: str = "Twin", rank: int = 50) -> RoomType:
    """Add a room type without rooms."""
    return room_type_add(property_id=hotel.pk, code=code, name=name, rank=rank)


def make_room(
    *,
    hotel: Property,
    number: str = "",
    room_type: RoomType | None = None,
    floor: str = "",
    condition: str = Room.Condition.CLEAN,
) -> Room:
    """Add a room; without a type it is of the simplest one."""
    kind = room_type or RoomType.objects.filter(property=hotel).order_by("rank").first() or make_room_type(hotel=hotel)
    return room_add(
        property_id=hotel.pk,
        room_type_id=kind.pk,
        number=number or str(900 + next(_numbers)),
        floor=floor,
        condition=condition,
    )
