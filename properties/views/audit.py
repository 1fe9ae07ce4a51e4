"""The audit log of the hotel: who changed what, when, from where."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pms.accounts.access import rights_at
from properties.audit_lines import audit_lines
from properties.forms import KeysetForm
from properties.http import at_hotel, is_htmx
from properties.models import Property
from properties.permissions import Permission
from properties.selectors import audit_of

PAGE = 50


@at_hotel(Permission.AUDIT_VIEW)
def audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the log newest first; `?before=<entry>` goes on below that entry (keyset: new entries shift nothing)."""
    asked = KeysetForm(request.GET)
    before = asked.cleaned_data["before"] if asked.is_valid() else None
    entries = audit_of(hotel.pk, before=before, limit=PAGE + 1)
    context = {
        "hotel": hotel,
        "lines": audit_lines(entries[:PAGE], rights_at(request.user, hotel.pk)),
        "next": entries[PAGE - 1].pk if len(entries) > PAGE else None,
        "before": before,
    }
    template = "properties/audit.html#lines" if is_htmx(request) else "properties/audit.html"
    return render(request, template, context)
