"""A change of rights counts at once, for exactly the people it concerns, and their open pages hear of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pms.accounts.models import User
from pms.accounts.registry import codes_of_role
from pms.accounts.services import role_set_rights, roles_set_rights, user_set_active, user_set_roles
from pms.core.models import AuditEntry
from pms.events import bell
from tests.committed import committed
from tests.domain.accounts.given import again, make_user, rights, with_role
from tests.domain.core.given import make_hotel

pytestmark = pytest.mark.django_db


def epochs(*users: User) -> list[int]:
    return [again(user).permission_epoch for user in users]


def rung(callbacks: list[object]) -> set[tuple[str, str]]:
    return {callback.key for callback in callbacks if isinstance(callback, bell._Ring)}


def told(*users: User) -> set[tuple[str, str]]:
    return {(bell.user_channel(user.pk), "rights") for user in users}


def test_new_rights_of_a_role_count_at_once_for_exactly_its_holders() -> None:
    hotel, other = make_hotel(), make_hotel()
    maria = with_role(make_user("Maria"), hotel, "housekeeper")
    hugo = with_role(make_user("Hugo"), hotel, "front_desk")
    eve = with_role(make_user("Eve"), other, "housekeeper")
    before = epochs(maria, hugo, eve)

    with committed() as callbacks:
        role_set_rights(property_id=hotel.pk, role="housekeeper", rights=["room_view"])

    assert rights(maria, hotel) == {"room_view"}
    assert rights(hugo, hotel) == codes_of_role("front_desk")
    assert rights(eve, other) == codes_of_role("housekeeper")
    after = epochs(maria, hugo, eve)
    assert after[0] > before[0]
    assert after[1:] == before[1:]
    assert rung(callbacks) == told(maria)


def test_the_same_rights_again_are_no_change() -> None:
    hotel = make_hotel()
    maria = with_role(make_user("Maria"), hotel, "housekeeper")
    before = epochs(maria)

    with committed() as callbacks:
        role_set_rights(property_id=hotel.pk, role="housekeeper", rights=codes_of_role("housekeeper"))

    assert (epochs(maria), rung(callbacks)) == (before, set())


def test_new_rights_of_a_role_are_audited_with_the_old_ones() -> None:
    hotel = make_hotel()
    role_set_rights(property_id=hotel.pk, role="night", rights=["room_view", "room_mark"])

    role_set_rights(property_id=hotel.pk, role="night", rights=["room_view", "hotel_view"])

    entry = AuditEntry.objects.filter(act="role.rights_set").latest("id")
    assert (entry.property_id, entry.object_repr) == (hotel.pk, f"property:{hotel.pk}:night")
    assert entry.changes == {"rights": [["room_mark", "room_view"], ["hotel_view", "room_view"]]}


def test_the_rights_of_many_roles_cost_as_many_queries_as_of_one() -> None:
    hotel = make_hotel()
    maria = with_role(make_user("Maria"), hotel, "housekeeper")
    many = {"housekeeper": ["room_view"], "night": ["room_view"], "day": ["room_mark", "room_view"]}

    with CaptureQueriesContext(connection) as of_one:
        roles_set_rights(property_id=hotel.pk, rights={"housekeeper": ["room_view", "room_mark"], "porter": []})
    with CaptureQueriesContext(connection) as of_many, committed() as callbacks:
        roles_set_rights(property_id=hotel.pk, rights=many)

    entries = AuditEntry.objects.filter(act="role.rights_set", object_repr__endswith="day")
    assert entries.get().changes == {"rights": [[], ["room_mark", "room_view"]]}
    assert rights(maria, hotel) == {"room_view"}
    assert rung(callbacks) == told(maria)
    # One more: the rights that are taken away. And what `committed` asks.
    assert len(of_many) <= len(of_one) + 3


def test_new_roles_of_a_user_count_at_once_and_only_at_that_hotel() -> None:
    hotel, other = make_hotel(), make_hotel()
    maria = with_role(make_user("Maria"), other, "manager")
    with_role(maria, hotel, "housekeeper")
    hugo = with_role(make_user("Hugo"), hotel, "front_desk")
    before = epochs(maria, hugo)

    with committed() as callbacks:
        user_set_roles(user_id=maria.pk, property_id=hotel.pk, roles=["front_desk"])

    assert rights(maria, hotel) == codes_of_role("front_desk")
    assert rights(maria, other) == codes_of_role("manager")
    assert epochs(maria)[0] > before[0]
    assert epochs(hugo) == before[1:]
    assert rung(callbacks) == told(maria)


def test_without_roles_somebody_is_a_stranger() -> None:
    hotel = make_hotel()
    maria = with_role(make_user("Maria"), hotel, "housekeeper")

    user_set_roles(user_id=maria.pk, property_id=hotel.pk, roles=[])

    assert rights(maria, hotel) == frozenset()


def test_a_role_given_before_it_has_rights_gets_them_later() -> None:
    hotel, maria = make_hotel(), make_user("Maria")
    user_set_roles(user_id=maria.pk, property_id=hotel.pk, roles=["night"])

    role_set_rights(property_id=hotel.pk, role="night", rights=["room_view"])

    assert rights(maria, hotel) == {"room_view"}


def test_a_hotel_whose_id_begins_alike_keeps_its_roles() -> None:
    hotel, maria = make_hotel(), make_user("Maria")
    with_role(maria, hotel, "front_desk", "auditor")

    user_set_roles(user_id=maria.pk, property_id=hotel.pk, roles=["front_desk"])

    assert rights(maria, hotel) == codes_of_role("front_desk")


def test_a_disabled_user_is_out_at_once_and_her_pages_hear_of_it() -> None:
    hotel = make_hotel()
    maria = with_role(make_user("Maria"), hotel, "housekeeper")
    before = epochs(maria)

    with committed() as callbacks:
        user_set_active(user_id=maria.pk, active=False)

    assert rights(maria, hotel) == frozenset()
    assert epochs(maria)[0] > before[0]
    # Her sign-ins end as well: pages that are open are looked at for both.
    assert rung(callbacks) == told(maria) | {(bell.user_channel(maria.pk), "sessions")}
    entry = AuditEntry.objects.filter(object_pk=str(maria.pk)).latest("id")
    assert entry.changes == {"is_active": ["True", "False"]}
