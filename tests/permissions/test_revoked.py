"""What was taken away is refused with the very next request: nothing that is kept anywhere outlives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from pms.accounts import access, services
from pms.accounts.models import User
from pms.accounts.services import user_set_active
from pms.api.services import api_client_disable
from properties.models import Membership, Property
from properties.selectors import membership_at
from properties.services import Toggle, roles_change_rights, staff_disable, staff_remove, staff_set_roles
from tests.api.partner import make_partner
from tests.clients import signed_in

PAGE = "/h/SEA/settings/"


def member(user: User, hotel: Property) -> Membership:
    found = membership_at(user, hotel.pk)
    assert found is not None
    return found


WAYS: dict[str, tuple[Callable[[Property, User], Any], int]] = {
    "the role is lowered": (
        lambda hotel, user: staff_set_roles(membership_id=member(user, hotel).pk, roles=["front_desk"]),
        403,
    ),
    "the right is taken from the role": (
        lambda hotel, _user: roles_change_rights(
            property_id=hotel.pk, toggles=[Toggle("manager", "hotel_change", False)]
        ),
        403,
    ),
    "she is shut out of the hotel": (
        lambda hotel, user: staff_disable(membership_id=member(user, hotel).pk),
        404,
    ),
    "she no longer works there": (
        lambda hotel, user: staff_remove(membership_id=member(user, hotel).pk),
        404,
    ),
    "her account is closed": (lambda _hotel, user: user_set_active(user_id=user.pk, active=False), 302),
    "her session is ended": (lambda _hotel, _user: Session.objects.all().delete(), 302),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_next_request_of_a_person_is_refused(hotel: Property, anna: User, way: str) -> None:
    act, status = WAYS[way]
    client = signed_in(anna)
    assert client.get(PAGE).status_code == 200, "what she may do is kept by now"

    act(hotel, anna)

    assert client.get(PAGE).status_code == status
    written = client.post(PAGE, {"name": "Mine"})
    assert written.status_code == status
    assert Property.objects.get(pk=hotel.pk).name == "Seaside Hotel"


def test_the_administration_closes_with_the_right(hotel: Property, anna: User) -> None:
    client, page = signed_in(anna), f"/admin/properties/property/{hotel.pk}/change/"
    assert client.get(page).status_code == 200

    staff_set_roles(membership_id=member(anna, hotel).pk, roles=["front_desk"])

    assert client.get(page).status_code == 302


def test_the_next_call_of_a_program_is_refused(hotel: Property) -> None:
    petra = make_partner([hotel], scope="rooms.read")
    assert petra.get("rooms").status_code == 200

    api_client_disable(client_id=petra.client.pk)

    assert petra.get("rooms").status_code == 401


def test_control_without_a_new_epoch_the_old_rights_would_live_on(
    hotel: Property, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: rights are kept per process, and only the epoch tells that they are old."""
    client = signed_in(anna)
    assert client.get(PAGE).status_code == 200
    monkeypatch.setattr(services, "rights_changed", lambda *, user_ids: list(user_ids))

    staff_set_roles(membership_id=member(anna, hotel).pk, roles=["front_desk"])

    assert client.get(PAGE).status_code == 200
    access._cache.clear()
    assert client.get(PAGE).status_code == 403
