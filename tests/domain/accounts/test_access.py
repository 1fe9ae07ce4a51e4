"""May this user do that at this hotel? Strangers see nothing, colleagues are told no."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from pms.accounts import access
from pms.accounts.registry import all_codes, codes_of_role
from pms.core.errors import NotAllowed, NotThere
from properties.models import Organization, Room
from tests.committed import rolled_back
from tests.domain.accounts.given import again, make_user, rights, with_role
from tests.domain.core.given import make_hotel, make_room

pytestmark = pytest.mark.django_db


def test_rights_are_those_of_the_roles_at_each_hotel() -> None:
    hugo, here, there, elsewhere = make_user(), make_hotel(), make_hotel(), make_hotel()
    with_role(hugo, here, "front_desk", "auditor")
    hugo = with_role(hugo, there, "housekeeper")

    assert access.rights_at(hugo, here.pk) == codes_of_role("front_desk") | codes_of_role("auditor")
    assert access.rights_at(hugo, there.pk) == codes_of_role("housekeeper")
    assert access.rights_at(hugo, elsewhere.pk) == frozenset()
    assert access.properties_for(hugo, "room_mark") == {here.pk, there.pk}
    assert access.properties_for(hugo, "audit_view") == {here.pk}


def test_all_rights_are_two_queries_and_cached_for_the_epoch(django_assert_num_queries: Any) -> None:
    hugo, here, there = make_user(), make_hotel(), make_hotel()
    with_role(hugo, here, "front_desk")
    hugo = with_role(hugo, there, "manager")

    with django_assert_num_queries(2):  # whether a second step is missing, and the rights
        assert set(access.rights_by_property(hugo)) == {here.pk, there.pk}
    with django_assert_num_queries(0):
        access.rights_at(hugo, here.pk)
        access.properties_for(hugo, "room_mark")
        access.permitted(hugo, "room_view", there.pk)


def test_the_cache_of_people_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "CACHED_USERS", 2)
    for name in ("Anna", "Berta", "Clara"):
        access.rights_by_property(make_user(name))

    assert len(access._cache) == 2


def test_a_superuser_may_do_everything_everywhere() -> None:
    root = make_user("Root")
    root.is_superuser = True

    assert access.rights_at(root, uuid.uuid4()) == all_codes()
    assert access.properties_for(root, "room_mark") is None
    access.permitted(root, "room_mark", uuid.uuid4())


def test_a_disabled_user_has_no_rights_not_even_a_superuser() -> None:
    hotel = make_hotel()
    hugo = with_role(make_user(), hotel, "owner")
    hugo.is_active = False
    root = make_user("Root")
    root.is_superuser, root.is_active = True, False

    for user in (hugo, root):
        assert access.rights_at(user, hotel.pk) == frozenset()
        assert access.properties_for(user, "room_mark") == frozenset()
        with pytest.raises(NotThere):
            access.permitted(user, "room_mark", hotel.pk)


@pytest.mark.parametrize("nobody", [AnonymousUser(), None])
def test_nobody_has_no_rights(nobody: Any) -> None:
    assert access.rights_at(nobody, uuid.uuid4()) == frozenset()
    assert access.properties_for(nobody, "room_mark") == frozenset()


def test_strangers_get_not_there_and_colleagues_not_allowed() -> None:
    hotel = make_hotel()
    room = make_room(hotel)
    maria = with_role(make_user("Maria"), hotel, "housekeeper")
    eve = with_role(make_user("Eve"), make_hotel(), "manager")

    assert access.fetch(Room.objects.all(), maria, "room_mark", pk=room.pk) == room
    access.permitted(maria, "room_mark", hotel.pk)
    with pytest.raises(NotAllowed) as refused:
        access.fetch(Room.objects.all(), maria, "room_change", pk=room.pk)
    assert refused.value.facts == {"right": "room_change"}
    with pytest.raises(NotAllowed):
        access.permitted(maria, "room_change", hotel.pk)
    with pytest.raises(NotThere) as hidden:
        access.fetch(Room.objects.all(), eve, "room_mark", pk=room.pk)
    with pytest.raises(NotThere) as missing:
        access.fetch(Room.objects.all(), eve, "room_mark", pk=uuid.uuid4())
    assert str(hidden.value) == str(missing.value)
    with pytest.raises(NotThere):
        access.permitted(eve, "room_mark", hotel.pk)


def test_a_row_of_the_organization_is_seen_from_each_of_its_hotels() -> None:
    first = make_hotel()
    make_hotel(organization=first.organization)
    hugo = with_role(make_user(), first, "front_desk")
    eve = with_role(make_user("Eve"), make_hotel(), "owner")
    rows = Organization.objects.all()

    assert access.fetch(rows, hugo, "hotel_view", pk=first.organization_id) == first.organization
    with pytest.raises(NotAllowed):
        access.fetch(rows, hugo, "hotel_change", pk=first.organization_id)
    with pytest.raises(NotThere):
        access.fetch(rows, eve, "hotel_view", pk=first.organization_id)


def test_rights_read_in_a_transaction_that_was_rolled_back_never_come_true() -> None:
    hotel, hugo = make_hotel(), make_user()
    with_role(hugo, hotel, "housekeeper")
    with rolled_back():
        with_role(hugo, hotel, "owner")
        assert rights(hugo, hotel) == all_codes()

    assert rights(hugo, hotel) == codes_of_role("housekeeper")
    with_role(hugo, hotel, "auditor")  # the next epoch is not the one that was rolled back
    assert rights(hugo, hotel) == codes_of_role("auditor")
    assert again(hugo).permission_epoch > 1
