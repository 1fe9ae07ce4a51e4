"""The first run as a service: everything or nothing, and only while nobody is here; roles of a new hotel."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.registry import ROLES, all_codes, codes_of_role
from pms.core.errors import InvalidValue
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties import errors
from properties.models import Membership, Organization, Property, Role, Room
from properties.services.setup import RoomPlan, setup_finish
from properties.services.staff import staff_add_user
from tests.factories.properties import make_user

DOUBLES = RoomPlan(code="DBL", name="Double", numbers=["101", "102"])


def finish(**changes: Any) -> tuple[User, Property]:
    facts = {
        "organization_name": "Seaside Hotels",
        "code": "SEA",
        "name": "Seaside Hotel",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "owner_name": "Olga Brandt",
        "owner_email": "olga@sea.example",
        "password": "a tide of lanterns",
        "rooms": [DOUBLES],
    }
    return setup_finish(**{**facts, **changes})


def test_the_first_run_makes_hotel_rooms_and_owner(db: None) -> None:
    owner, hotel = finish()

    assert not rights_at(User.objects.get(pk=owner.pk), hotel.pk), "an owner needs a second step first"
    TOTP.activate(owner, generate_totp_secret())
    assert rights_at(User.objects.get(pk=owner.pk), hotel.pk) == all_codes()
    assert list(Room.objects.order_by("sort_key").values_list("number", flat=True)) == ["101", "102"]
    assert StreamEvent.objects.filter(code="property.opened", actor_id=owner.pk).count() == 1
    assert {entry.actor_id for entry in AuditEntry.objects.filter(property_id=hotel.pk)} == {owner.pk}


def test_a_second_first_run_is_refused_and_makes_nothing(db: None) -> None:
    finish()

    with pytest.raises(errors.SetupClosed):
        finish(code="TWO", owner_email="second@sea.example")

    assert User.objects.count() == Property.objects.count() == Organization.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"rooms": [DOUBLES, RoomPlan(code="TWN", name="Twin", numbers=["102"])]}, errors.RoomNumberTaken),
        ({"rooms": [DOUBLES, DOUBLES]}, errors.RoomTypeCodeTaken),
        ({"code": "not a code"}, InvalidValue),
    ],
)
def test_a_refused_first_run_leaves_nothing(db: None, changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        finish(**changes)

    assert not User.objects.exists()
    assert not Organization.objects.exists()
    assert not Room.objects.exists()


def test_a_known_user_joins_in_the_roles_given(hotel: Property) -> None:
    nina = make_user(name="Nina New")

    staff_add_user(property_id=hotel.pk, user_id=nina.pk, roles=["auditor"])

    assert Membership.objects.get(user=nina).roles == ["auditor"]
    nina.refresh_from_db()
    assert rights_at(nina, hotel.pk) == codes_of_role("auditor")
    with pytest.raises(errors.AlreadyStaff):
        staff_add_user(property_id=hotel.pk, user_id=nina.pk, roles=["manager"])
    assert Membership.objects.get(user=nina).roles == ["auditor"]


def test_standard_roles_begin_as_the_house_declares_them(hotel: Property, hugo: User) -> None:
    held = {role.code: frozenset(role.rights) for role in Role.objects.filter(property=hotel)}

    assert held == {role: codes_of_role(role) for role in ROLES}
    assert rights_at(hugo, hotel.pk) == codes_of_role("front_desk")
