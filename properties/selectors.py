"""Reads of hotels, rooms and staff: lists for pages, the permitted row for an act, locked rows for services."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from pms.accounts.access import fetch, permitted, properties_for, rights_at
from pms.accounts.models import User
from pms.accounts.registry import ALL_RIGHTS, ROLES, codes_of_role
from pms.core.errors import NotAllowed, NotThere
from pms.core.models import AuditEntry

from .models import Membership, Organization, Property, Room, RoomType
from .permissions import Permission

Row = TypeVar("Row", bound=Model)

# --- hotels -----------------------------------------------------------------------------------------------------------


def hotel_for(user: Any, code: str, right: str) -> Property:
    """Return the hotel `code` if `user` holds `right` there.

    Raises `NotThere` for an unknown code and for strangers alike, `NotAllowed` for a colleague without the right.
    """
    hotel: Property | None = Property.objects.filter(code=code.upper()).first()
    if hotel is None:
        raise NotThere("That hotel")
    permitted(user, right, hotel.pk)
    return hotel


def hotels_of(user: Any) -> list[Property]:
    """Return the hotels where `user` may see anything, by name."""
    ids = properties_for(user, Permission.HOTEL_VIEW)
    hotels = Property.objects.order_by("name", "code")
    return list(hotels if ids is None else hotels.filter(pk__in=ids))


def hotels_all() -> list[Property]:
    """Return every hotel of the installation, for commands and sweeps."""
    return list(Property.objects.order_by("code"))


def hotel_by_id(property_id: uuid.UUID) -> Property:
    """Return the hotel of an event; edges find theirs by `hotel_for`, which asks for a right."""
    hotels: QuerySet[Property] = Property.objects.filter(pk=property_id)
    return _one(hotels, "That hotel")


def hotel_for_update(property_id: uuid.UUID) -> Property:
    """Return the hotel's row, locked until the end of the transaction."""
    hotels: QuerySet[Property] = Property.objects.select_for_update(no_key=True, of=("self",))
    return _one(hotels.filter(pk=property_id), "That hotel")


def business_date_of(property_id: uuid.UUID) -> dt.date:
    """Return the hotel's business date as it stands now; to write by it, hold `business_day_shared` first."""
    date: dt.date = Property.objects.values_list("business_date", flat=True).get(pk=property_id)
    return date


def installation_is_empty() -> bool:
    """Tell whether nobody and no hotel is here yet: the first-run page and the seed ask this."""
    return not (User.objects.exists() or Property.objects.exists() or Organization.objects.exists())


# --- rooms ------------------------------------------------------------------------------------------------------------


def rooms_of(property_id: uuid.UUID) -> QuerySet[Room]:
    """Return the rooms in use, in the order people count them (9 before 10)."""
    rooms: QuerySet[Room] = Room.objects.filter(property_id=property_id, archived_at=None).order_by("sort_key")
    return rooms


def room_types_of(property_id: uuid.UUID) -> QuerySet[RoomType]:
    """Return the room types in use, from the simplest to the finest."""
    types: QuerySet[RoomType] = RoomType.objects.filter(property_id=property_id, archived_at=None)
    return types.order_by("rank", "code")


def room_ids_of(property_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the rooms in use, in house order."""
    return list(rooms_of(property_id).values_list("pk", flat=True))


def room_ids_of_type(room_type_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the rooms in use of one type."""
    return list(Room.objects.filter(room_type_id=room_type_id, archived_at=None).values_list("pk", flat=True))


def room_for(user: Any, right: str, pk: uuid.UUID, *, hotel: Property) -> Room:
    """Return the room `pk` of `hotel` if `user` holds `right` there; raises as `pms.accounts.access.fetch` does."""
    rooms: QuerySet[Room] = Room.objects.select_related("property", "room_type")
    return fetch(rooms, user, right, pk=pk, property_id=hotel.pk)


def room_for_update(room_id: uuid.UUID) -> Room:
    """Return the room with its hotel, its own row locked (lock order: after inventory, before booking)."""
    rooms: QuerySet[Room] = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    return _one(rooms.filter(pk=room_id), "That room")


def rooms_for_update(room_ids: Iterable[uuid.UUID]) -> list[Room]:
    """Return several rooms, locked in key order so that two acts over the same rooms cannot deadlock."""
    rooms = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    return list(rooms.filter(pk__in=set(room_ids)).order_by("pk"))


def room_type_for_update(room_type_id: uuid.UUID) -> RoomType:
    """Return the room type with its hotel, its own row locked."""
    types: QuerySet[RoomType] = RoomType.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    return _one(types.filter(pk=room_type_id), "That room type")


def conditions_counted(property_id: uuid.UUID) -> Counter[str]:
    """Return how many rooms in use are in each condition."""
    return Counter(rooms_of(property_id).values_list("condition", flat=True))


# --- staff ------------------------------------------------------------------------------------------------------------


def staff_of(property_id: uuid.UUID) -> list[Membership]:
    """Return who works here, by name, with their users."""
    members = Membership.objects.filter(property_id=property_id).select_related("user", "property")
    return sorted(members, key=lambda member: (member.user.name.casefold(), member.user.email))


def membership_at(user: Any, property_id: uuid.UUID) -> Membership | None:
    """Return the membership of `user` at the hotel, if there is one."""
    member: Membership | None = Membership.objects.filter(user=user, property_id=property_id).first()
    return member


def roles_givable(user: Any, property_id: uuid.UUID) -> list[str]:
    """Return the standard roles that `user` may give here: none that holds a right which the giver does not hold.

    Otherwise a manager could make herself an owner; owners are made by owners alone.
    """
    held = rights_at(user, property_id)
    member = membership_at(user, property_id)
    reserved = ALL_RIGHTS - set(member.roles if member else [])
    if user.is_superuser:
        reserved = frozenset()
    return [role for role in ROLES if role not in reserved and codes_of_role(role) <= held]


def membership_for_change(user: Any, pk: uuid.UUID, *, hotel: Property) -> Membership:
    """Return the membership `pk` of `hotel` if `user` may change it.

    Raises `NotAllowed` without the right to change staff, and for people who hold a role above the changer's own.
    """
    members: QuerySet[Membership] = Membership.objects.select_related("user", "property")
    member = fetch(members, user, Permission.STAFF_CHANGE, pk=pk, property_id=hotel.pk)
    if not set(member.roles) <= set(roles_givable(user, hotel.pk)):
        raise NotAllowed(Permission.STAFF_CHANGE)
    return member


def memberships_for_update(property_id: uuid.UUID) -> list[Membership]:
    """Return all memberships of the hotel, locked in key order: who may leave depends on who stays."""
    members = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "property")
    return list(members.filter(property_id=property_id).order_by("pk"))


# --- audit ------------------------------------------------------------------------------------------------------------


def audit_of(property_id: uuid.UUID, *, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """Return at most `limit` audit entries of the hotel, newest first, those older than entry `before` if given."""
    entries = AuditEntry.objects.filter(property_id=property_id).select_related("actor", "content_type")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return list(entries.order_by("-id")[:limit])


def rows_with_keys(model: type[Row], keys: Iterable[str]) -> QuerySet[Row]:
    """Return the rows of any model that have these keys: an audit entry may point to whatever was changed."""
    return model._default_manager.filter(pk__in=keys)


def _one(rows: QuerySet[Row], what: str) -> Row:
    row = rows.first()
    if row is None:
        raise NotThere(what)
    return row
