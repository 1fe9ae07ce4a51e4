"""What a hotel that is opened as the copy of another one takes along: what the desk can post."""

from __future__ import annotations

from folios.models import TransactionCode
from pms.core import slots
from properties.services.hotel_copy import COPIES, HotelCopy


def declare() -> None:
    """Let copies of a hotel have its transaction codes."""
    slots.register(COPIES, slots.Entry("transaction_codes", copy_transaction_codes, order=20))


def copy_transaction_codes(copy: HotelCopy) -> None:
    """Copy the codes in use with their usual prices; numbers of invoices begin anew."""
    for code in TransactionCode.objects.filter(property=copy.source, archived_at=None):
        copy.take(code)
