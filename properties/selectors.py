"""Reads of hotels, rooms and staff: lists for pages, the permitted row for an act, locked rows for services."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from pms.accounts.access import fetch, permitted, properties_for, rights_at
from pms.accounts.models import User
from pms.accounts.registry import ALL_RIGHTS, ROLES
from pms.core.errors import NotAllowed, NotThere
from pms.core.models import AuditEntry
from pms.events.selectors import with_heads
from pms.live.looks import read_once

from .models import Invitation, Membership, Organization, Property, Role, Room, RoomType
from .permissions import Permission

Row = TypeVar("Row", bound=Model)

# In which order rooms are locked: those made of others before their parts, whoever begins at which end.
LOCK_ORDER = (F("part_of_id").asc(nulls_first=True), "pk")

# --- hotels -----------------------------------------------------------------------------------------------------------


def hotel_for(user: Any, code: str, right: str) -> Property:
    """Return the hotel `code` if `user` holds `right` there, read together with the head of its stream.

    Raises `NotThere` for an unknown code and for strangers alike, `NotAllowed` for a colleague without the right.
    """
    hotel: Property | None = with_heads(Property.objects.filter(code=code.upper())).first()
    if hotel is None:
        raise NotThere(_("That hotel"))
    permitted(user, right, hotel.pk)
    return hotel


def hotel_of_colleague(user: Any, code: str) -> Property | None:
    """Return the hotel `code`, with the head of its stream, if `user` may do anything at all there."""
    hotel: Property | None = with_heads(Property.objects.filter(code=code.upper())).first()
    return hotel if hotel is not None and rights_at(user, hotel.pk) else None


def hotels_of(user: Any) -> list[Property]:
    """Return the hotels where `user` may see anything, by name."""
    ids = properties_for(user, Permission.HOTEL_VIEW)
    hotels = Property.objects.order_by("name", "code")
    return list(hotels if ids is None else hotels.filter(pk__in=ids))


def hotels_owned(user: Any) -> list[Property]:
    """Return the hotels where `user` works as an owner now, by name; all for the superuser of the installation."""
    if user.is_superuser:
        return hotels_of(user)
    owned = Membership.objects.filter(user=user, disabled_at=None, roles__overlap=list(ALL_RIGHTS))
    ids = set(owned.values_list("property_id", flat=True))
    return [hotel for hotel in hotels_of(user) if hotel.pk in ids]


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


def room_types_of(property_id: uuid.UUID, *, archived_too: bool = False) -> QuerySet[RoomType]:
    """Return the room types in use, from the simplest to the finest."""
    types: QuerySet[RoomType] = RoomType.objects.filter(property_id=property_id).order_by("rank", "code")
    return types if archived_too else types.filter(archived_at=None)


def rooms_archived(property_id: uuid.UUID) -> list[Room]:
    """Return the rooms that are no longer in the house, in order of their numbers."""
    rooms: QuerySet[Room] = Room.objects.filter(property_id=property_id, archived_at__isnull=False)
    return list(rooms.order_by("sort_key"))


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
    """Return several rooms, locked in one order so that two acts over the same rooms cannot deadlock."""
    rooms = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    return list(rooms.filter(pk__in=set(room_ids)).order_by(*LOCK_ORDER))


def room_family_for_update(room_id: uuid.UUID) -> tuple[Room, list[Room]]:
    """Return the room and, with it, all whose state hangs together with its own, locked in one order.

    Those are the parts of a room made of others; for a part that room and its other parts.
    """
    whole = Room.objects.filter(pk=room_id).values("part_of_id")
    kin = Q(pk=room_id) | Q(part_of_id=room_id) | Q(pk__in=whole) | Q(part_of_id__in=whole)
    rooms = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("property", "room_type")
    family = list(rooms.filter(kin).order_by(*LOCK_ORDER))
    room = next((one for one in family if one.pk == room_id), None)
    if room is None:
        raise NotThere(_("That room"))
    return room, family


def room_type_for_update(room_type_id: uuid.UUID) -> RoomType:
    """Return the room type with its hotel, its own row locked."""
    types: QuerySet[RoomType] = RoomType.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    return _one(types.filter(pk=room_type_id), "That room type")


@read_once
def conditions_counted(property_id: uuid.UUID) -> Counter[str]:
    """Return how many rooms in use are in each condition."""
    return Counter(rooms_of(property_id).values_list("condition", flat=True))


# --- staff ------------------------------------------------------------------------------------------------------------


def staff_of(property_id: uuid.UUID) -> list[Membership]:
    """Return who works here, by name, with their users."""
    members = Membership.objects.filter(property_id=property_id).select_related("user", "property")
    return sorted(members, key=lambda member: (member.user.name.casefold(), member.user.email))


def elsewhere(user: Any, user_ids: Collection[uuid.UUID], hotel: Property) -> dict[uuid.UUID, list[str]]:
    """Return in which other hotels these people work, by name: only those whose staff `user` may see."""
    seen = properties_for(user, Permission.STAFF_VIEW)
    members = Membership.objects.filter(user_id__in=user_ids).exclude(property=hotel).select_related("property")
    found: dict[uuid.UUID, list[str]] = {}
    for member in members if seen is None else members.filter(property_id__in=seen):
        found.setdefault(member.user_id, []).append(member.property.name)
    return found


def membership_at(user: Any, property_id: uuid.UUID) -> Membership | None:
    """Return the membership of `user` at the hotel, if there is one."""
    member: Membership | None = Membership.objects.filter(user=user, property_id=property_id).first()
    return member


def roles_givable(user: Any, property_id: uuid.UUID) -> dict[str, str]:
    """Return the roles that `user` may give here, as they are called: none that holds a right which she does not hold.

    Otherwise a manager could make herself an owner; owners are made by owners alone.
    """
    held = rights_at(user, property_id)
    reserved = ALL_RIGHTS - roles_held(user, property_id)
    roles = [role for role in roles_of(property_id) if role.code not in reserved and set(role.rights) <= held]
    return {role.code: str(role) for role in roles}


def roles_held(user: Any, property_id: uuid.UUID) -> frozenset[str]:
    """Return the roles in which `user` works at the hotel now; the superuser of the installation acts as an owner."""
    member = membership_at(user, property_id)
    held = frozenset(member.roles) if member and member.disabled_at is None else frozenset()
    return held | (ALL_RIGHTS if user.is_superuser else frozenset())


def roles_of(property_id: uuid.UUID) -> list[Role]:
    """Return the roles in use: the standard ones in the order of the house, then the hotel's own by name."""
    places = {code: place for place, code in enumerate(ROLES)}
    roles = Role.objects.filter(property_id=property_id, archived_at=None)
    return sorted(roles, key=lambda role: (places.get(role.code, len(places)), role.name.casefold()))


def roles_called(property_id: uuid.UUID) -> dict[str, str]:
    """Return what each role of the hotel is called in the reader's language, archived ones too."""
    return {role.code: str(role) for role in Role.objects.filter(property_id=property_id)}


def role_labels(member: Membership) -> list[str]:
    """Return what the roles of the member are called; the hotel is asked only where she holds one of its own."""
    own = roles_called(member.property_id) if set(member.roles) - ROLES.keys() else {}
    return [own.get(role) or str(ROLES.get(role, role)) for role in member.roles]


def role_for(user: Any, pk: uuid.UUID, *, hotel: Property, right: str = Permission.ROLE_CHANGE) -> Role:
    """Return the role `pk` of `hotel` in use if `user` holds `right` there; raises as `pms.accounts.access.fetch`."""
    roles: QuerySet[Role] = Role.objects.filter(archived_at=None).select_related("property")
    return fetch(roles, user, right, pk=pk, property_id=hotel.pk)


def role_for_update(role_id: uuid.UUID, *, lock: bool = True) -> Role:
    """Return the role, its row locked unless only its hotel is wanted before others are locked."""
    roles: QuerySet[Role] = Role.objects.filter(pk=role_id)
    return _one(roles.select_for_update(no_key=True, of=("self",)) if lock else roles, "That role")


def roles_for_update(property_id: uuid.UUID) -> list[Role]:
    """Return all roles of the hotel, archived ones too, locked in key order."""
    return list(Role.objects.select_for_update(no_key=True).filter(property_id=property_id).order_by("pk"))


def roles_to_give(property_id: uuid.UUID, codes: Collection[str]) -> list[str]:
    """Return those of the codes that are roles in use, in the order of the house; their rows stay as they are."""
    rows = Role.objects.select_for_update(no_key=True).filter(property_id=property_id, code__in=codes)
    found = {role.code for role in rows.order_by("pk") if role.archived_at is None}
    return [*(code for code in ROLES if code in found), *sorted(found - set(ROLES))]


def holders_of_roles(property_id: uuid.UUID, codes: Collection[str]) -> list[uuid.UUID]:
    """Return the ids of the people who hold any of these roles, also of those who are shut out."""
    members = Membership.objects.filter(property_id=property_id, roles__overlap=list(codes))
    return list(members.values_list("user_id", flat=True))


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


def invitations_open(property_id: uuid.UUID) -> list[Invitation]:
    """Return the invitations of the hotel that nobody answered or took back, newest first."""
    waiting = Invitation.objects.filter(property_id=property_id, accepted_at=None, revoked_at=None)
    return list(waiting.select_related("invited_by").order_by("-created_at"))


def invitation_for_change(user: Any, pk: uuid.UUID, *, hotel: Property) -> Invitation:
    """Return the invitation `pk` of `hotel` if `user` may send it again or take it back.

    Raises `NotAllowed` without the right to change staff, and where a role was promised that she could not give.
    """
    invitations: QuerySet[Invitation] = Invitation.objects.all()
    invitation = fetch(invitations, user, Permission.STAFF_CHANGE, pk=pk, property_id=hotel.pk)
    in_use = {role.code for role in roles_of(hotel.pk)}
    if not set(invitation.roles) & in_use <= set(roles_givable(user, hotel.pk)):
        raise NotAllowed(Permission.STAFF_CHANGE)
    return invitation


def invitation_of_token(token_hash: str) -> Invitation | None:
    """Return the invitation with this digest of its link, with hotel and inviter."""
    found: Invitation | None = (
        Invitation.objects.select_related("property", "invited_by").filter(token_hash=token_hash).first()
    )
    return found


def invitation_for_update(invitation_id: uuid.UUID) -> Invitation:
    """Return the invitation, locked: it is answered or taken back once."""
    rows: QuerySet[Invitation] = Invitation.objects.select_for_update(no_key=True, of=("self",))
    return _one(rows.filter(pk=invitation_id), "That invitation")


def invitations_with_role_for_update(property_id: uuid.UUID, role: str) -> list[Invitation]:
    """Return the open invitations that promise `role`, locked in key order."""
    waiting = Invitation.objects.filter(property_id=property_id, accepted_at=None, revoked_at=None)
    return list(waiting.filter(roles__contains=[role]).select_for_update(no_key=True).order_by("pk"))


def account_of(email: str) -> User | None:
    """Return who signs in with this address."""
    return User.objects.filter(email__iexact=email).first()


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
