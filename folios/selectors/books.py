"""What a hotel can post and under which taxes: read once, asked for every line of a run."""

from __future__ import annotations

import uuid
from functools import cached_property

from django.db.models import QuerySet

from folios.errors import UnknownTransactionCode
from folios.models import TransactionCode
from properties.taxes import CityTaxTable, TaxTable

Kind = TransactionCode.Kind
CHARGES = frozenset({Kind.REVENUE.value, Kind.PASS_THROUGH.value})
PAYMENTS = frozenset({Kind.PAYMENT.value})


class Books:
    """The transaction codes and tax tables of one hotel; each is read when it is first asked for, and once."""

    def __init__(self, property_id: uuid.UUID) -> None:
        self.property_id = property_id

    @cached_property
    def codes(self) -> dict[str, TransactionCode]:
        """Return the codes in use, by code."""
        return {code.code: code for code in codes_of(self.property_id)}

    @cached_property
    def taxes(self) -> TaxTable:
        """Return the value added tax rates."""
        return TaxTable.of(self.property_id)

    @cached_property
    def city_taxes(self) -> CityTaxTable:
        """Return the city tax rules."""
        return CityTaxTable.of(self.property_id)

    def code(self, name: str, *, kinds: frozenset[str], field: str = "transaction_code") -> TransactionCode:
        """Return the code `name` if it is of one of `kinds`. Raises `UnknownTransactionCode`."""
        found = self.codes.get(name)
        if found is None or found.kind not in kinds:
            raise UnknownTransactionCode(code=name, field=field)
        return found


def codes_of(property_id: uuid.UUID) -> QuerySet[TransactionCode]:
    """Return the hotel's transaction codes in use, by code."""
    codes: QuerySet[TransactionCode] = TransactionCode.objects.filter(property_id=property_id, archived_at=None)
    return codes.order_by("code")
