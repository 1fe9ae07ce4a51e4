"""The administration: scoped to one's own hotels, saving through services, nothing deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from pms.accounts.models import User
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties import services
from properties.admin_scope import AdminScope
from properties.models import Membership, Property, Room, RoomType
from tests.factories.properties import make_room_type


def address(kind: str, *args: Any) -> str:
    return reverse(f"admin:{kind}", args=args)


def open_form(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """Return what the open admin form would send, with `changes` typed into it."""
    form = client.get(url).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    shown = {form[name].html_initial_name: value for name, value in sent.items()}
    return {name: value for name, value in (shown | sent | changes).items() if value is not None}


def test_the_door_is_the_ordinary_sign_in(client: Client, hotel: Property) -> None:
    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0].startswith("/account/login/")


def test_a_housekeeper_has_no_administration(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    answer = client.get(address("properties_room_changelist"), follow=True)

    assert answer.status_code == 403
    assert "101" not in answer.content.decode()


def test_a_manager_sees_her_own_rooms_only(client: Client, hotel: Property, other_hotel: Property, anna: User) -> None:
    client.force_login(anna)

    rows = client.get(address("properties_room_changelist")).context["cl"].queryset

    assert {row.property_id for row in rows} == {hotel.pk}
    assert rows.count() == 4


@pytest.mark.parametrize("kind", ["property", "roomtype", "room", "membership"])
def test_a_foreign_row_is_not_there(
    client: Client, hotel: Property, other_hotel: Property, anna: User, kind: str
) -> None:
    model = {"property": Property, "roomtype": RoomType, "room": Room, "membership": Membership}[kind]
    lookup: dict[str, Any] = {"pk": other_hotel.pk} if kind == "property" else {"property": other_hotel}
    foreign = model.objects.filter(**lookup).first()
    assert foreign is not None
    client.force_login(anna)

    assert client.get(address(f"properties_{kind}_change", foreign.pk)).status_code == 404
    assert client.post(address(f"properties_{kind}_change", foreign.pk), {}).status_code == 404
    assert client.get(address(f"properties_{kind}_history", foreign.pk)).status_code == 404


def test_foreign_keys_offer_own_rows_only(client: Client, hotel: Property, other_hotel: Property, anna: User) -> None:
    client.force_login(anna)

    fields = client.get(address("properties_room_add")).context["adminform"].form.fields

    assert list(fields["property"].queryset) == [hotel]
    assert {kind.property_id for kind in fields["room_type"].queryset} == {hotel.pk}


def test_a_room_is_added_by_the_service(client: Client, hotel: Property, anna: User) -> None:
    kind = RoomType.objects.get(property=hotel, code="DBL")
    client.force_login(anna)

    client.post(
        address("properties_room_add"),
        {"property": hotel.pk, "room_type": kind.pk, "number": "103", "floor": "1"},
    )

    room = Room.objects.get(property=hotel, number="103")
    event = StreamEvent.objects.get(code="room.added", kind="happened", object_id=room.pk)
    assert (event.actor_id, event.via) == (anna.pk, "admin")


def test_a_room_in_a_foreign_hotel_is_not_added(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    kind = RoomType.objects.get(property=other_hotel, code="DBL")
    client.force_login(anna)

    client.post(
        address("properties_room_add"),
        {"property": other_hotel.pk, "room_type": kind.pk, "number": "103", "floor": "1"},
    )

    assert not Room.objects.filter(number="103").exists()


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(client: Client, hotel: Property, anna: User) -> None:
    room = Room.objects.get(property=hotel, number="101")
    client.force_login(anna)
    url = address("properties_room_change", room.pk)

    answer = client.post(url, open_form(client, url, number="102", floor="ground"))

    form = answer.context["adminform"].form
    assert "has a room 102 already" in str(form.errors["number"])
    assert form["floor"].value() == "ground"
    assert Room.objects.get(pk=room.pk).number == "101"


def test_different_fields_of_two_people_are_merged(client: Client, hotel: Property, anna: User) -> None:
    room = Room.objects.get(property=hotel, number="101")
    client.force_login(anna)
    url = address("properties_room_change", room.pk)
    form = open_form(client, url, floor="ground")
    services.room_change(room_id=room.pk, values={"number": "111"})

    answer = client.post(url, form)

    assert answer.status_code == 302
    after = Room.objects.get(pk=room.pk)
    assert (after.number, after.floor) == ("111", "ground")


def test_the_same_field_of_two_people_is_not_overwritten(client: Client, hotel: Property, anna: User) -> None:
    room = Room.objects.get(property=hotel, number="101")
    client.force_login(anna)
    url = address("properties_room_change", room.pk)
    form = open_form(client, url, number="112")
    services.room_change(room_id=room.pk, values={"number": "111"})

    answer = client.post(url, form)

    assert answer.status_code == 200
    assert Room.objects.get(pk=room.pk).number == "111"


def test_settings_of_the_hotel_are_saved_by_the_service(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    url = address("properties_property_change", hotel.pk)

    client.post(url, open_form(client, url, name="Sea View"))

    assert Property.objects.get(pk=hotel.pk).name == "Sea View"
    assert StreamEvent.objects.get(code="property.settings_changed").actor_id == anna.pk


def test_rooms_are_archived_not_deleted(client: Client, hotel: Property, anna: User) -> None:
    room = Room.objects.get(property=hotel, number="101")
    client.force_login(anna)
    url = address("properties_room_changelist")

    client.post(url, {"action": "delete_selected", "_selected_action": [room.pk], "post": "yes"})
    assert client.post(address("properties_room_delete", room.pk), {"post": "yes"}).status_code == 403
    assert Room.objects.get(pk=room.pk).archived_at is None

    client.post(url, {"action": "archive", "_selected_action": [room.pk]})
    assert Room.objects.get(pk=room.pk).archived_at is not None


def test_an_archive_of_foreign_rows_does_nothing(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    foreign = Room.objects.get(property=other_hotel, number="101")
    client.force_login(anna)

    client.post(address("properties_room_changelist"), {"action": "archive", "_selected_action": [foreign.pk]})

    assert Room.objects.get(pk=foreign.pk).archived_at is None


def test_a_manager_here_who_only_looks_there_changes_nothing_there(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    services.staff_add(property_id=other_hotel.pk, email=anna.email, name="", roles=["auditor"])
    foreign = Room.objects.get(property=other_hotel, number="101")
    client.force_login(anna)

    assert client.get(address("properties_room_change", foreign.pk)).status_code == 200
    assert client.post(address("properties_room_change", foreign.pk), {"number": "9"}).status_code == 403
    client.post(address("properties_room_changelist"), {"action": "archive", "_selected_action": [foreign.pk]})
    kind = make_room_type(hotel=other_hotel)
    client.post(
        address("properties_room_add"),
        {"property": other_hotel.pk, "room_type": kind.pk, "number": "9", "floor": ""},
    )

    assert Room.objects.get(pk=foreign.pk).archived_at is None
    assert not Room.objects.filter(property=other_hotel, number="9").exists()


def test_roles_are_given_live_and_none_above_ones_own(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    member = Membership.objects.get(user=hugo)
    client.force_login(anna)
    url = address("properties_membership_change", member.pk)

    client.post(url, open_form(client, url, roles=["owner"]))
    assert Membership.objects.get(pk=member.pk).roles == ["front_desk"]

    client.post(url, open_form(client, url, roles=["reservations"]))
    assert Membership.objects.get(pk=member.pk).roles == ["reservations"]
    assert hugo.groups.filter(name=f"property:{hotel.pk}:reservations").exists()


def test_a_manager_cannot_lower_an_owner(client: Client, hotel: Property, anna: User, olga: User) -> None:
    member = Membership.objects.get(user=olga)
    client.force_login(anna)
    url = address("properties_membership_change", member.pk)

    answer = client.post(url, open_form(client, url, roles=["front_desk"]))

    assert answer.status_code == 200
    assert Membership.objects.get(pk=member.pk).roles == ["owner"]


def test_the_audit_log_is_ones_own_and_only_read(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    client.force_login(anna)
    rows = client.get(address("core_auditentry_changelist")).context["cl"].queryset
    foreign = AuditEntry.objects.filter(property_id=other_hotel.pk).first()
    own = AuditEntry.objects.filter(property_id=hotel.pk).first()
    assert foreign is not None
    assert own is not None

    assert {row.property_id for row in rows} == {hotel.pk}
    assert client.get(address("core_auditentry_change", foreign.pk)).status_code == 404
    assert client.get(address("core_auditentry_change", own.pk)).status_code == 200
    assert client.post(address("core_auditentry_change", own.pk), {"act": "x"}).status_code == 403


def test_nothing_without_a_scope_is_open_to_managers(hotel: Property, anna: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = anna

    open_to_all = [
        type(model_admin).__name__
        for model_admin in admin.site._registry.values()
        if model_admin.has_module_permission(request) and not isinstance(model_admin, AdminScope)
    ]

    assert open_to_all == []


def test_nobody_signed_out_sees_any_row(hotel: Property) -> None:
    request = RequestFactory().get("/admin/")
    request.user = AnonymousUser()

    for model_admin in admin.site._registry.values():
        assert not model_admin.has_module_permission(request)


@pytest.mark.parametrize("kind", ["property", "roomtype", "room", "membership"])
def test_every_list_opens(client: Client, hotel: Property, anna: User, kind: str) -> None:
    client.force_login(anna)

    assert client.get(address(f"properties_{kind}_changelist")).status_code == 200
