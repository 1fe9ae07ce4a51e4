"""The first prices of a hotel make its base plan; later ones change only what was typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from pms.core.errors import InvalidValue
from properties.models import Property, RoomType, TaxRate
from properties.services import tax_rate_add
from reservations.models import DailyRate, RatePlan
from reservations.services.rates import base_prices_set, rate_plan_open

ALL_DAYS = frozenset(range(7))


def prices_of(hotel: Property, *, tax: Decimal | None, nights: int = 3, price: str = "99.90") -> int:
    first = hotel.business_date
    kind = RoomType.objects.get(property=hotel, code="DBL")
    return base_prices_set(
        hotel=hotel,
        first=first,
        last=first + dt.timedelta(days=nights - 1),
        weekdays=ALL_DAYS,
        prices={kind.pk: Decimal(price)},
        tax_percent=tax,
    )


def test_the_first_prices_make_the_plan_and_its_tax_later_ones_neither(hotel: Property) -> None:
    assert prices_of(hotel, tax=Decimal(7)) == 3
    assert prices_of(hotel, tax=None, nights=2, price="110") == 2

    assert RatePlan.objects.filter(property=hotel).count() == TaxRate.objects.filter(property=hotel).count() == 1
    rates = DailyRate.objects.filter(property=hotel).order_by("night").values_list("price", flat=True)
    assert list(rates) == [Decimal(110), Decimal(110), Decimal("99.90")]


def test_without_a_plan_and_a_tax_nothing_is_set(hotel: Property) -> None:
    with pytest.raises(InvalidValue, match="No price was set"):
        prices_of(hotel, tax=None)

    assert not RatePlan.objects.exists() and not DailyRate.objects.exists()


def test_who_opens_the_plan_second_gets_the_first_ones(hotel: Property) -> None:
    first = rate_plan_open(hotel=hotel, tax_percent=Decimal(7))

    assert rate_plan_open(hotel=hotel, tax_percent=Decimal(19)) == first
    assert [rate.percent for rate in TaxRate.objects.filter(property=hotel)] == [Decimal(7)]


@pytest.mark.parametrize("percent", ["-1", "100", "1234567"])
def test_a_percentage_that_is_none_is_refused_at_its_field(hotel: Property, percent: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        tax_rate_add(hotel=hotel, code="x", name="VAT", percent=Decimal(percent), valid_from=hotel.business_date)

    assert refused.value.field == "percent"
    assert not TaxRate.objects.filter(property=hotel).exists()
