"""What can happen to a hotel, its staff and its rooms."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from pms.events.base import Event, Veto


@dataclass(frozen=True, kw_only=True)
class HotelOpened(Event, code="property.opened"):
    """A hotel was made, with its standard roles and its first owner."""


@dataclass(frozen=True, kw_only=True)
class HotelChanged(Event, code="property.settings_changed"):
    """Settings of the hotel changed; `changes` says which, from what to what."""


@dataclass(frozen=True, kw_only=True)
class BusinessDateRolled(Event, code="business_date.rolled", object_type="property"):
    """The hotel's day moved by one; `business_date` is the new one, `changes["business_date"]` both."""


@dataclass(frozen=True, kw_only=True)
class SupportVisitStarted(Event, code="support_visit.started"):
    """Somebody of the support acts in the name of a person of the hotel from now on, for an hour at most."""

    support_visit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class SupportVisitEnded(Event, code="support_visit.ended"):
    """Somebody of the support ended a visit before its time."""

    support_visit_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffInvited(Event, code="staff.invited", object_type="invitation"):
    """Somebody was sent the link number `serial` to join the staff; every further link is told anew."""

    invitation_id: uuid.UUID
    serial: int


@dataclass(frozen=True, kw_only=True)
class StaffInvitationRevoked(Event, code="staff.invitation_revoked", object_type="invitation"):
    """An invitation was taken back: its link opens nothing any more."""

    invitation_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Event, code="staff.added", object_type="membership"):
    """Somebody began to work in the hotel."""

    membership_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffRolesSet(Event, code="staff.roles_set", object_type="membership"):
    """A member of the staff has other roles from now on (`changes["roles"]`)."""

    membership_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffRemoved(Event, code="staff.removed", object_type="membership"):
    """Somebody no longer works in the hotel."""

    membership_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffDisabled(Event, code="staff.disabled", object_type="membership"):
    """Somebody was shut out of the hotel; she keeps her roles for the day she comes back."""

    membership_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class StaffEnabled(Event, code="staff.enabled", object_type="membership"):
    """Somebody who was shut out may come in again."""

    membership_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypeAdded(Event, code="room_type.added"):
    """A room type was made; it has no rooms yet."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypeChanged(Event, code="room_type.changed"):
    """Facts of a room type changed."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypePhotosChanged(Event, code="room_type.photos_changed"):
    """Photos of a room type were added, described, put in another order or removed."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypeArchiving(Veto):
    """A room type is about to be archived: whoever still sells or holds it refuses."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypeArchived(Event, code="room_type.archived"):
    """A room type is no longer in use."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomTypeRestored(Event, code="room_type.restored"):
    """A room type that was archived is in use again; it has no rooms until some are given to it."""

    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomsAdding(Veto):
    """Rooms are about to be added: so many of each type. Who counts them does it once for all, under their lock."""

    counts: tuple[tuple[uuid.UUID, int], ...]


@dataclass(frozen=True, kw_only=True)
class RoomAdded(Event, code="room.added"):
    """The hotel has one more room of `room_type_id`; the inventory lock of the hotel is held."""

    room_id: uuid.UUID
    room_type_id: uuid.UUID


@dataclass(frozen=True)
class TypeMove:
    """A room is of type `new` instead of `old` in the nights `[first, until)`; until None: from then on for ever."""

    old: uuid.UUID
    new: uuid.UUID
    first: dt.date
    until: dt.date | None


@dataclass(frozen=True, kw_only=True)
class RoomChanging(Veto):
    """A room is about to get another type, now or from a later night on: whoever sold the old one refuses.

    `moves` says it night by night; `forced` that the stays which no longer fit are to be listed as overbooked.
    """

    room_id: uuid.UUID
    old_room_type_id: uuid.UUID
    new_room_type_id: uuid.UUID
    moves: tuple[TypeMove, ...]
    forced: bool = False


@dataclass(frozen=True, kw_only=True)
class RoomPartsChanging(Veto):
    """A room is made of other parts than before, all of it written: whoever counts beds does it now, or refuses.

    `beds` is by how much the house has more beds of its own: -1 for a room that begins to be made of others.
    """

    room_id: uuid.UUID
    beds: int


@dataclass(frozen=True, kw_only=True)
class RoomTypePlanned(Event, code="room.type_planned"):
    """A room will be of another type from the night of `since` on (`changes["room_type_id"]`)."""

    room_id: uuid.UUID
    since: dt.date


@dataclass(frozen=True, kw_only=True)
class RoomChanged(Event, code="room.changed"):
    """Number, floor or type of a room changed (`changes["room_type_id"]` when the type did)."""

    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomArchiving(Veto):
    """A room is about to leave the house: whoever has stays in it refuses."""

    room_id: uuid.UUID
    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomArchived(Event, code="room.archived"):
    """The hotel has one room of `room_type_id` less; the inventory lock of the hotel is held."""

    room_id: uuid.UUID
    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomRestored(Event, code="room.restored"):
    """A room that was archived is in the house again; the inventory lock of the hotel is held."""

    room_id: uuid.UUID
    room_type_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomMarked(Event, code="room.marked"):
    """A room's condition changed: `changes["condition"]` is (old, new)."""

    room_id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class RoomOccupancySet(Event, code="room.occupancy_set"):
    """A room became vacant or occupied: `changes["occupancy"]` is (old, new)."""

    room_id: uuid.UUID
