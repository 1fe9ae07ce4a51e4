"""Addresses of the public API of folios, invoices, night audits and ledgers."""

from __future__ import annotations

from django.urls import path

from . import audits, views

app_name = "folios_api"
HOTEL = "properties/<str:property_code>"
FOLIO = f"{HOTEL}/folios/<uuid:folio_id>"
AUDIT = f"{HOTEL}/night-audits"
urlpatterns = [
    path(f"{HOTEL}/transaction-codes", views.TransactionCodeListApi.as_view(), name="transaction_codes"),
    path(f"{HOTEL}/folios", views.FolioListApi.as_view(), name="folios"),
    path(FOLIO, views.FolioApi.as_view(), name="folio"),
    path(f"{FOLIO}/charges", views.ChargesApi.as_view(), name="charges"),
    path(f"{FOLIO}/payments", views.PaymentsApi.as_view(), name="payments"),
    path(f"{FOLIO}/corrections", views.CorrectionsApi.as_view(), name="corrections"),
    path(f"{FOLIO}/invoices", views.FolioInvoicesApi.as_view(), name="folio_invoices"),
    path(f"{HOTEL}/invoices", views.InvoiceListApi.as_view(), name="invoices"),
    path(f"{HOTEL}/invoices/<uuid:invoice_id>", views.InvoiceApi.as_view(), name="invoice"),
    path(f"{HOTEL}/invoices/<uuid:invoice_id>/pdf", views.InvoicePdfApi.as_view(), name="invoice_pdf"),
    path(f"{HOTEL}/ledgers", views.LedgerApi.as_view(), name="ledgers"),
    path(AUDIT, audits.NightAuditListApi.as_view(), name="night_audits"),
    path(f"{AUDIT}/<uuid:audit_id>", audits.NightAuditApi.as_view(), name="night_audit"),
    path(f"{AUDIT}/<uuid:audit_id>/resume", audits.NightAuditResumeApi.as_view(), name="night_audit_resume"),
]
