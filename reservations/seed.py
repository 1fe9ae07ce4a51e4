"""The trial hotel's prices, taxes and open nights (docs/domain.md); sample rates, for trying only."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from properties.models import CityTax, Property, TaxRate

from .models import PackagePart, RatePlan
from .selectors.offers import room_types_sold
from .services.inventory import HORIZON, inventory_open
from .services.rates import RateValue, rates_set

LODGING_TAX = "reduced"
EXTRAS_TAX = "standard"
PRICES = {"SGL": Decimal(90), "DBL": Decimal(120), "SUI": Decimal(220)}
# Breakfast 18.00, of which food at the reduced and drinks at the full rate.
BREAKFAST = (
    ("breakfast_food", "Breakfast, food", Decimal("12.60"), LODGING_TAX),
    ("breakfast_drinks", "Breakfast, drinks", Decimal("5.40"), EXTRAS_TAX),
)
LONG_AGO = dt.date(2020, 1, 1)


def seed(hotel: Property, options: Any) -> None:
    """Open the trial hotel for sale (a provider of the slot "seed")."""
    trial_sales(hotel)


def trial_sales(hotel: Property, *, horizon: dt.timedelta = HORIZON) -> None:
    """Give the hotel its taxes, the plans BAR and BB, and prices and nights from the day before its business date."""
    trial_taxes(hotel)
    bar = RatePlan(property=hotel, code="BAR", name="Best available rate", tax_code=LODGING_TAX)
    bar.save()
    breakfast = RatePlan(
        property=hotel,
        code="BB",
        name="Bed and breakfast",
        meal_plan=RatePlan.MealPlan.BREAKFAST,
        derived_from=bar,
        tax_code=LODGING_TAX,
    )
    breakfast.save()
    for code, name, amount, tax_code in BREAKFAST:
        PackagePart(rate_plan=breakfast, code=code, name=name, amount=amount, tax_code=tax_code).save()
    first, last = hotel.business_date - dt.timedelta(days=1), hotel.business_date + horizon
    inventory_open(hotel=hotel, first=first, last=last)
    kinds = room_types_sold(hotel).filter(code__in=PRICES)
    rates_set(hotel=hotel, values=[RateValue(kind.pk, bar.pk, first, last, PRICES[kind.code]) for kind in kinds])


def trial_taxes(hotel: Property) -> None:
    """Give the hotel 7 and 19 percent value added tax and 2.50 city tax per adult and night, for 21 nights."""
    TaxRate(property=hotel, code=LODGING_TAX, name="VAT", percent=Decimal(7), valid_from=LONG_AGO).save()
    TaxRate(property=hotel, code=EXTRAS_TAX, name="VAT", percent=Decimal(19), valid_from=LONG_AGO).save()
    CityTax(property=hotel, name="City tax", amount=Decimal("2.50"), max_nights=21, valid_from=LONG_AGO).save()
