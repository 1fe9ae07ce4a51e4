"""Acts on the audit log: a check is asked for once, and whoever takes lines or documents away leaves an entry."""

from __future__ import annotations

from decimal import Decimal

import pytest

from folios.services.invoices import invoice_document, invoice_issue
from folios.services.postings import Line, charge_post
from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.chain.check import check_next
from pms.core.models import AuditEntry
from properties.models import Property
from properties.services.audit import audit_check_ask, audit_exported
from tests.factories.folios import make_guest_in_house

pytestmark = pytest.mark.django_db


def test_a_check_that_waits_is_not_asked_for_twice(hotel: Property, anna: User, hugo: User) -> None:
    first = audit_check_ask(hotel=hotel, user=anna)
    again = audit_check_ask(hotel=hotel, user=hugo)

    assert (again.pk, again.asked_by_id) == (first.pk, anna.pk)
    done = check_next()
    assert done is not None and done.pk == first.pk
    # Once it is done, another may be asked for.
    assert audit_check_ask(hotel=hotel, user=hugo).pk != first.pk


def test_who_takes_the_log_away_leaves_an_entry(hotel: Property, anna: User) -> None:
    with act_as(user=anna, via="page"):
        audit_exported(hotel=hotel, asked="act=role", lines=12)

    entry = AuditEntry.objects.get(act="audit.exported")
    assert (entry.actor_id, entry.property_id) == (anna.pk, hotel.pk)
    assert entry.changes == {"filters": ["", "act=role"], "lines": ["", "12"]}


def test_who_reads_an_invoice_leaves_an_entry(hotel_with_books: Property, anna: User) -> None:
    _stay, folio = make_guest_in_house(hotel=hotel_with_books)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal(10)))
    invoice = invoice_issue(folio_id=folio.pk)
    assert not AuditEntry.objects.filter(act="invoice.downloaded").exists()

    with act_as(user=anna, via="page"):
        document = invoice_document(invoice=invoice)

    assert document == bytes(invoice.pdf)
    entry = AuditEntry.objects.get(act="invoice.downloaded")
    assert (entry.actor_id, entry.object_pk) == (anna.pk, str(invoice.pk))
