"""What a hotel needs before it can post anything: its transaction codes and its invoice series."""

from __future__ import annotations

from django.db import transaction

from folios.models import NumberSeries, TransactionCode
from properties.models import Property

Kind = TransactionCode.Kind
# Code, name, kind. Nights are posted under the tax they were sold with; the hotel adds its own codes and taxes.
BASIC_CODES = (
    ("room", "Room", Kind.REVENUE),
    ("city_tax", "City tax", Kind.PASS_THROUGH),
    ("cash", "Cash", Kind.PAYMENT),
)
INVOICE_SERIES = "invoice"


@transaction.atomic
def books_open(*, hotel: Property) -> None:
    """Give the hotel the codes and the series that no hotel can do without; what it has stays as it is."""
    known = set(TransactionCode.objects.filter(property_id=hotel.pk).values_list("code", flat=True))
    for code, name, kind in BASIC_CODES:
        if code not in known:
            TransactionCode(property=hotel, code=code, name=name, kind=kind).save()
    if not NumberSeries.objects.filter(property_id=hotel.pk, kind=INVOICE_SERIES).exists():
        NumberSeries(property=hotel, kind=INVOICE_SERIES, prefix=f"{hotel.code}-").save()
