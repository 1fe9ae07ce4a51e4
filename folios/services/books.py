"""What a hotel needs before it can post anything: its transaction codes and its invoice series."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from folios.errors import TransactionCodeNeeded
from folios.models import NumberSeries, TransactionCode
from pms.core.errors import InvalidValue
from properties.models import Property, TaxRate
from properties.services.changes import apply, check

Kind = TransactionCode.Kind
# Code, name, kind. Nights are posted under the tax they were sold with; the hotel adds its own codes and taxes.
BASIC_CODES = (
    ("room", gettext_lazy("Room"), Kind.REVENUE),
    ("city_tax", gettext_lazy("City tax"), Kind.PASS_THROUGH),
    ("cash", gettext_lazy("Cash"), Kind.PAYMENT),
)
NEEDED = frozenset(code for code, _name, _kind in BASIC_CODES)
# Not `code` and `kind`: the lines that are posted would change their meaning.
CHANGEABLE = frozenset({"name", "tax_code", "price"})
INVOICE_SERIES = "invoice"


@transaction.atomic
def books_open(*, hotel: Property) -> None:
    """Give the hotel the codes and the series that no hotel can do without; what it has stays as it is."""
    known = set(TransactionCode.objects.filter(property_id=hotel.pk).values_list("code", flat=True))
    for code, name, kind in BASIC_CODES:
        if code not in known:
            with translation.override(hotel.locale):  # it is what the lines of invoices say
                TransactionCode(property=hotel, code=code, name=str(name), kind=kind).save()
    if not NumberSeries.objects.filter(property_id=hotel.pk, kind=INVOICE_SERIES).exists():
        NumberSeries(property=hotel, kind=INVOICE_SERIES, prefix=f"{hotel.code}-").save()


@transaction.atomic
def transaction_code_add(
    *, hotel: Property, code: str, name: str, kind: str = Kind.REVENUE, tax_code: str = "", price: Decimal | None = None
) -> TransactionCode:
    """Add what the desk can post from now on. Raises `InvalidValue`."""
    row = TransactionCode(property=hotel, code=code, name=name, kind=kind, tax_code=tax_code, price=price)
    _check(row)
    try:
        row.validate_constraints()
    except ValidationError as error:
        taken = _("The hotel has a transaction code “%(code)s” already. Nothing was saved; choose another code.")
        raise InvalidValue(taken % {"code": code}, field="code") from error
    row.save()
    return row


@transaction.atomic
def transaction_code_change(
    *, transaction_code_id: uuid.UUID, values: Mapping[str, Any], seen_version: int | None = None
) -> TransactionCode:
    """Change name, tax or usual price for postings to come. Raises `InvalidValue`, `StaleVersion`."""
    row: TransactionCode = TransactionCode.objects.select_for_update().get(pk=transaction_code_id)
    if apply(row, values=values, allowed=CHANGEABLE, seen_version=seen_version):
        _check(row)
        row.save()
    return row


@transaction.atomic
def transaction_code_archive(*, transaction_code_id: uuid.UUID) -> TransactionCode:
    """Take a code out of use; what was posted under it stays. Raises `TransactionCodeNeeded`."""
    row: TransactionCode = TransactionCode.objects.select_for_update().get(pk=transaction_code_id)
    if row.code in NEEDED:
        raise TransactionCodeNeeded(row.name)
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.save()
    return row


@transaction.atomic
def transaction_code_restore(*, transaction_code_id: uuid.UUID) -> TransactionCode:
    """Let the desk post under an archived code again."""
    row: TransactionCode = TransactionCode.objects.select_for_update().get(pk=transaction_code_id)
    if row.archived_at is not None:
        row.archived_at = None
        row.save()
    return row


def _check(row: TransactionCode) -> None:
    check(row)
    if row.price is not None and row.price < 0:
        raise InvalidValue(_("A usual price is not negative. Nothing was saved."), field="price")
    if row.tax_code and row.kind != Kind.REVENUE:
        raise InvalidValue(_("Only revenue carries value added tax. Nothing was saved."), field="tax_code")
    if row.tax_code and not TaxRate.objects.filter(property_id=row.property_id, code=row.tax_code).exists():
        unknown = _("The hotel has no tax rate “%(code)s”. Nothing was saved; add the rate first.")
        raise InvalidValue(unknown % {"code": row.tax_code}, field="tax_code")
