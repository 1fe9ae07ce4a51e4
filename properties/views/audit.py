"""The audit log of the hotel: who changed what, when, from where; what its chain says; a copy to take away."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.accounts.proving import lately_proved
from pms.core.http import is_htmx
from pms.live.pages import page_context
from properties.audit_fragments import AUDIT_CHAIN
from properties.audit_lines import AuditLine, audit_lines
from properties.auditing.selectors import Asked, AuditForm, audit_found, chain_state
from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.services.audit import audit_check_ask, audit_exported

PAGE = 50
# What one copy holds at most, and what came at most since a page was drawn.
EXPORT = 5_000
NEW = 200
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@at_hotel(Permission.AUDIT_VIEW)
def audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the log newest first; `before` goes on below an entry, `after` gives what came since (keyset, both)."""
    context = page_context(request, hotel.pk, topics=(AUDIT_CHAIN.topic(hotel.pk),))
    form = AuditForm(request.GET, hotel=hotel)
    asked = Asked.of(form)
    if asked.after is not None:
        return render(request, "properties/audit_lines.html#since", _newer(request, hotel, asked))
    lines = _lines(request, hotel, asked, limit=PAGE + 1)
    context |= {
        "hotel": hotel,
        "form": form,
        "lines": lines[:PAGE],
        "next": lines[PAGE - 1].pk if len(lines) > PAGE else None,
        "asked": asked,
        "newest": lines[0].pk if lines else 0,
        "chain": chain_state(hotel),
    }
    template = "properties/audit_lines.html#lines" if is_htmx(request) else "properties/audit.html"
    return render(request, template, context)


@at_hotel(Permission.AUDIT_VIEW, methods={"POST"})
def verify_audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Have the chain checked in the background; the piece shows that it is under way, then what was found."""
    audit_check_ask(hotel=hotel, user=request.user)
    context = page_context(request, hotel.pk)
    return HttpResponse(AUDIT_CHAIN.render(hotel.pk, context["audience"]))


@at_hotel(Permission.AUDIT_VIEW)
@lately_proved
def export_audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Return what the filters show as CSV; taking it away is an entry itself."""
    asked = Asked.of(AuditForm(request.GET, hotel=hotel))
    lines = _lines(request, hotel, asked, limit=EXPORT + 1)
    audit_exported(hotel=hotel, asked=asked.query, lines=min(len(lines), EXPORT))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{hotel.code}-{hotel.local_now().date()}.csv"'
    response["Cache-Control"] = "private, no-store"
    response.write("\ufeff")  # else a spreadsheet reads the umlauts of guests wrongly
    writer = csv.writer(response)
    writer.writerow([_("Entry"), _("When"), _("Who"), _("From where"), _("Address"), _("Request"), _("What"), _("Name"),
                     _("Field"), _("Old"), _("New")])  # fmt: skip
    for line in lines[:EXPORT]:
        writer.writerows(_rows(line))
    if len(lines) > EXPORT:
        writer.writerow([_("Older entries were left out: choose fewer days.")])
    return response


def _rows(line: AuditLine) -> list[Sequence[str]]:
    """Return the rows of one entry: one for each field that changed, at least one."""
    moment = timezone.localtime(line.moment).isoformat(timespec="seconds")
    head = (str(line.pk), moment, line.actor, line.via, line.address, line.request_id, line.what, line.name)
    fields = [(change.name, change.old, change.new) for change in line.differences] or [("", "", "")]
    return [[plain(cell) for cell in (*head, *field)] for field in fields]


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _lines(request: HttpRequest, hotel: Property, asked: Asked, *, limit: int) -> list[AuditLine]:
    rights = rights_at(request.user, hotel.pk)
    return audit_lines(audit_found(hotel, asked, rights=rights, limit=limit), rights, code=hotel.code)


def _newer(request: HttpRequest, hotel: Property, asked: Asked) -> dict[str, Any]:
    return {"lines": _lines(request, hotel, asked, limit=NEW), "asked": asked, "newest": asked.after, "hotel": hotel}
