"""Roles of a hotel: rights that count at once, roles of its own, nobody gives more than she holds."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Group

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.registry import all_codes, codes_of_role
from pms.accounts.services import role_group_name
from pms.core.errors import StaleVersion
from pms.core.models import AuditEntry
from properties import errors, selectors, services
from properties.models import Membership, Property, Role
from properties.services import Toggle
from tests.factories.properties import make_hotel, make_member


def role(hotel: Property, code: str) -> Role:
    return Role.objects.get(property=hotel, code=code)


def rights_of(user: User, hotel: Property) -> frozenset[str]:
    return rights_at(User.objects.get(pk=user.pk), hotel.pk)


def change(hotel: Property, code: str, **rights: bool) -> list[Toggle]:
    toggles = [Toggle(code, right, on) for right, on in rights.items()]
    return services.roles_change_rights(property_id=hotel.pk, toggles=toggles)


def test_a_hotel_begins_with_the_standard_roles(hotel: Property) -> None:
    assert {one.code: set(one.rights) for one in selectors.roles_of(hotel.pk)} == {
        code: set(codes_of_role(code)) for code in selectors.ROLES
    }


def test_a_right_given_or_taken_counts_at_once(hotel: Property, hugo: User) -> None:
    done = change(hotel, "front_desk", ledger_view=True, folio_post=False, folio_view=True)

    assert done == [Toggle("front_desk", "folio_post", False), Toggle("front_desk", "ledger_view", True)]
    assert rights_of(hugo, hotel) == codes_of_role("front_desk") - {"folio_post"} | {"ledger_view"}


def test_two_people_at_the_matrix_keep_each_others_ticks(hotel: Property, hugo: User) -> None:
    """Both saw the same matrix; each sends only what she touched."""
    change(hotel, "front_desk", ledger_view=True)
    change(hotel, "front_desk", folio_post=False)

    assert rights_of(hugo, hotel) == codes_of_role("front_desk") - {"folio_post"} | {"ledger_view"}


def test_owners_keep_every_right(hotel: Property, olga: User) -> None:
    with pytest.raises(errors.OwnerHoldsAll):
        change(hotel, "owner", ledger_view=False)

    assert rights_of(olga, hotel) == all_codes()


def test_a_right_that_no_app_knows_is_never_given(hotel: Property) -> None:
    assert change(hotel, "front_desk", fly=True) == []
    assert "fly" not in role(hotel, "front_desk").rights


def test_one_unknown_role_and_nothing_is_changed(hotel: Property) -> None:
    toggles = [Toggle("front_desk", "ledger_view", True), Toggle("king", "ledger_view", True)]

    with pytest.raises(errors.UnknownRole):
        services.roles_change_rights(property_id=hotel.pk, toggles=toggles)

    assert "ledger_view" not in role(hotel, "front_desk").rights


def test_whose_role_may_change_settings_has_the_door_to_the_administration(hotel: Property, hugo: User) -> None:
    change(hotel, "front_desk", hotel_change=True)
    assert User.objects.get(pk=hugo.pk).is_staff

    change(hotel, "front_desk", hotel_change=False)
    assert not User.objects.get(pk=hugo.pk).is_staff


def test_changed_rights_are_audited_by_name_of_the_role(hotel: Property) -> None:
    change(hotel, "front_desk", ledger_view=True)

    entry = AuditEntry.objects.filter(act="role.rights_set").latest("id")
    assert entry.object_repr == role_group_name(hotel.pk, "front_desk")
    assert "ledger_view" in entry.changes["rights"][1] and "ledger_view" not in entry.changes["rights"][0]


def test_a_hotel_makes_a_role_of_its_own(hotel: Property, hugo: User) -> None:
    night = services.role_add(property_id=hotel.pk, name="  Night  porter ", rights=["room_view", "hotel_view"])
    member = Membership.objects.get(property=hotel, user=hugo)

    services.staff_set_roles(membership_id=member.pk, roles=[night.code])

    assert (night.name, night.code) == ("Night porter", "own_night_porter")
    assert rights_of(hugo, hotel) == {"room_view", "hotel_view"}
    assert selectors.role_labels(Membership.objects.get(pk=member.pk)) == ["Night porter"]


def test_several_roles_add_up(hotel: Property, hugo: User) -> None:
    member = Membership.objects.get(property=hotel, user=hugo)

    services.staff_set_roles(membership_id=member.pk, roles=["housekeeper", "revenue"])

    assert rights_of(hugo, hotel) == codes_of_role("housekeeper") | codes_of_role("revenue")


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("  ", errors.RoleNameMissing), ("front DESK", errors.RoleNameTaken), ("Porter", errors.RoleNameTaken)],
)
def test_a_role_has_a_name_of_its_own(hotel: Property, name: str, refusal: type[Exception]) -> None:
    services.role_add(property_id=hotel.pk, name="porter")
    before = Role.objects.count()

    with pytest.raises(refusal):
        services.role_add(property_id=hotel.pk, name=name)

    assert Role.objects.count() == before


def test_a_renamed_role_keeps_its_people(hotel: Property, hugo: User) -> None:
    night = services.role_add(property_id=hotel.pk, name="Night porter", rights=["room_view"])
    services.staff_set_roles(membership_id=Membership.objects.get(user=hugo).pk, roles=[night.code])

    services.role_rename(role_id=night.pk, name="Night audit", seen_version=night.version)

    assert role(hotel, night.code).name == "Night audit"
    assert rights_of(hugo, hotel) == {"room_view"}
    with pytest.raises(StaleVersion):
        services.role_rename(role_id=night.pk, name="Night watch", seen_version=night.version)


def test_a_standard_role_may_be_called_otherwise_and_back(hotel: Property) -> None:
    desk = role(hotel, "front_desk")

    services.role_rename(role_id=desk.pk, name="Reception")
    assert str(role(hotel, "front_desk")) == "Reception"

    services.role_rename(role_id=desk.pk, name="")
    assert str(role(hotel, "front_desk")) == "Front desk"


def test_a_role_in_use_is_not_archived(hotel: Property, hugo: User) -> None:
    night = services.role_add(property_id=hotel.pk, name="Night porter", rights=["room_view"])
    services.staff_set_roles(membership_id=Membership.objects.get(user=hugo).pk, roles=[night.code])

    with pytest.raises(errors.RoleInUse):
        services.role_archive(role_id=night.pk)
    with pytest.raises(errors.UnknownRole):
        services.role_archive(role_id=night.pk, replacement="king")

    assert role(hotel, night.code).archived_at is None
    assert rights_of(hugo, hotel) == {"room_view"}


def test_archived_with_a_replacement_its_people_go_on_with_that(hotel: Property, hugo: User) -> None:
    night = services.role_add(property_id=hotel.pk, name="Night porter", rights=["room_view"])
    services.staff_set_roles(membership_id=Membership.objects.get(user=hugo).pk, roles=[night.code, "housekeeper"])

    services.role_archive(role_id=night.pk, replacement="front_desk")

    assert Membership.objects.get(user=hugo).roles == ["housekeeper", "front_desk"]
    assert rights_of(hugo, hotel) == codes_of_role("housekeeper") | codes_of_role("front_desk")
    assert not Group.objects.get(name=role_group_name(hotel.pk, night.code)).user_set.exists()
    with pytest.raises(errors.UnknownRole):
        services.staff_set_roles(membership_id=Membership.objects.get(user=hugo).pk, roles=[night.code])
    with pytest.raises(errors.RoleArchived):
        services.role_rename(role_id=night.pk, name="Again")
    assert services.role_add(property_id=hotel.pk, name="Night porter").code == "own_night_porter_2"


def test_a_standard_role_is_never_archived(hotel: Property) -> None:
    with pytest.raises(errors.UnknownRole):
        services.role_archive(role_id=role(hotel, "revenue").pk)


def test_the_role_set_is_copied_to_another_hotel(hotel: Property, other_hotel: Property) -> None:
    services.role_add(property_id=hotel.pk, name="Night porter", rights=["room_view"])
    services.role_add(property_id=other_hotel.pk, name="night PORTER", rights=["hotel_view"])
    services.role_add(property_id=other_hotel.pk, name="Gardener", rights=["hotel_view"])
    services.role_add(property_id=hotel.pk, name="Barkeeper", rights=["folio_post"])
    change(hotel, "front_desk", ledger_view=True)
    clerk = make_member(hotel=other_hotel, name="Carl Clerk", role="front_desk").user

    done = services.roles_copy(from_property_id=hotel.pk, to_property_id=other_hotel.pk)

    held = {str(one): set(one.rights) for one in selectors.roles_of(other_hotel.pk)}
    assert {str(one) for one in done} == {"Front desk", "Night porter", "Barkeeper"}
    assert held["Night porter"] == {"room_view"} and held["Barkeeper"] == {"folio_post"}
    assert held["Gardener"] == {"hotel_view"}
    assert rights_of(clerk, other_hotel) == codes_of_role("front_desk") | {"ledger_view"}


def test_nobody_gives_a_role_that_holds_more_than_she_does(hotel: Property, anna: User, olga: User) -> None:
    """Judged by what the role holds at this hotel, not by what it held from the start."""
    change(hotel, "manager", ledger_view=False)
    change(hotel, "front_desk", ledger_view=True)
    anna = User.objects.get(pk=anna.pk)

    assert "front_desk" not in selectors.roles_givable(anna, hotel.pk)
    assert "housekeeper" in selectors.roles_givable(anna, hotel.pk)
    assert set(selectors.roles_givable(olga, hotel.pk)) == set(selectors.ROLES)


# --- shut out ---------------------------------------------------------------------------------------------------------


def test_who_is_shut_out_may_do_nothing_here_and_keeps_her_roles(
    hotel: Property, other_hotel: Property, anna: User
) -> None:
    services.staff_add(property_id=other_hotel.pk, email=anna.email, name="", roles=["auditor"])
    member = Membership.objects.get(property=hotel, user=anna)

    services.staff_disable(membership_id=member.pk)

    assert rights_of(anna, hotel) == frozenset()
    assert rights_of(anna, other_hotel) == codes_of_role("auditor")
    assert not User.objects.get(pk=anna.pk).is_staff
    assert Membership.objects.get(pk=member.pk).roles == ["manager"]

    services.staff_enable(membership_id=member.pk)

    assert rights_of(anna, hotel) == codes_of_role("manager")
    assert User.objects.get(pk=anna.pk).is_staff


def test_new_roles_of_who_is_shut_out_count_when_she_comes_back(hotel: Property, hugo: User) -> None:
    member = Membership.objects.get(user=hugo)
    services.staff_disable(membership_id=member.pk)
    services.staff_set_roles(membership_id=member.pk, roles=["housekeeper"])
    change(hotel, "housekeeper", ledger_view=True)
    assert rights_of(hugo, hotel) == frozenset()

    services.staff_enable(membership_id=member.pk)

    assert rights_of(hugo, hotel) == codes_of_role("housekeeper") | {"ledger_view"}


def test_the_last_owner_is_not_shut_out(hotel: Property, olga: User) -> None:
    second = make_member(hotel=hotel, name="Otto Second", role="owner")
    services.staff_disable(membership_id=second.pk)
    member = Membership.objects.get(property=hotel, user=olga)

    for act in (services.staff_disable, services.staff_remove):
        with pytest.raises(errors.LastOwner):
            act(membership_id=member.pk)
    with pytest.raises(errors.LastOwner):
        services.staff_set_roles(membership_id=member.pk, roles=["manager"])

    assert rights_of(olga, hotel) == all_codes()
    services.staff_remove(membership_id=second.pk)  # one who cannot come in is not the last


def test_a_hotel_older_than_its_roles_keeps_what_its_groups_hold(hotel: Property, hugo: User) -> None:
    change(hotel, "front_desk", folio_post=False)
    Role.objects.filter(property=hotel).delete()

    services.standard_roles_complete(property_id=hotel.pk)

    assert set(role(hotel, "front_desk").rights) == codes_of_role("front_desk") - {"folio_post"}
    assert rights_of(hugo, hotel) == codes_of_role("front_desk") - {"folio_post"}


def test_rights_of_a_new_app_come_to_the_roles_that_hold_them(hotel: Property, hugo: User) -> None:
    for code in ("owner", "front_desk"):
        services.roles.roles_set_rights(property_id=hotel.pk, rights={code: role(hotel, code).rights[1:]})
    held = {code: role(hotel, code).rights[1:] for code in ("owner", "front_desk")}
    for code, rights in held.items():
        Role.objects.get(property=hotel, code=code).delete()
        Role(property=hotel, code=code, rights=rights).save()

    new = services.standard_roles_complete(property_id=hotel.pk)

    assert new == all_codes() - set(held["owner"])
    assert set(role(hotel, "owner").rights) == all_codes()
    assert rights_of(hugo, hotel) == set(held["front_desk"]) | (codes_of_role("front_desk") & new)


def test_roles_of_another_hotel_are_not_touched(hotel: Property) -> None:
    other = make_hotel(code="TWO", name="Second House")
    change(hotel, "front_desk", ledger_view=True)

    assert "ledger_view" not in role(other, "front_desk").rights
    assert selectors.roles_to_give(other.pk, {"front_desk", str(uuid.uuid4())}) == ["front_desk"]
