"""The taxes of a hotel are set by date; what cannot be is refused at its field."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from pms.core.errors import InvalidValue, StaleVersion
from properties.models import CityTax, Property, TaxRate
from properties.services import city_tax_add, city_tax_change, tax_rate_add, tax_rate_change
from properties.taxes import CityTaxTable, TaxTable

TODAY = dt.date(2026, 11, 22)


def rate(hotel: Property, **changes: Any) -> TaxRate:
    values: dict[str, Any] = {"code": "extras", "name": "VAT", "percent": Decimal(19), "valid_from": TODAY}
    return tax_rate_add(hotel=hotel, **values | changes)


def rule(hotel: Property, **changes: Any) -> CityTax:
    values: dict[str, Any] = {"name": "Kurtaxe", "base": "flat", "amount": Decimal("2.50"), "valid_from": TODAY}
    return city_tax_add(hotel=hotel, **values | changes)


def test_a_second_rate_of_the_same_code_counts_from_its_date(hotel: Property) -> None:
    rate(hotel)
    rate(hotel, percent=Decimal(20), valid_from=TODAY + dt.timedelta(days=30))

    table = TaxTable.of(hotel.pk)

    assert table.percent("extras", TODAY) == 19
    assert table.percent("extras", TODAY + dt.timedelta(days=30)) == 20


@pytest.mark.parametrize(
    ("changes", "field"), [({}, "valid_from"), ({"code": "x", "percent": 100}, "percent"), ({"code": ""}, "code")]
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(hotel: Property, changes: dict[str, Any], field: str) -> None:
    rate(hotel)

    with pytest.raises(InvalidValue) as refused:
        rate(hotel, **changes)

    assert refused.value.field == field
    assert TaxRate.objects.filter(property=hotel).count() == 1


def test_a_rate_is_changed_with_its_version(hotel: Property) -> None:
    first = rate(hotel)

    tax_rate_change(tax_rate_id=first.pk, values={"percent": Decimal(16)}, seen_version=first.version)

    assert TaxTable.of(hotel.pk).percent("extras", TODAY) == 16
    with pytest.raises(StaleVersion):
        tax_rate_change(tax_rate_id=first.pk, values={"percent": Decimal(15)}, seen_version=first.version)
    with pytest.raises(InvalidValue):
        tax_rate_change(tax_rate_id=first.pk, values={"percent": Decimal(-1)})


def test_a_change_leaves_no_night_without_a_rate(hotel: Property) -> None:
    first = rate(hotel)
    later, earlier = TODAY + dt.timedelta(days=1), TODAY - dt.timedelta(days=1)

    with pytest.raises(InvalidValue) as refused:
        tax_rate_change(tax_rate_id=first.pk, values={"valid_from": later})
    assert refused.value.field == "valid_from"
    with pytest.raises(TypeError):
        tax_rate_change(tax_rate_id=first.pk, values={"code": "other"})
    assert TaxTable.of(hotel.pk).percent("extras", TODAY) == 19

    # Control: the rate of another code is no help, one before it is.
    rate(hotel, code="other", valid_from=earlier)
    with pytest.raises(InvalidValue):
        tax_rate_change(tax_rate_id=first.pk, values={"valid_from": later})
    rate(hotel, percent=Decimal(16), valid_from=earlier)
    tax_rate_change(tax_rate_id=first.pk, values={"valid_from": later})
    assert [TaxTable.of(hotel.pk).percent("extras", day) for day in (TODAY, later)] == [16, 19]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": TODAY}, "valid_from"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"percent": Decimal(-1)}, "percent"),
        ({"percent": Decimal(100)}, "percent"),
        ({"base": "moon"}, "base"),
        ({"min_age": -1}, "min_age"),
    ],
)
def test_a_city_tax_that_cannot_be_is_refused_at_its_field(
    hotel: Property, changes: dict[str, Any], field: str
) -> None:
    rule(hotel)

    with pytest.raises(InvalidValue) as refused:
        rule(hotel, **{"valid_from": TODAY + dt.timedelta(days=1)} | changes)

    assert refused.value.field == field
    assert CityTax.objects.filter(property=hotel).count() == 1


def test_a_city_tax_is_changed(hotel: Property) -> None:
    first = rule(hotel)

    city_tax_change(city_tax_id=first.pk, values={"amount": Decimal(3), "max_nights": 7}, seen_version=first.version)

    found = CityTaxTable.of(hotel.pk).rule(TODAY)
    assert found is not None
    assert (found.amount, found.max_nights) == (Decimal(3), 7)
