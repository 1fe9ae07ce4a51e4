"""What the hotel's own rules refuse, each with a stable code: what happened, what was not done, what to do next."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.db_errors import on_constraint
from pms.core.errors import AlreadyTaken, DomainError, InvalidValue, Kind


class HotelCodeTaken(AlreadyTaken, code="hotel_code_taken"):
    """Another hotel of the installation has this short code."""

    def __init__(self, code: str = "") -> None:
        super().__init__(_("Another hotel is called “%s” already. Choose another short code.") % code, field="code")


class RoomTypeCodeTaken(AlreadyTaken, code="room_type_code_taken"):
    """The hotel has a room type with this code (an archived one keeps its code, so that history stays readable)."""

    def __init__(self, code: str = "", *, archived: bool = False) -> None:
        words = (
            _("The room type “%s” is archived. Nothing was saved; take it back in the house, or choose another code.")
            if archived
            else _("The hotel has a room type “%s” already. Nothing was saved; choose another code.")
        )
        super().__init__(words % code, field="code")


class UnknownCurrency(InvalidValue, code="unknown_currency", kind=InvalidValue.kind):
    """ISO 4217 has no such currency, or none that money is counted in."""

    def __init__(self, currency: str) -> None:
        words = _("There is no currency “%s”. Write the three letters of ISO 4217, such as EUR, USD or CHF.")
        super().__init__(words % currency, field="currency")


class RoomNumberTaken(AlreadyTaken, code="room_number_taken"):
    """The hotel has a room with this number (an archived one keeps its number, so that history stays readable)."""

    def __init__(self, number: str = "", *, archived: bool = False) -> None:
        words = (
            _("Room %s is archived. Nothing was saved; take it back from the list of rooms, or choose another number.")
            if archived
            else _("The hotel has a room %s already. Nothing was saved; choose another number.")
        )
        super().__init__(words % number, field="number")


class RoomMadeOfOthers(DomainError, code="room_made_of_others"):
    """The room is made of others, or a part of one: what was asked for goes only once it is taken apart."""


class RoomTypeInUse(DomainError, code="room_type_in_use"):
    """A room type still has rooms."""

    def __init__(self, *, rooms: int) -> None:
        message = ngettext(
            "%s room is of this type. It was not archived; give the room another type or archive it first.",
            "%s rooms are of this type. It was not archived; give them another type or archive them first.",
            rooms,
        )
        super().__init__(message % rooms, rooms=rooms)


class PlaceNameTaken(AlreadyTaken, code="place_name_taken"):
    """The hotel has a building, floor, section or feature of this name (an archived one keeps its name)."""

    def __init__(self, name: str = "", *, field: str = "name", archived: bool = False) -> None:
        words = (
            _("“%s” is archived. Nothing was saved; take it back in the house, or choose another name.")
            if archived
            else _("There is one called “%s” already. Nothing was saved; choose another name.")
        )
        super().__init__(words % name, field=field)


class PlaceInUse(DomainError, code="place_in_use"):
    """A building, floor, section or feature that something still refers to."""

    def __init__(self, *, name: str, used: int) -> None:
        message = ngettext(
            "“%(name)s” is used %(used)s time. It was not archived; change that first.",
            "“%(name)s” is used %(used)s times. It was not archived; change those first.",
            used,
        )
        super().__init__(message % {"name": name, "used": used}, used=used)


class RoomTypeNotInUse(DomainError, code="room_type_not_in_use"):
    """An archived room type was to be used."""

    def __init__(self) -> None:
        super().__init__(_("This room type is archived. Nothing was saved; choose another one."), field="room_type")


class TooManyPhotos(DomainError, code="too_many_photos"):
    """A room type has as many photos as it may have."""

    def __init__(self, *, most: int) -> None:
        super().__init__(
            _("A room type has at most %s photos. This one was not kept; remove another first.") % most, most=most
        )


class PhotosChanged(DomainError, code="photos_changed"):
    """Photos were put in order that are not the ones of the room type now."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody added or removed a photo meanwhile. The order was not changed; look at them again.")
        )


class RoomNotInUse(DomainError, code="room_not_in_use"):
    """An archived room was to be changed."""

    def __init__(self, *, room: str) -> None:
        super().__init__(_("Room %s is archived. Nothing was changed.") % room, room=room)


class RoomOccupied(DomainError, code="room_occupied"):
    """Somebody sleeps in the room; no right overrides that."""

    def __init__(self, message: str = "", *, room: str) -> None:
        archiving = _("Room %s is occupied. It was not archived; wait until the guest has left.")
        super().__init__(message or archiving % room, room=room)


class BusinessDateTooFarAhead(DomainError, code="business_date_too_far_ahead"):
    """The business date may be one day ahead of the calendar, no more (architecture.md 11)."""

    def __init__(self, *, business_date: str, local_date: str) -> None:
        super().__init__(
            _("The business date is ahead of the calendar already. It was not moved; close this day tomorrow."),
            business_date=business_date,
            local_date=local_date,
        )


class AlreadyStaff(AlreadyTaken, code="already_staff"):
    """The person works in this hotel already."""

    def __init__(self, email: str) -> None:
        super().__init__(
            _("%s works here already. Nobody was added; change the roles in the list instead.") % email, field="email"
        )


class AlreadyInvited(AlreadyTaken, code="already_invited"):
    """An invitation to this address waits already."""

    def __init__(self, email: str = "") -> None:
        words = _("%(email)s is invited already. Nothing was sent; send that invitation again or take it back.")
        super().__init__(words % {"email": email or _("This address")}, field="email")


class InvitationClosed(DomainError, code="invitation_closed"):
    """The link of an invitation opens nothing: used, run out, taken back, or what it promised is not given any more.

    `reason` says which, `ask` who can help, both empty for a link that is none of ours.
    """

    def __init__(self, reason: str = "", *, ask: str = "") -> None:
        words = {
            "used": _("This invitation was accepted already. Sign in with the address it was sent to."),
            "expired": _("This invitation has run out. Nobody was added; ask for a new one."),
            "revoked": _("This invitation was taken back. Nobody was added."),
            "withdrawn": _("The roles of this invitation are not given any more. Nobody was added; ask for a new one."),
            "account": _("The account with this address is closed. Nobody was added."),
        }
        other = _("This link opens nothing: a newer one was sent, or it is not whole. Use the link of the last mail.")
        super().__init__(words.get(reason, other), reason=reason, ask=ask)


class WrongPerson(DomainError, code="wrong_person", kind=Kind.FORBIDDEN):
    """An invitation was opened by somebody whom it is not for."""

    def __init__(self, email: str) -> None:
        words = _("This invitation is for %s. Nothing was changed; sign in with that address.")
        super().__init__(words % email)


class UnknownRole(InvalidValue, code="unknown_role", kind=Kind.RULE):
    """There is no such role."""

    def __init__(self, role: str) -> None:
        super().__init__(_("There is no role “%s”. Nothing was changed.") % role, field="roles", role=role)


class RoleMissing(InvalidValue, code="role_missing", kind=Kind.RULE):
    """A member of the staff without any role could do nothing."""

    def __init__(self) -> None:
        super().__init__(_("Choose at least one role. Nothing was changed."), field="roles")


class LastOwner(DomainError, code="last_owner"):
    """A hotel without an owner could never be given rights again."""

    def __init__(self) -> None:
        super().__init__(
            _("This is the only owner of the hotel. Nothing was changed; make somebody else an owner first."),
            field="roles",
        )


class RoleNameMissing(InvalidValue, code="role_name_missing", kind=Kind.RULE):
    """A role without a name could not be told from another."""

    def __init__(self) -> None:
        super().__init__(_("Give the role a name. Nothing was saved."), field="name")


class RoleNameTaken(AlreadyTaken, code="role_name_taken"):
    """Another role in use at the hotel is called so."""

    def __init__(self, name: str = "") -> None:
        super().__init__(
            _("There is a role called “%s” already. Nothing was saved; choose another name.") % name, field="name"
        )


class RoleInUse(DomainError, code="role_in_use"):
    """People hold the role that was to be archived."""

    def __init__(self, *, people: int) -> None:
        message = ngettext(
            "%s person holds this role. It was not archived; say which role she gets instead.",
            "%s people hold this role. It was not archived; say which role they get instead.",
            people,
        )
        super().__init__(message % people, field="replacement", people=people)


class RoleArchived(DomainError, code="role_archived"):
    """An archived role was to be changed or given."""

    def __init__(self, role: str) -> None:
        super().__init__(_("The role “%s” is archived. Nothing was changed.") % role, role=role)


class OwnerHoldsAll(DomainError, code="owner_holds_all"):
    """Owners hold every right, or a hotel could lock everybody out."""

    def __init__(self) -> None:
        super().__init__(_("Owners may do everything, always. Nothing was changed; make a role of your own instead."))


class SetupClosed(DomainError, code="setup_closed"):
    """The first-run page was used, or the link is too old."""

    def __init__(self) -> None:
        super().__init__(_("This link has been used or is too old. Nothing was created; sign in instead."))


class NotEmpty(DomainError, code="not_empty"):
    """Trial data would mix with a real hotel's."""

    def __init__(self) -> None:
        super().__init__(
            _("This installation has users or hotels already. Nothing was added; use an empty database for a trial.")
        )


def _taken(error: type[HotelCodeTaken] | type[RoomTypeCodeTaken] | type[RoomNumberTaken]) -> Any:
    return lambda diagnostics: error("")


# The services look first and say it in a kind way; two at once are told by the database.
on_constraint("property_code_once", _taken(HotelCodeTaken))
on_constraint("room_type_code_once_per_hotel", _taken(RoomTypeCodeTaken))
on_constraint("room_number_once_per_hotel", _taken(RoomNumberTaken))
on_constraint("role_name_once_per_hotel", lambda diagnostics: RoleNameTaken(""))
on_constraint("invitation_once_per_address", lambda diagnostics: AlreadyInvited())
on_constraint("membership_once_per_hotel", lambda diagnostics: AlreadyStaff(""))
for _name in (
    "building_name_once_per_hotel",
    "floor_name_once_per_building",
    "section_name_once_per_hotel",
    "feature_code_once_per_hotel",
):
    on_constraint(_name, lambda diagnostics: PlaceNameTaken())
