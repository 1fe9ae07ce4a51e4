"""The matrix of roles: seen by whom, saved tick by tick, previewed, taken back; own roles; copied to a second hotel."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from pms.accounts.registry import codes_of_role
from properties.models import Membership, Property, Role
from properties.services import Toggle, role_add, roles_change_rights, staff_add
from tests.clients import signed_in
from tests.factories.properties import make_hotel, make_member

HTMX = {"hx-request": "true"}


def url(name: str, *args: object) -> str:
    return reverse(f"properties:{name}", args=["SEA", *args])


def role(hotel: Property, code: str) -> Role:
    return Role.objects.get(property=hotel, code=code)


def tick(html: str, code: str, right: str) -> str:
    """Return the checkbox of a role and a right."""
    found = re.search(rf'<input[^>]*data-tick="{code}:{right}"[^>]*>', html)
    assert found, (code, right)
    return found[0]


def save(client: Client, toggles: str) -> Any:
    return client.post(url("change_roles"), {"toggles": toggles}, headers=HTMX)


def undo_of(answer: Any) -> str:
    return str(json.loads(answer["HX-Trigger"])["toast"]["undo"])


def test_the_matrix_shows_every_role_and_right(hotel: Property, anna: User, hugo: User) -> None:
    html = signed_in(anna).get(url("list_roles")).content.decode()

    assert "checked" in tick(html, "front_desk", "folio_post") and "disabled" not in tick(
        html, "front_desk", "folio_post"
    )
    assert "checked" not in tick(html, "auditor", "folio_post")
    assert "disabled" in tick(html, "owner", "folio_post")
    assert "Minibar, parking, cash and card" in html
    assert "Review and save" in html


def test_who_may_only_see_the_staff_sees_the_matrix_and_changes_nothing(hotel: Property) -> None:
    tom = make_member(hotel=hotel, name="Tom Adler", role="auditor").user
    client = signed_in(tom)
    html = client.get(url("list_roles")).content.decode()

    assert "disabled" in tick(html, "front_desk", "folio_post") and "Review and save" not in html
    assert save(client, "front_desk:folio_post:0").status_code == 403
    assert "folio_post" in role(hotel, "front_desk").rights


def test_the_preview_says_what_changes_for_whom_and_saves_nothing(hotel: Property, anna: User, hugo: User) -> None:
    make_member(hotel=hotel, name="Bea Both", role="front_desk")
    client = signed_in(anna)

    html = client.post(
        url("preview_roles"), {"toggles": "front_desk:ledger_view:1 front_desk:folio_view:1"}, headers=HTMX
    ).content.decode()

    assert "See ledgers and revenue" in html and "Hugo Lindt" in html and "Bea Both" in html
    assert 'value="front_desk:ledger_view:1"' in html, "what changes nothing is not sent on"
    assert "ledger_view" not in role(hotel, "front_desk").rights


def test_the_preview_leaves_out_who_may_do_the_same_by_another_role(hotel: Property, anna: User) -> None:
    staff_add(property_id=hotel.pk, email="bea@sea.example", name="Bea Both", roles=["front_desk", "accountant"])

    html = signed_in(anna).post(url("preview_roles"), {"toggles": "front_desk:ledger_view:1"}).content.decode()

    assert "Bea Both" not in html and "For nobody does anything change" in html


def test_saved_ticks_count_at_once_and_can_be_taken_back(hotel: Property, anna: User) -> None:
    client = signed_in(anna)

    answer = save(client, "front_desk:ledger_view:1 front_desk:folio_post:0")

    assert answer.status_code == 204
    assert set(role(hotel, "front_desk").rights) == codes_of_role("front_desk") - {"folio_post"} | {"ledger_view"}
    client.post(undo_of(answer), headers=HTMX)
    assert set(role(hotel, "front_desk").rights) == codes_of_role("front_desk")


def test_taking_back_leaves_alone_what_somebody_else_ticked_meanwhile(hotel: Property, anna: User) -> None:
    client = signed_in(anna)
    answer = save(client, "front_desk:ledger_view:1")
    roles_change_rights(property_id=hotel.pk, toggles=[Toggle("front_desk", "folio_correct", True)])

    client.post(undo_of(answer), headers=HTMX)

    assert set(role(hotel, "front_desk").rights) == codes_of_role("front_desk") | {"folio_correct"}


def test_an_own_role_that_was_lowered_can_be_put_back(hotel: Property, anna: User) -> None:
    client = signed_in(anna)
    answer = save(client, "manager:role_change:0")
    assert save(client, "front_desk:ledger_view:1").status_code == 403

    assert client.post(undo_of(answer), headers=HTMX).status_code == 204
    assert save(client, "front_desk:ledger_view:1").status_code == 204


def test_it_is_taken_back_for_a_short_time_and_by_the_same_person_only(hotel: Property, anna: User, olga: User) -> None:
    back = undo_of(save(signed_in(anna), "front_desk:ledger_view:1"))

    assert signed_in(olga).post(back, headers=HTMX).status_code == 422
    with time_machine.travel("2100-01-01", tick=True):
        late = signed_in(anna)
        assert late.post(back, headers=HTMX).status_code == 422
    assert "ledger_view" in role(hotel, "front_desk").rights


def test_a_right_that_one_does_not_hold_is_neither_given_nor_taken(hotel: Property, anna: User) -> None:
    roles_change_rights(property_id=hotel.pk, toggles=[Toggle("manager", "ledger_view", False)])
    client = signed_in(anna)
    before = {one.code: one.rights for one in Role.objects.filter(property=hotel)}

    refused = ("front_desk:ledger_view:1", "manager:ledger_view:1", "accountant:folio_post:0", "owner:folio_post:0")

    for toggles in refused:
        assert save(client, toggles).status_code in {403, 409}, toggles
        assert client.post(url("preview_roles"), {"toggles": toggles}).status_code == 403, toggles
    html = client.get(url("list_roles")).content.decode()
    assert "disabled" in tick(html, "front_desk", "ledger_view"), "not hers to give"
    assert "disabled" in tick(html, "accountant", "folio_post"), "a role above her own"
    assert "disabled" not in tick(html, "front_desk", "folio_post")
    assert {one.code: one.rights for one in Role.objects.filter(property=hotel)} == before


@pytest.mark.parametrize("toggles", ["front_desk", "front_desk:ledger_view:2", "a:b:1:c", "front_desk:ledger_view:1,x"])
def test_ticks_that_cannot_be_read_save_nothing(hotel: Property, anna: User, toggles: str) -> None:
    assert save(signed_in(anna), toggles).status_code == 422
    assert set(role(hotel, "front_desk").rights) == codes_of_role("front_desk")


def test_a_role_is_made_as_a_copy_named_and_archived(hotel: Property, anna: User, hugo: User) -> None:
    client = signed_in(anna)
    client.post(url("add_role"), {"name": "Night porter", "copy": "front_desk"}, headers=HTMX)
    night = role(hotel, "own_night_porter")
    assert set(night.rights) == codes_of_role("front_desk")

    client.post(url("rename_role", night.pk), {"name": "Night audit", "version": night.version}, headers=HTMX)
    assert role(hotel, night.code).name == "Night audit"

    member = Membership.objects.get(user=hugo)
    client.post(url("change_staff", member.pk), {"roles": [night.code], "version": member.version})
    refused = client.post(url("archive_role", night.pk), {"replacement": ""}, headers=HTMX)
    assert refused.status_code == 422 and "1 person holds this role" in refused.content.decode()

    client.post(url("archive_role", night.pk), {"replacement": "front_desk"}, headers=HTMX)
    assert role(hotel, night.code).archived_at is not None
    assert Membership.objects.get(user=hugo).roles == ["front_desk"]


def test_a_role_above_ones_own_is_no_copy_and_no_replacement(hotel: Property, anna: User) -> None:
    roles_change_rights(property_id=hotel.pk, toggles=[Toggle("manager", "ledger_view", False)])
    night = role_add(property_id=hotel.pk, name="Night porter")
    client = signed_in(anna)

    assert client.post(url("add_role"), {"name": "Mine", "copy": "accountant"}).status_code == 422
    assert client.post(url("archive_role", night.pk), {"replacement": "owner"}).status_code == 422
    assert client.post(url("rename_role", role(hotel, "accountant").pk), {"name": "X", "version": 1}).status_code == 403
    assert client.get(url("reset_role", role(hotel, "accountant").pk)).status_code == 403
    assert not Role.objects.filter(name__in=["Mine", "X"]).exists()


def test_back_to_standard_shows_what_that_changes(hotel: Property, anna: User) -> None:
    client = signed_in(anna)
    save(client, "front_desk:ledger_view:1 front_desk:folio_post:0")

    html = client.get(url("reset_role", role(hotel, "front_desk").pk), headers=HTMX).content.decode()

    assert 'value="front_desk:folio_post:1 front_desk:ledger_view:0"' in html
    assert "2 differ" in client.get(url("list_roles")).content.decode()


def test_roles_are_copied_only_to_a_hotel_of_ones_own(hotel: Property, olga: User, anna: User, eve: User) -> None:
    second = make_hotel(code="TWO", name="Second House", owner=olga)
    staff_add(property_id=second.pk, email=anna.email, name="", roles=["manager"])
    roles_change_rights(property_id=hotel.pk, toggles=[Toggle("front_desk", "ledger_view", True)])

    for client, code in ((signed_in(anna), "TWO"), (signed_in(olga), "LAK"), (signed_in(olga), "SEA")):
        assert client.post(url("copy_roles"), {"hotel": code}).status_code == 422
    assert "ledger_view" not in role(second, "front_desk").rights

    assert signed_in(olga).post(url("copy_roles"), {"hotel": "TWO"}).status_code == 204
    assert "ledger_view" in role(second, "front_desk").rights


def test_the_sheet_of_a_role_names_who_holds_it(hotel: Property, anna: User, hugo: User) -> None:
    client = signed_in(anna)

    assert "Hugo Lindt" in client.get(url("open_role", role(hotel, "front_desk").pk)).content.decode()
    assert "Owners may do everything" in client.get(url("open_role", role(hotel, "owner").pk)).content.decode()


def test_the_audit_log_says_in_words_which_rights_changed(hotel: Property, anna: User) -> None:
    client = signed_in(anna)
    save(client, "front_desk:ledger_view:1 front_desk:folio_post:0")

    html = client.get(url("list_audit")).content.decode()

    assert "Front desk" in html and "See ledgers and revenue" in html and "Post charges and payments" in html
    assert "property:" not in html


@pytest.mark.parametrize("act", ["undo", "rename", "archive"])
def test_who_proved_herself_long_ago_is_asked_first(hotel: Property, anna: User, act: str) -> None:
    role = role_add(property_id=hotel.pk, name="Porter")
    asked = {
        "undo": (undo_of(save(signed_in(anna), "front_desk:ledger_view:1")), {}),
        "rename": (url("rename_role", role.pk), {"name": "Page", "version": role.version}),
        "archive": (url("archive_role", role.pk), {}),
    }
    address, facts = asked[act]

    answer = signed_in(anna, minutes_ago=6).post(address, facts, headers=HTMX)

    assert (answer.status_code, answer.headers["X-Prove"]) == (403, "/account/prove/")
    role.refresh_from_db()
    assert (role.name, role.archived_at) == ("Porter", None)
    assert "ledger_view" in Role.objects.get(property=hotel, code="front_desk").rights or act != "undo"
    assert signed_in(anna).post(address, facts, headers=HTMX).status_code == 204
