"""Addresses of folios and the night audit: names are `folios:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "folios"
FOLIO = "h/<slug:code>/folios/<uuid:pk>/"
AUDIT = "h/<slug:code>/night-audit/"
urlpatterns = [
    path("h/<slug:code>/folios/", views.folios, name="list_folios"),
    path(FOLIO, views.open_folio, name="open_folio"),
    path(f"{FOLIO}windows/", views.add_window, name="add_window"),
    path(f"{FOLIO}charge/", views.post_charge, name="post_charge"),
    path(f"{FOLIO}payment/", views.take_payment, name="take_payment"),
    path(f"{FOLIO}postings/<int:posting>/back/", views.reverse_posting, name="reverse_posting"),
    path(f"{FOLIO}undo/<str:token>/", views.undo_posting, name="undo_posting"),
    path(f"{FOLIO}windows/<int:window>/invoice/", views.issue_invoice, name="issue_invoice"),
    path("h/<slug:code>/invoices/<uuid:pk>/", views.download_invoice, name="download_invoice"),
    path(AUDIT, views.night_audit, name="open_night_audit"),
    path(f"{AUDIT}start/", views.start_audit, name="start_audit"),
    path(f"{AUDIT}<uuid:pk>/resume/", views.resume_audit, name="resume_audit"),
]
