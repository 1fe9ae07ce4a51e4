"""Somebody gets a role at the moment its rights change: she has the new rights, from her first look on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from pms.accounts import services
from pms.accounts.models import User
from pms.accounts.services import role_set_rights, user_set_roles
from properties.models import Property
from tests.domain.accounts.given import make_user, rights
from tests.domain.core.given import make_hotel
from tests.race import Rendezvous, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def change_rights(race: Rendezvous, hotel: Property, patience: float) -> Callable[[], None]:
    def work() -> None:
        with transaction.atomic():
            role_set_rights(property_id=hotel.pk, role="night", rights=["room_view"])
            race.reached("rights changed")
            race.came("looked", within=patience)  # behind the lock she cannot: compare the control

    return work


def join(race: Rendezvous, hotel: Property, user: User) -> Callable[[], frozenset[str]]:
    def work() -> frozenset[str]:
        race.wait_for("rights changed")
        user_set_roles(user_id=user.pk, property_id=hotel.pk, roles=["night"])
        seen = rights(user, hotel)
        race.reached("looked")
        return seen

    return work


def both(*, patience: float = 0.4) -> tuple[frozenset[str], frozenset[str]]:
    """Return what she may do at her first look, and once both changes are committed."""
    hotel, anna = make_hotel(), make_user("Anna")
    role_set_rights(property_id=hotel.pk, role="night", rights=["room_view", "room_mark"])
    race = Rendezvous()

    changed, first = together(change_rights(race, hotel, patience), join(race, hotel, anna))

    assert changed is None
    return first, rights(anna, hotel)


def test_who_gets_a_role_while_its_rights_change_has_the_new_ones() -> None:
    assert both() == ({"room_view"}, {"room_view"})


def test_control_without_the_lock_she_keeps_the_old_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: her epoch starts while the change is not yet committed, and stays with the old rights."""
    monkeypatch.setattr(
        services,
        "_groups_for_update",
        lambda names: [Group.objects.get_or_create(name=name)[0] for name in sorted(names)],
    )

    assert both(patience=10) == ({"room_mark", "room_view"}, {"room_mark", "room_view"})


def test_changes_of_two_roles_and_their_people_at_once_do_not_deadlock() -> None:
    hotel, people = make_hotel(), [make_user(name) for name in ("Anna", "Berta", "Clara")]
    calls: list[Callable[[], object]] = []
    for number in range(4):
        for role in ("night", "day"):
            codes = ["room_view", "room_mark"][: 1 + (number % 2)]
            calls.append(lambda role=role, codes=codes: role_set_rights(property_id=hotel.pk, role=role, rights=codes))
        for user in people:
            roles = [["night"], ["day"], ["night", "day"], []][number]
            calls.append(
                lambda user=user, roles=roles: user_set_roles(user_id=user.pk, property_id=hotel.pk, roles=roles)
            )

    results = together(*calls)

    assert [result for result in results if isinstance(result, Exception)] == []
