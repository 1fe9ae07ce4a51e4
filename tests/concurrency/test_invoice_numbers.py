"""Twenty invoices at once get twenty consecutive numbers; without the lock of the series the damage shows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from folios.models import Folio, Invoice, NumberSeries
from folios.services import invoices
from folios.services.invoices import invoice_issue
from folios.services.postings import Line, charge_post
from pms.core.retry import with_retry
from properties.models import Property
from tests.concurrency.reservations.selling import doubles
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import make_hotel
from tests.race import errors_of, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def charged(count: int) -> list[Folio]:
    """Return the folios of so many guests, each with a charge."""
    hotel: Property = open_for_business(make_hotel(rooms=[doubles(count)]), nights=5)
    folios = []
    for place in range(count):
        _stay, folio = make_guest_in_house(hotel=hotel, room=str(101 + place))
        charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
        folios.append(folio)
    return folios


def issuing(folio: Folio, *, then: Callable[[], None] = lambda: None) -> Callable[[], Invoice]:
    """Return a call that issues an invoice over the folio and does `then` before its commit."""

    @transaction.atomic
    def issue() -> Invoice:
        invoice = invoice_issue(folio_id=folio.pk)
        then()
        return invoice

    return lambda: with_retry(issue)


def numbers() -> list[str]:
    return sorted(Invoice.objects.values_list("number", flat=True))


def fail() -> None:
    raise RuntimeError("the desk changed its mind")


@pytest.mark.slow
def test_twenty_at_once_are_numbered_without_a_gap() -> None:
    folios = charged(20)

    calls = [issuing(folio, then=fail if place % 5 == 4 else lambda: None) for place, folio in enumerate(folios)]
    results = together(*calls)

    assert errors_of(results) == ["RuntimeError"] * 4
    assert numbers() == [f"SEA-{number:05d}" for number in range(1, 17)]
    assert NumberSeries.objects.get().next_number == 17


def test_control_without_the_lock_a_number_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: the series is read without its lock, so the database has to refuse the second invoice."""

    def unlocked(property_id: Any, kind: str) -> NumberSeries:
        return NumberSeries.objects.get(property_id=property_id, kind=kind)

    monkeypatch.setattr(invoices, "series_for_update", unlocked)
    folios = charged(4)

    results = together(*[issuing(folio) for folio in folios])

    assert errors_of(results), "every invoice was issued: the control shows nothing"
