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
from pms.core.templatetags.ui import day
from properties.models import CityTax, Property, TaxRate

from .changes import apply, check

# Not `code`: prices, sold nights and extras name it, and would be without a rate.
RATE_FIELDS = frozenset({"name", "percent", "valid_from"})
CITY_TAX_FIELDS = frozenset({"name", "base", "amount", "percent", "min_age", "max_nights", "valid_from"})


@transaction.atomic
def tax_rate_add(*, hotel: Property, code: str, name: str, percent: Decimal, valid_from: dt.date) -> TaxRate:
    """Add a rate of value added tax, valid from a service date on. Raises `InvalidValue`."""
    return _saved(TaxRate(property=hotel, code=code, name=name, percent=percent, valid_from=valid_from), "percent")


@transaction.atomic
def tax_rate_change(*, tax_rate_id: uuid.UUID, values: Mapping[str, Any], seen_version: int | None = None) -> TaxRate:
    """Correct a rate; nights that are not posted yet take it, what was posted stays as it was posted.

    Raises `InvalidValue`, also where nights that have a rate would lose it, and `StaleVersion`.
    """
    rate: TaxRate = TaxRate.objects.select_for_update().get(pk=tax_rate_id)
    since = rate.valid_from
    apply(rate, values=values, allowed=RATE_FIELDS, seen_version=seen_version)
    _require_no_gap(rate, since)
    return _saved(rate, "percent")


def _require_no_gap(rate: TaxRate, since: dt.date) -> None:
    """Refuse to let the first rate of a code, valid `since`, begin later: what is sold until then has none."""
    others = TaxRate.objects.filter(property_id=rate.property_id, code=rate.code, valid_from__lte=since)
    if rate.valid_from > since and not others.exclude(pk=rate.pk).exists():
        words = _("Nights from %(day)s on would have no rate. Nothing was saved; add a second rate with its own date.")
        raise InvalidValue(words % {"day": day(since)}, field="valid_from")


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


def _check_city_tax(rule: CityTax) -> None:
    if rule.amount < 0:
        raise InvalidValue(_("A tax is not negative. Nothing was saved."), field="amount")
    if not 0 <= rule.percent < 100:
        raise InvalidValue(_("A tax is between 0 and 100 percent. Nothing was saved."), field="percent")


Row = TypeVar("Row", TaxRate, CityTax)


def _saved(row: Row, sum_field: str) -> Row:
    """Save `row` if the rules of its fields and its table allow it; a rule about its sum is told at `sum_field`."""
    check(row)
    if isinstance(row, CityTax):
        _check_city_tax(row)
    try:
        row.validate_constraints()
    except ValidationError as error:
        taken = any(problem.code == "unique_together" for problem in error.error_dict[NON_FIELD_ERRORS])
        raise InvalidValue(" ".join(error.messages), field="valid_from" if taken else sum_field) from error
    row.save()
    return row
