"""The last owner who can come in stays, whichever door is tried; with a second owner each of them opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import ProtectedError
from django.test import Client

from pms.accounts import services as accounts
from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.registry import all_codes
from properties.errors import LastOwner, OwnerHoldsAll, UnknownRole
from properties.models import Membership, Property, Role
from properties.services import (
    Toggle,
    role_archive,
    roles_change_rights,
    staff_add,
    staff_disable,
    staff_remove,
    staff_set_roles,
)
from tests.clients import signed_in
from tests.factories.properties import SMALL_HOUSE, make_hotel
from tests.race import together


def of(user: User) -> Membership:
    return Membership.objects.get(user=user, property__code="SEA")


# Every service by which a person, or the role itself, could lose what an owner holds.
DOORS: dict[str, tuple[Callable[[Property, User], Any], type[Exception]]] = {
    "removed": (lambda _hotel, user: staff_remove(membership_id=of(user).pk), LastOwner),
    "shut out": (lambda _hotel, user: staff_disable(membership_id=of(user).pk), LastOwner),
    "other roles": (lambda _hotel, user: staff_set_roles(membership_id=of(user).pk, roles=["manager"]), LastOwner),
    "account closed": (lambda _hotel, user: accounts.user_set_active(user_id=user.pk, active=False), LastOwner),
    "account deleted": (lambda _hotel, user: user.delete(), ProtectedError),
}
OF_THE_ROLE: dict[str, tuple[Callable[[Property], Any], type[Exception]]] = {
    "a right taken away": (
        lambda hotel: roles_change_rights(property_id=hotel.pk, toggles=[Toggle("owner", "staff_change", on=False)]),
        OwnerHoldsAll,
    ),
    "archived": (
        lambda hotel: role_archive(role_id=Role.objects.get(property=hotel, code="owner").pk, replacement="manager"),
        UnknownRole,
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_last_owner_stays(hotel: Property, olga: User, door: str) -> None:
    act, refusal = DOORS[door]

    with pytest.raises(refusal):
        act(hotel, olga)

    olga.refresh_from_db()
    assert (olga.is_active, of(olga).roles, of(olga).disabled_at) == (True, ["owner"], None)
    assert rights_at(olga, hotel.pk) == all_codes()


@pytest.mark.parametrize("door", [name for name in DOORS if name != "account deleted"])
def test_with_a_second_owner_the_door_opens(hotel: Property, olga: User, door: str) -> None:
    staff_add(property_id=hotel.pk, email="otto@sea.example", name="Otto", roles=["owner"])

    DOORS[door][0](hotel, olga)


@pytest.mark.parametrize("door", [name for name in DOORS if name != "account deleted"])
def test_a_second_owner_who_cannot_come_in_is_none(hotel: Property, olga: User, door: str) -> None:
    otto = staff_add(property_id=hotel.pk, email="otto@sea.example", name="Otto", roles=["owner"]).user
    accounts.user_set_active(user_id=otto.pk, active=False)

    with pytest.raises(LastOwner):
        DOORS[door][0](hotel, olga)


@pytest.mark.parametrize("way", OF_THE_ROLE)
def test_the_role_itself_loses_nothing(hotel: Property, olga: User, way: str) -> None:
    act, refusal = OF_THE_ROLE[way]

    with pytest.raises(refusal):
        act(hotel)

    assert rights_at(User.objects.get(pk=olga.pk), hotel.pk) == all_codes()


def test_the_pages_and_the_administration_refuse_too(hotel: Property, olga: User) -> None:
    browser, member = signed_in(olga), of(olga)
    browser.post(f"/h/SEA/staff/{member.pk}/remove/")
    browser.post(f"/h/SEA/staff/{member.pk}/disable/")
    browser.post(f"/h/SEA/staff/{member.pk}/", {"roles": ["manager"], "version": member.version})
    address = f"/admin/properties/membership/{member.pk}/"
    browser.post(f"{address}change/", {"roles": ["manager"], "version": member.version})
    browser.post(f"{address}delete/", {"post": "yes"})

    assert (of(olga).roles, of(olga).disabled_at) == (["owner"], None)


def test_no_hand_reaches_people_or_groups_in_the_administration(hotel: Property) -> None:
    assert not {User, Group} & admin.site._registry.keys()
    assert Client().get("/admin/auth/group/").status_code in (302, 404)


def test_an_account_that_owns_nothing_is_closed(hotel: Property, hugo: User) -> None:
    assert not accounts.user_set_active(user_id=hugo.pk, active=False).is_active


def two_leave_at_once() -> int:
    """Let one owner be removed and the account of the other be closed; return how many can come in still."""
    hotel = make_hotel(rooms=SMALL_HOUSE)
    olga = User.objects.get(email="olga@sea.example")
    otto = staff_add(property_id=hotel.pk, email="otto@sea.example", name="Otto", roles=["owner"])
    together(
        lambda: accounts.user_set_active(user_id=olga.pk, active=False),
        lambda: staff_remove(membership_id=otto.pk),
    )
    left = Membership.objects.filter(property=hotel, roles__contains=["owner"], user__is_active=True)
    return left.count()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_lost_in_two_ways_at_once_leave_one_behind() -> None:
    assert two_leave_at_once() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_veto_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("properties.services.staff._refuse_without_owner", lambda *_args, **_options: None)

    assert two_leave_at_once() == 0
