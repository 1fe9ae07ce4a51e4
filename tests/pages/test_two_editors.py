"""Two people with the same form open: what they changed in different fields is kept, the same field is shown to choose.

Every form over a row that exists is listed in EDITED; tests/architecture/test_forms.py finds the forms that edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import lxml.html
import pytest
from django.test import Client

from channel_manager.services.connections import mapping_set
from pms.accounts.models import User
from pms.core.forms import VersionedForm
from pms.core.models import VersionedRow
from properties import services
from properties.models import Building, Feature, Floor, Membership, Property, Room, RoomType, Section
from properties.services import role_add, staff_add
from reservations.services.out_of_order import out_of_order_set
from tests.architecture.test_forms import forms_of_the_house
from tests.factories.channels import ROOMS, make_connection
from tests.factories.pictures import make_photo
from tests.factories.reservations import make_reservation

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Edited:
    """A page on which a row is edited: where, which field two people change, and what each of them makes of it."""

    url: str
    field: str
    mine: Any
    theirs: Callable[[], object]
    seen: tuple[str, str]  # what the panel shows: mine, theirs


def _row(row: VersionedRow, url: str, field: str, mine: str, theirs: str, *, column: str = "") -> Edited:
    def change() -> None:
        now = type(row)._default_manager.get(pk=row.pk)
        setattr(now, column or field, theirs)
        now.save()

    return Edited(url, field, mine, change, (mine, theirs))


def _place(model: type[Any], part: str, name: str, **facts: Any) -> Callable[[Property], Edited]:
    def edited(hotel: Property) -> Edited:
        row = model(property=hotel, name=name, order=1, **facts)
        row.save()
        return _row(row, f"/h/SEA/{part}/{row.pk}/", "name", "Mine", "Theirs")

    return edited


def _address(hotel: Property) -> Edited:
    facts = {"street": "Hafen 1", "city": "Rostock", "country": "DE"}
    row = services.hotel_change(property_id=hotel.pk, values=facts)
    return _row(row, "/h/SEA/setup/hotel/", "city", "Wismar", "Warnemünde")


def _room(hotel: Property) -> Edited:
    room = Room.objects.get(property=hotel, number="101")
    return _row(room, f"/h/SEA/rooms/{room.pk}/", "number", "107", "108")


def _room_type(hotel: Property) -> Edited:
    kind = RoomType.objects.get(property=hotel, code="DBL")
    return _row(kind, f"/h/SEA/room-types/{kind.pk}/", "name", "Big double", "Fine double")


def _photo(hotel: Property) -> Edited:
    photo = make_photo(room_type=RoomType.objects.get(property=hotel, code="DBL"))
    return _row(photo, f"/h/SEA/photos/{photo.pk}/", "caption", "By the sea", "By the lake")


def _roles(hotel: Property) -> Edited:
    member = staff_add(property_id=hotel.pk, name="Nele", email="nele@sea.example", roles=["front_desk"])
    assert isinstance(member, Membership)

    def theirs() -> object:
        return services.staff_set_roles(membership_id=member.pk, roles=["accountant"])

    return Edited(f"/h/SEA/staff/{member.pk}/", "roles", ["housekeeper"], theirs, ("Housekeep", "Account"))


def _role_name(hotel: Property) -> Edited:
    role = role_add(property_id=hotel.pk, name="Night desk", rights=())
    return _row(role, f"/h/SEA/staff/roles/{role.pk}/", "name", "Night watch", "Night audit")


def _connection(hotel: Property) -> Edited:
    connection = make_connection(hotel=hotel, live=False)
    return _row(connection, f"/h/SEA/channels/{connection.pk}/", "hotel_id", "111222", "333444")


def _mapping(hotel: Property) -> Edited:
    connection = make_connection(hotel=hotel, live=False)
    number = ROOMS["DBL"]
    single, suite = RoomType.objects.filter(property=hotel).exclude(code="DBL")

    def theirs() -> object:
        return mapping_set(connection_id=connection.pk, rooms={number: suite.pk}, rates={})

    url = f"/h/SEA/channels/{connection.pk}/mapping/"
    return Edited(url, f"room_{number}", str(single.pk), theirs, (single.name, suite.name))


def _notes(hotel: Property) -> Edited:
    stay = make_reservation(hotel=hotel)
    return _row(stay, f"/h/SEA/reservations/{stay.pk}/notes/", "stay-notes", "Cot", "Late", column="notes")


def _closed_room(hotel: Property) -> Edited:
    room = Room.objects.get(property=hotel, number="201")
    facts = {"first": hotel.business_date, "last": hotel.business_date, "reason": "Shower drips"}
    closed = out_of_order_set(hotel=hotel, room_id=room.pk, kind="out_of_service", **facts)
    return _row(closed, f"/h/SEA/closed-rooms/{closed.pk}/", "reason", "Window stuck", "Lamp broken")


def _guest(hotel: Property) -> Edited:
    stay = make_reservation(hotel=hotel, name="Nora Paper")
    url = f"/h/SEA/reservations/{stay.pk}/guests/{stay.guest_id}/"
    return _row(stay.guest, url, "guest-last_name", "Papier", "Pape", column="last_name")


EDITED: Mapping[str, Callable[[Property], Edited]] = {
    "HotelForm": lambda hotel: _row(hotel, "/h/SEA/settings/", "name", "Sea Inn", "Sea View"),
    "PlaceOfHotelForm": _address,
    "RoomForm": _room,
    "RoomTypeForm": _room_type,
    "PlaceForm": _place(Building, "buildings", "Annex"),
    "FloorForm": _place(Floor, "floors", "7"),
    "PlaceForm of sections": _place(Section, "sections", "West"),
    "FeatureForm": _place(Feature, "features", "Sea view", code="sea_view"),
    "PhotoForm": _photo,
    "StaffRolesForm": _roles,
    "RenameRoleForm": _role_name,
    "ConnectionForm": _connection,
    "MappingForm": _mapping,
    "NotesForm": _notes,
    "ProfileForm": _guest,
    "ClosedRoomForm": _closed_room,
}


def sent_by(client: Client, url: str, field: str) -> tuple[str, dict[str, list[str]]]:
    """Return address and content of the form with this field, as the page would send it."""
    root = lxml.html.fromstring(f"<div>{client.get(url).content.decode()}</div>")
    form = next(one for one in root.iter("form") if one.xpath(f'.//*[@name="{field}"]'))
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return form.get("hx-post") or form.get("action") or url, sent


@pytest.mark.parametrize("case", EDITED)
def test_the_same_field_of_two_people_is_shown_to_choose_and_nothing_is_saved(
    case: str, hotel_for_sale: Property, client: Client, olga: User
) -> None:
    client.force_login(olga)
    edited = EDITED[case](hotel_for_sale)
    url, sent = sent_by(client, edited.url, edited.field)
    edited.theirs()

    answer = client.post(url, sent | {edited.field: edited.mine})

    html = answer.content.decode()
    assert answer.status_code == 409, html[:2000]
    for words in edited.seen:
        assert words in html
    assert sent_by(client, edited.url, edited.field)[1].get(edited.field) != edited.mine


@pytest.mark.parametrize("case", EDITED)
def test_who_changed_nothing_takes_nothing_back(
    case: str, hotel_for_sale: Property, client: Client, olga: User
) -> None:
    client.force_login(olga)
    edited = EDITED[case](hotel_for_sale)
    url, sent = sent_by(client, edited.url, edited.field)
    edited.theirs()
    now = sent_by(client, edited.url, edited.field)[1][edited.field]

    assert client.post(url, sent).status_code in {200, 204, 302}

    assert sent_by(client, edited.url, edited.field)[1][edited.field] == now


def test_mine_is_kept_by_sending_once_more(hotel_for_sale: Property, client: Client, olga: User) -> None:
    client.force_login(olga)
    edited = _guest(hotel_for_sale)
    url, sent = sent_by(client, edited.url, edited.field)
    edited.theirs()
    refused = client.post(url, sent | {edited.field: edited.mine})
    form = refused.context["form"]

    again = client.post(url, {form.add_prefix(name): form[name].value() for name in form.fields})

    assert again.status_code == 204
    assert sent_by(client, edited.url, edited.field)[1][edited.field] == [edited.mine]


def test_a_guest_of_another_stay_is_not_found(hotel_for_sale: Property, client: Client, olga: User) -> None:
    client.force_login(olga)
    stay, other = make_reservation(hotel=hotel_for_sale), make_reservation(hotel=hotel_for_sale, name="Nora Paper")

    assert client.get(f"/h/SEA/reservations/{stay.pk}/guests/{other.guest_id}/").status_code == 404


def test_a_desk_that_may_not_change_guests_has_no_button(
    hotel_for_sale: Property, client: Client, hugo: User, olga: User
) -> None:
    stay = make_reservation(hotel=hotel_for_sale)
    button, url = f"/guests/{stay.guest_id}/", f"/h/SEA/reservations/{stay.pk}/"
    client.force_login(hugo)
    assert button in client.get(url).content.decode()

    member = Membership.objects.get(user=hugo)
    services.staff_set_roles(membership_id=member.pk, roles=["auditor"])

    assert button not in client.get(url).content.decode()
    assert client.get(f"{url}guests/{stay.guest_id}/").status_code == 403


def test_every_versioned_form_is_tried_with_two_people() -> None:
    made = {"HotelRowForm", "NewRoomForm"}  # a base of others; a room that begins to be there
    versioned = {form.__name__ for form in forms_of_the_house() if issubclass(form, VersionedForm)} - {"VersionedForm"}

    assert sorted(versioned - made) == sorted({name.split()[0] for name in EDITED}), "EDITED names each once"
