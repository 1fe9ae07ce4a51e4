"""The taxes of a hotel: rates of value added tax and the city tax, each valid from a service date on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from properties.models import CityTax, Property, TaxRate

from .changes import apply, check

RATE_FIELDS = frozenset({"code", "name", "percent", "valid_from"})
CITY_TAX_FIELDS = frozenset({"name", "base", "amount", "percent", "min_age", "max_nights", "valid_from"})


@transaction.atomic
def tax_rate_add(*, hotel: Property, code: str, name: str, percent: Decimal, valid_from: dt.date) -> TaxRate:
    """Add a rate of value added tax, valid from a service date on. Raises `InvalidValue`."""
    return _saved(TaxRate(property=hotel, code=code, name=name, percent=percent, valid_from=valid_from), "percent")


@transaction.atomic
def tax_rate_change(*, tax_rate_id: uuid.UUID, values: Mapping[str, Any], seen_version: int | None = None) -> TaxRate:
    """Change a rate; what is sold already keeps the rate it was sold with. Raises `InvalidValue`, `StaleVersion`."""
    rate: TaxRate = TaxRate.objects.select_for_update().get(pk=tax_rate_id)
    apply(rate, values=values, allowed=RATE_FIELDS, seen_version=seen_version)
    return _saved(rate, "percent")


@transaction.atomic
def city_tax_add(*, hotel: Property, **values: Any) -> CityTax:
    """Add a city tax rule (fields of `CityTax`), valid from a service date on. Raises `InvalidValue`."""
    return _saved(CityTax(property=hotel, **values), "amount")


@transaction.atomic
def city_tax_change(*, city_tax_id: uuid.UUID, values: Mapping[str, Any], seen_version: int | None = None) -> CityTax:
    """Change a rule; what was posted stays as it was posted. Raises `InvalidValue`, `StaleVersion`."""
    rule: CityTax = CityTax.objects.select_for_update().get(pk=city_tax_id)
    apply(rule, values=values, allowed=CITY_TAX_FIELDS, seen_version=seen_version)
    return _saved(rule, "amount")


Row = TypeVar("Row", TaxRate, CityTax)


def _saved(row: Row, sum_field: str) -> Row:
    """Save `row` if the rules of its fields and its table allow it; a rule about its sum is told at `sum_field`."""
    check(row)
    if isinstance(row, CityTax) and min(row.amount, row.percent) < 0:
        raise InvalidValue(_("A tax is not negative. Nothing was saved."), field=sum_field)
    try:
        row.validate_constraints()
    except ValidationError as error:
        taken = any(problem.code == "unique_together" for problem in error.error_dict[NON_FIELD_ERRORS])
        raise InvalidValue(" ".join(error.messages), field="valid_from" if taken else sum_field) from error
    row.save()
    return row
