"""Profiles of guests: corrected by whoever looks, merged when two do, and of one's own organization only."""

from __future__ import annotations

import pytest

from pms.core.errors import InvalidValue, NotThere, StaleVersion
from pms.core.models import AuditEntry
from properties.models import Property
from reservations.models import Guest
from reservations.services.guests import guest_change
from tests.factories.reservations import make_reservation

pytestmark = pytest.mark.django_db


@pytest.fixture
def nora(hotel_for_sale: Property) -> Guest:
    """A guest of version 1."""
    guest: Guest = make_reservation(hotel=hotel_for_sale, name="Nora Paper").guest
    return guest


def test_a_correction_is_kept_with_old_and_new(hotel_for_sale: Property, nora: Guest) -> None:
    guest_change(hotel=hotel_for_sale, guest_id=nora.pk, values={"last_name": "Papier", "country": "DE"})

    now = Guest.objects.get(pk=nora.pk)
    assert (now.full_name, now.country, now.sort_key) == ("Nora Papier", "DE", "papier nora")
    assert AuditEntry.objects.filter(object_pk=str(nora.pk)).latest("id").changes["last_name"] == ["Paper", "Papier"]


def test_what_two_changed_otherwise_is_refused_as_a_whole(hotel_for_sale: Property, nora: Guest) -> None:
    guest_change(hotel=hotel_for_sale, guest_id=nora.pk, values={"last_name": "Pape"})

    with pytest.raises(StaleVersion):
        guest_change(
            hotel=hotel_for_sale, guest_id=nora.pk, values={"last_name": "Papier", "country": "DE"}, seen_version=1
        )
    guest_change(hotel=hotel_for_sale, guest_id=nora.pk, values={"country": "DE"}, seen_version=1)

    now = Guest.objects.get(pk=nora.pk)
    assert (now.last_name, now.country) == ("Pape", "DE")


def test_a_guest_keeps_a_name(hotel_for_sale: Property, nora: Guest) -> None:
    with pytest.raises(InvalidValue):
        guest_change(hotel=hotel_for_sale, guest_id=nora.pk, values={"last_name": ""})


def test_a_guest_of_another_house_is_not_there(other_hotel: Property, nora: Guest) -> None:
    with pytest.raises(NotThere):
        guest_change(hotel=other_hotel, guest_id=nora.pk, values={"last_name": "Mine"})
