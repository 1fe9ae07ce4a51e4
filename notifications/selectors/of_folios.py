"""Sentences of the books: only people who may see folios read them; the day's closing is for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from folios.models import TransactionCode
from folios.permissions import Permission
from pms.live.fragments import Audience

from .lines import Happening, Line, quiet, say

LOOKS = {
    "charge.posted": ("receipt-text", "grey"),
    "payment.taken": ("hand-coins", "green"),
    "posting.reversed": ("undo-2", "amber"),
    "invoice.issued": ("file-text", "blue"),
    "payment.failed": ("credit-card", "red"),
    "night_audit.started": ("moon", "violet"),
    "night_audit.resumed": ("moon", "violet"),
    "night_audit.succeeded": ("circle-check", "green"),
    "night_audit.failed": ("triangle-alert", "red"),
}


def declare() -> None:
    """Say what the events of folios mean; called once when the app is ready."""
    say(books, "charge.posted", "payment.taken", "posting.reversed", "invoice.issued", right=Permission.FOLIO_VIEW)
    say(books, "payment.failed", right=Permission.FOLIO_VIEW)
    say(books, *(f"night_audit.{act}" for act in ("started", "resumed", "succeeded", "failed")))
    say(quiet, "folio.opened")  # said by the check-in


def books(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about money, in one query; the night's many charges fold into one line."""
    names = _names(events)
    return {event.key: _line(event, names) for event in events}


def _names(events: Sequence[Happening]) -> dict[tuple[str, str], str]:
    """Return the hotels' own names of what was charged or paid with, by hotel and code."""
    codes = {event.payload["transaction_code"] for event in events if "transaction_code" in event.payload}
    if not codes:
        return {}
    found = TransactionCode.objects.filter(code__in=codes, property__code__in={event.hotel_code for event in events})
    return {(hotel, code): name for hotel, code, name in found.values_list("property__code", "code", "name")}


def _line(event: Happening, names: Mapping[tuple[str, str], str]) -> Line:
    words = {
        "charge.posted": _("Charged: %(what)s"),
        "payment.taken": _("Payment taken: %(what)s"),
        "posting.reversed": _("A posting was taken back"),
        "invoice.issued": _("Invoice %(number)s was issued"),
        "payment.failed": _("A payment failed"),
        "night_audit.started": _("The night audit began"),
        "night_audit.resumed": _("The night audit goes on"),
        "night_audit.succeeded": _("The day is closed"),
        "night_audit.failed": _("The night audit stopped at a step: %(step)s"),
    }
    facts = {
        "what": names.get((event.hotel_code, event.payload.get("transaction_code", "")), "–"),
        "number": event.payload.get("number", "–"),
        "step": event.payload.get("step", "–"),
    }
    icon, tone = LOOKS[event.code]
    fold = f"{event.code}/{event.request_id}" if event.code == "charge.posted" else ""
    folio = event.payload.get("folio_id")
    url = reverse("folios:open_folio", args=[event.hotel_code, folio]) if folio else ""
    return Line(words[event.code] % facts, url, icon, tone, fold)
