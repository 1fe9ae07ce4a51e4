"""Who needs a second step, and that nothing at all opens for her until she has it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command

from pms.accounts import access, second_step
from pms.accounts.models import SecondStepPolicy, User
from pms.accounts.registry import ROLES, codes_of_role
from pms.accounts.services import role_set_rights, service_user_create, user_set_roles
from pms.core.models import AuditEntry
from properties.models import Property
from tests.domain.accounts.given import again, make_user, rights, with_role
from tests.domain.core.given import make_hotel

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict() -> Property:
    """A hotel as every hotel begins."""
    return asking(make_hotel())


def asking(hotel: Property) -> Property:
    SecondStepPolicy.objects.filter(property_id=hotel.pk).delete()
    return hotel


def due(user: User) -> bool:
    return second_step.due(again(user))


def set_up(user: User) -> None:
    TOTP.activate(user, generate_totp_secret())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_do_harm_needs_one(strict: Property, role: str) -> None:
    user = with_role(make_user(), strict, role)

    assert due(user) == (role in {"owner", "manager", "accountant", "revenue"})  # revenue connects channels
    assert bool(rights(user, strict)) != due(user)


def test_with_one_she_may_do_all_of_her_role_and_without_it_nothing_again(strict: Property) -> None:
    user = with_role(make_user(), strict, "owner")
    assert not rights(user, strict) and access.properties_for(again(user), "room_view") == frozenset()

    set_up(user)
    assert rights(user, strict) == codes_of_role("owner")

    Authenticator.objects.filter(user=user).delete()
    assert not rights(user, strict)


def test_recovery_codes_alone_are_no_second_step(strict: Property) -> None:
    user = with_role(make_user(), strict, "owner")
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "x", "used_mask": 0})

    assert due(user)


def test_a_guarded_right_in_any_role_needs_one(strict: Property) -> None:
    user = with_role(make_user(), strict, "housekeeper")
    assert not due(user)

    role_set_rights(property_id=strict.pk, role="housekeeper", rights=["room_view", "staff_change"])

    assert due(user)


def test_a_hotel_asks_further_roles_and_open_rights_follow(strict: Property) -> None:
    user = with_role(make_user(), strict, "front_desk")
    assert rights(user, strict)

    second_step.policy_set(property_id=strict.pk, roles=["front_desk"])

    assert due(user) and not rights(user, strict)
    entry = AuditEntry.objects.get(act="second_step.policy_set")
    assert (entry.property_id, entry.changes) == (strict.pk, {"roles": [[], ["front_desk"]]})


def test_one_hotel_that_asks_is_enough(strict: Property) -> None:
    trial = make_hotel()
    user = with_role(make_user(), trial, "owner")
    assert not due(user)

    user = with_role(user, strict, "manager")

    assert due(user) and not rights(user, trial)


def test_a_trial_ends_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    trial = make_hotel()
    user = with_role(make_user(), trial, "owner")
    assert not due(user)

    call_command("second_step", trial.code.lower(), "on")

    assert due(user) and "is asked for" in capsys.readouterr().out


def test_programs_need_none(strict: Property) -> None:
    robot = service_user_create(name="Robot")
    role_set_rights(property_id=strict.pk, role="api:1", rights=["staff_change"])
    user_set_roles(user_id=robot.pk, property_id=strict.pk, roles=["api:1"])

    assert not due(robot) and rights(robot, strict) == {"staff_change"}


def test_a_user_of_the_installation_needs_one_while_any_hotel_asks() -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery", name="Root")
    trial = make_hotel()
    assert not due(root) and rights(root, trial)

    asking(make_hotel())
    assert due(root) and not rights(root, trial) and access.properties_for(again(root), "room_view") == frozenset()

    set_up(root)
    assert access.properties_for(again(root), "room_view") is None


def test_it_is_asked_once_per_epoch(strict: Property, django_assert_num_queries: Any) -> None:
    user = with_role(make_user(), strict, "owner")
    second_step.due(user)

    with django_assert_num_queries(0):
        assert second_step.due(user)
