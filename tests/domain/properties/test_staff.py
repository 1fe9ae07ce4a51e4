"""Staff: adding, roles live, removing; a hotel never loses its last owner."""

from __future__ import annotations

import pytest

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.core.errors import NotAllowed, NotThere, StaleVersion
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties import errors, selectors, services
from properties.models import Membership, Property
from tests.factories.properties import make_member


def member(hotel: Property, user: User) -> Membership:
    found = selectors.membership_at(user, hotel.pk)
    assert found is not None
    return found


def test_a_new_person_gets_the_rights_of_her_role(hotel: Property) -> None:
    joined = services.staff_add(
        property_id=hotel.pk, email="nina@sea.example", name="Nina New", roles=["housekeeper", "front_desk"]
    )

    assert joined.roles == ["front_desk", "housekeeper"]
    assert rights_at(joined.user, hotel.pk) >= {"room_mark", "room_view"}
    assert not joined.user.has_usable_password()
    assert StreamEvent.objects.filter(code="staff.added", object_id=joined.pk).count() == 1


def test_a_person_known_in_another_hotel_keeps_her_account(hotel: Property, eve: User) -> None:
    joined = services.staff_add(property_id=hotel.pk, email="EVE@lak.example", name="Somebody", roles=["auditor"])

    assert joined.user == eve
    assert joined.user.name == "Eve Moreau"


def test_the_same_person_is_not_added_twice(hotel: Property, hugo: User) -> None:
    with pytest.raises(errors.AlreadyStaff):
        services.staff_add(property_id=hotel.pk, email=hugo.email, name="Hugo", roles=["manager"])

    assert member(hotel, hugo).roles == ["front_desk"]


@pytest.mark.parametrize(("roles", "refusal"), [([], errors.RoleMissing), (["king"], errors.UnknownRole)])
def test_nobody_is_added_without_a_role_of_the_house(
    hotel: Property, roles: list[str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.staff_add(property_id=hotel.pk, email="nina@sea.example", name="Nina", roles=roles)

    assert not User.objects.filter(email="nina@sea.example").exists()


def test_other_roles_count_from_this_moment(hotel: Property, hugo: User) -> None:
    epoch = hugo.permission_epoch

    services.staff_set_roles(membership_id=member(hotel, hugo).pk, roles=["manager"])

    hugo.refresh_from_db()
    assert hugo.permission_epoch > epoch
    assert "hotel_change" in rights_at(hugo, hotel.pk)
    assert hugo.is_staff
    event = StreamEvent.objects.get(code="staff.roles_set")
    assert event.payload["changes"] == {"roles": [["front_desk"], ["manager"]]}


def test_a_manager_no_more_loses_the_door_to_the_administration(hotel: Property, anna: User) -> None:
    assert anna.is_staff

    services.staff_set_roles(membership_id=member(hotel, anna).pk, roles=["front_desk"])

    anna.refresh_from_db()
    assert not anna.is_staff


def test_a_manager_of_two_hotels_keeps_the_door_while_one_is_left(
    hotel: Property, other_hotel: Property, anna: User
) -> None:
    services.staff_add(property_id=other_hotel.pk, email=anna.email, name="", roles=["manager"])

    services.staff_remove(membership_id=member(hotel, anna).pk)

    anna.refresh_from_db()
    assert anna.is_staff
    assert rights_at(anna, hotel.pk) == frozenset()


def test_the_last_owner_keeps_the_role(hotel: Property, olga: User) -> None:
    with pytest.raises(errors.LastOwner):
        services.staff_set_roles(membership_id=member(hotel, olga).pk, roles=["manager"])
    with pytest.raises(errors.LastOwner):
        services.staff_remove(membership_id=member(hotel, olga).pk)

    assert member(hotel, olga).roles == ["owner"]


def test_an_owner_may_go_when_another_stays(hotel: Property, olga: User) -> None:
    make_member(hotel=hotel, name="Otto Second", role="owner")

    services.staff_remove(membership_id=member(hotel, olga).pk)

    assert selectors.membership_at(olga, hotel.pk) is None
    assert rights_at(User.objects.get(pk=olga.pk), hotel.pk) == frozenset()


def test_a_removed_person_stays_a_user_and_in_the_audit(hotel: Property, hugo: User) -> None:
    left = member(hotel, hugo)

    services.staff_remove(membership_id=left.pk)

    assert User.objects.filter(pk=hugo.pk, is_active=True).exists()
    entry = AuditEntry.objects.filter(object_pk=str(left.pk)).latest("id")
    assert entry.action == AuditEntry.Action.DELETE
    assert entry.property_id == hotel.pk
    assert StreamEvent.objects.filter(code="staff.removed", object_id=left.pk).count() == 1


def test_two_changes_of_the_same_roles_meet_a_conflict(hotel: Property, hugo: User) -> None:
    seen = member(hotel, hugo).version
    services.staff_set_roles(membership_id=member(hotel, hugo).pk, roles=["reservations"], seen_version=seen)

    with pytest.raises(StaleVersion):
        services.staff_set_roles(membership_id=member(hotel, hugo).pk, roles=["auditor"], seen_version=seen)

    assert member(hotel, hugo).roles == ["reservations"]


def test_a_manager_gives_every_role_but_that_of_an_owner(hotel: Property, anna: User, olga: User) -> None:
    assert "owner" not in selectors.roles_givable(anna, hotel.pk)
    assert "owner" in selectors.roles_givable(olga, hotel.pk)
    assert "front_desk" in selectors.roles_givable(anna, hotel.pk)


def test_a_manager_may_not_change_an_owner(hotel: Property, anna: User, olga: User) -> None:
    with pytest.raises(NotAllowed):
        selectors.membership_for_change(anna, member(hotel, olga).pk, hotel=hotel)


def test_a_stranger_finds_no_member(hotel: Property, hugo: User, eve: User) -> None:
    with pytest.raises(NotThere):
        selectors.membership_for_change(eve, member(hotel, hugo).pk, hotel=hotel)
