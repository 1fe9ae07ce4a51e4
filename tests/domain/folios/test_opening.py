"""A stay has one open folio."""

from __future__ import annotations

from folios.models import Folio
from folios.services.folios import folio_open
from properties.models import Property
from reservations.selectors.stays import reservation_for_update
from tests.factories.folios import make_guest_in_house, open_for_business


def test_a_stay_keeps_the_folio_it_has(hotel: Property) -> None:
    stay, folio = make_guest_in_house(hotel=open_for_business(hotel))

    assert folio_open(reservation=reservation_for_update(stay.pk)).pk == folio.pk
    assert Folio.objects.filter(reservation=stay).count() == 1
