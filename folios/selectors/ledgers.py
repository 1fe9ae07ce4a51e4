"""What the books say about a day: control totals, revenue by code, and whether the folios agree with the books."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from folios.models import Folio, Leg, Posting
from pms.core.money import ZERO, quantize
from properties.models import Property

Account = Leg.Account


def control_totals(hotel: Property, day: dt.date) -> dict[str, str]:
    """Return the day's figures by the books as text: what moved, and the guest ledger before and after it.

    `opening + revenue + tax + pass_through - payments = guest_ledger` (domain.md 6.9).
    """
    return {name: str(quantize(amount, hotel.currency)) for name, amount in ledger_of_day(hotel, day).items()}


def ledger_of_day(hotel: Property, day: dt.date) -> dict[str, Decimal]:
    """Return the same as amounts."""
    legs = Leg.objects.filter(posting__property_id=hotel.pk)
    moved = _moved(legs.filter(posting__business_date=day))
    later = _moved(legs.filter(posting__business_date__gt=day))
    now = Folio.objects.filter(property_id=hotel.pk).exclude(balance=0).aggregate(sum=Sum("balance"))["sum"] or ZERO
    closing = now + later.get(Account.GUEST_LEDGER, ZERO)  # moved by credit: what came later is given back
    return {
        "opening": closing + moved.get(Account.GUEST_LEDGER, ZERO),
        "revenue": moved.get(Account.REVENUE, ZERO),
        "tax": moved.get(Account.TAX, ZERO),
        "pass_through": moved.get(Account.PASS_THROUGH, ZERO),
        "payments": -moved.get(Account.PAYMENT, ZERO),
        "guest_ledger": closing,
    }


def _moved(legs: QuerySet[Leg]) -> dict[str, Decimal]:
    """Return credits minus debits of each account."""
    sums = legs.values("account").annotate(debit=Sum("debit"), credit=Sum("credit"))
    return {row["account"]: row["credit"] - row["debit"] for row in sums}


def difference_to_books(property_id: uuid.UUID) -> Decimal:
    """Return by how much the folios' balances differ from the books in all; anything but zero is a fault.

    One statement, so that it sees one moment while the desk goes on posting.
    """
    folios = Folio.objects.filter(property_id=property_id).annotate(booked=Coalesce(Sum("postings__gross"), ZERO))
    wrong = folios.exclude(balance=F("booked")).values_list("balance", "booked")
    return sum((abs(balance - booked) for balance, booked in wrong), ZERO)


def revenue_by_code(property_id: uuid.UUID, day: dt.date) -> list[dict[str, Any]]:
    """Return gross, net, tax and count per transaction code of the business date."""
    rows = (
        Posting.objects.filter(property_id=property_id, business_date=day)
        .values("transaction_code__code", "transaction_code__name", "transaction_code__kind")
        .annotate(gross=Sum("gross"), net=Sum("net"), tax=Sum("tax"), count=Count("pk"))
        .order_by("transaction_code__code")
    )
    return list(rows)
