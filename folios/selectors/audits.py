"""Reads for the night audit: who sleeps here tonight, and what stands against closing the day."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Count, QuerySet, Sum

from folios.models import Leg, NightAudit, Posting
from pms.core.money import ZERO
from properties.models import Property
from reservations.models import Reservation

Status = Reservation.Status


def stays_over(hotel: Property, night: dt.date) -> QuerySet[Reservation]:
    """Return the stays in house that sleep here in the night of `night`, in key order."""
    return Reservation.objects.filter(
        property_id=hotel.pk, status=Status.IN_HOUSE, arrival__lte=night, departure__gt=night
    ).order_by("pk")


def blockers_of(hotel: Property) -> list[dict[str, Any]]:
    """Return what stands against closing the day: guests who should have left are still here."""
    due_out = Reservation.objects.filter(
        property_id=hotel.pk, status=Status.IN_HOUSE, departure__lte=hotel.business_date
    ).order_by("number")
    return [
        {"code": "due_out_in_house", "detail": f"{stay.number} was to leave.", "reservation": str(stay.pk)}
        for stay in due_out
    ]


def warnings_of(hotel: Property) -> list[dict[str, Any]]:
    """Return what should be looked at before closing the day, but does not stand against it."""
    due_in = Reservation.objects.filter(
        property_id=hotel.pk, status=Status.CONFIRMED, arrival__lte=hotel.business_date
    ).order_by("number")
    return [
        {"code": "due_in_not_arrived", "detail": f"{stay.number} has not arrived.", "reservation": str(stay.pk)}
        for stay in due_in
    ]


def audits_of(hotel: Property) -> QuerySet[NightAudit]:
    """Return the hotel's night audits, the latest first."""
    return NightAudit.objects.filter(property_id=hotel.pk).order_by("-business_date", "-created_at")


def control_totals(hotel: Property, day: dt.date) -> dict[str, str]:
    """Return the day's figures by the books: revenue, tax, passed through, payments, and the guest ledger's balance."""
    sums = (
        Leg.objects.filter(posting__property_id=hotel.pk, posting__business_date=day)
        .values("account")
        .annotate(debit=Sum("debit"), credit=Sum("credit"))
    )
    moved = {row["account"]: row["credit"] - row["debit"] for row in sums}
    ledger = Leg.objects.filter(posting__property_id=hotel.pk, account=Leg.Account.GUEST_LEDGER).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    account = Leg.Account
    return {
        "revenue": str(moved.get(account.REVENUE, ZERO)),
        "tax": str(moved.get(account.TAX, ZERO)),
        "pass_through": str(moved.get(account.PASS_THROUGH, ZERO)),
        "payments": str(-moved.get(account.PAYMENT, ZERO)),
        "guest_ledger": str((ledger["debit"] or ZERO) - (ledger["credit"] or ZERO)),
    }


def revenue_by_code(property_id: uuid.UUID, day: dt.date) -> list[dict[str, Any]]:
    """Return gross and count per transaction code of the business date."""
    rows = (
        Posting.objects.filter(property_id=property_id, business_date=day)
        .values("transaction_code__code", "transaction_code__name", "transaction_code__kind")
        .annotate(gross=Sum("gross"), count=Count("pk"))
        .order_by("transaction_code__code")
    )
    return list(rows)
