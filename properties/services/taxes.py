"""The tax rates of a hotel."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from pms.core.errors import InvalidValue
from properties.models import Property, TaxRate


@transaction.atomic
def tax_rate_add(*, hotel: Property, code: str, name: str, percent: Decimal, valid_from: dt.date) -> TaxRate:
    """Add a rate of value added tax, valid from a service date on. Raises `InvalidValue`."""
    rate = TaxRate(property=hotel, code=code, name=name, percent=percent, valid_from=valid_from)
    try:
        rate.full_clean()
    except ValidationError as error:
        raise InvalidValue(" ".join(error.messages), field="percent") from error
    rate.save()
    return rate
