"""The first run: one act makes the organization, the hotel, its rooms and its owner, while nobody is here yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core import signing
from django.db import transaction

from pms.accounts.models import User
from pms.accounts.services import user_create
from pms.core.acting import acting, within
from pms.core.locks import Lock, lock_exclusive
from properties.errors import SetupClosed
from properties.models import Property
from properties.room_numbers import floor_of

from .hotels import hotel_open, organization_create
from .room_types import room_type_add
from .rooms import room_add

SALT = "properties.setup"
VALID_FOR = 7 * 24 * 3600  # seconds; `setup_link` makes a new one


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """One room type of the new hotel and the numbers of its rooms."""

    code: str
    name: str
    numbers: Sequence[str]
    max_adults: int = 2
    max_children: int = 0
    inspect_departures: bool = False


def setup_token() -> str | None:
    """Return a link's token for the first-run page, or None once anybody can sign in."""
    return None if User.objects.exists() else signing.dumps("first run", salt=SALT)


def setup_check(token: str) -> None:
    """Raise `SetupClosed` unless `token` is ours, fresh, and nobody can sign in yet."""
    try:
        signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise SetupClosed from None
    if User.objects.exists():
        raise SetupClosed


@transaction.atomic
def setup_finish(
    *,
    organization_name: str,
    code: str,
    name: str,
    time_zone: str,
    currency: str,
    owner_name: str,
    owner_email: str,
    password: str,
    rooms: Sequence[RoomPlan] = (),
    locale: str = "en",
) -> tuple[User, Property]:
    """Make everything a first sign-in needs, or nothing; return the owner and the hotel.

    Raises `SetupClosed` if anybody was faster, and what the single services raise (`RoomNumberTaken`, …).
    """
    lock_exclusive(Lock.SETUP, "installation")  # two who hold the same link: the second finds a user
    if User.objects.exists():
        raise SetupClosed
    owner = user_create(email=owner_email, name=owner_name, password=password, locale=locale)
    with within(replace(acting(), user=lambda: owner)):  # nobody is signed in yet, and yet it is she who acts
        hotel = hotel_open(
            organization=organization_create(name=organization_name),
            owner_id=owner.pk,
            code=code,
            name=name,
            time_zone=time_zone,
            currency=currency,
            locale=locale,
        )
        rooms_plan_apply(hotel=hotel, rooms=rooms)
    return owner, hotel


@transaction.atomic
def rooms_plan_apply(*, hotel: Property, rooms: Sequence[RoomPlan]) -> None:
    """Make room types and rooms as planned; types rank in the order given, floors follow from the numbers."""
    for place, plan in enumerate(rooms, start=1):
        room_type = room_type_add(
            property_id=hotel.pk,
            code=plan.code,
            name=plan.name,
            rank=place * 10,
            max_adults=plan.max_adults,
            max_children=plan.max_children,
            inspect_departures=plan.inspect_departures,
        )
        for number in plan.numbers:
            room_add(property_id=hotel.pk, room_type_id=room_type.pk, number=number, floor=floor_of(number))
