"""What a partner's token may be good for here, and which rights each scope stands for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from folios.permissions import Permission
from pms.api import scopes
from reservations.permissions import Permission as Guests

VIEW = Permission.FOLIO_VIEW
scopes.register("folios.read", rights=[VIEW], label=_("Read folios, postings and transaction codes"))
scopes.register("folios.post", rights=[VIEW, Permission.FOLIO_POST], label=_("Post charges and payments"))
scopes.register("folios.correct", rights=[VIEW, Permission.FOLIO_CORRECT], label=_("Take postings back"))
# An invoice names whom it is written to, so these see guests (elsewhere that takes `guests.read`).
DOCUMENTS = [VIEW, Guests.GUEST_VIEW]
scopes.register("invoices.read", rights=DOCUMENTS, label=_("Read and download invoices"))
scopes.register("invoices.issue", rights=[*DOCUMENTS, Permission.INVOICE_ISSUE], label=_("Issue invoices"))
scopes.register("night_audits.read", rights=[Permission.NIGHT_AUDIT_RUN], label=_("Follow the closing of the day"))
scopes.register(
    "night_audits.run",
    rights=[Permission.NIGHT_AUDIT_RUN, Permission.NIGHT_AUDIT_EARLY],
    label=_("Close the day, also before its hour"),
)
scopes.register("ledgers.read", rights=[Permission.LEDGER_VIEW], label=_("Read ledgers and control totals"))

scopes.register_object("folio", "folios.read")
scopes.register_object("invoice", "invoices.read")
scopes.register_object("night_audit", "night_audits.read")
