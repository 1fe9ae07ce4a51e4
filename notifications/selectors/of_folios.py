"""Sentences of the books: only people who may see folios read them; the day's closing is for all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from folios.models import FolioWindow, Posting
from folios.permissions import Permission
from folios.selectors.folios import payer_of
from pms.core.templatetags.ui import money
from pms.live.fragments import Audience
from reservations.selectors.people import guests_named

from .lines import Happening, Line, by_request, quiet, say

LOOKS = {
    "charge.posted": ("receipt-text", "grey"),
    "payment.taken": ("hand-coins", "green"),
    "posting.reversed": ("undo-2", "amber"),
    "invoice.issued": ("file-text", "blue"),
    "night_audit.started": ("moon", "violet"),
    "night_audit.resumed": ("moon", "violet"),
    "night_audit.succeeded": ("circle-check", "green"),
    "night_audit.failed": ("triangle-alert", "red"),
}


def declare() -> None:
    """Say what the events of folios mean; called once when the app is ready."""
    say(books, "charge.posted", right=Permission.FOLIO_VIEW, fold=by_request)
    say(books, "payment.taken", "posting.reversed", "invoice.issued", right=Permission.FOLIO_VIEW)
    say(books, *(f"night_audit.{act}" for act in ("started", "resumed", "succeeded", "failed")))
    say(quiet, "folio.opened")  # said by the check-in


def books(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about money, in two queries."""
    postings, payers = _postings(events), _payers(events, named=guests_named(audience.rights))
    return {event.key: _line(event, postings, payers) for event in events}


def _postings(events: Sequence[Happening]) -> dict[int, Posting]:
    pks = {event.payload["posting"] for event in events if "posting" in event.payload}
    return Posting.objects.select_related("transaction_code", "folio").in_bulk(pks) if pks else {}


def _payers(events: Sequence[Happening], *, named: bool) -> dict[uuid.UUID | None, str]:
    """Return who pays the windows: a guest (to those who may see guests), or the company that is named on it."""
    pks = {event.uuid("window_id") for event in events} - {None}
    found = FolioWindow.objects.filter(pk__in=pks).select_related("payer") if pks else ()
    return {window.pk: payer_of(window, named=named) or _("a guest") for window in found}


def _line(event: Happening, postings: Mapping[int, Posting], payers: Mapping[uuid.UUID | None, str]) -> Line:
    words = {
        "charge.posted": _("%(what)s %(sum)s for %(who)s"),
        "payment.taken": _("%(who)s paid %(sum)s: %(what)s"),
        "posting.reversed": _("Taken back for %(who)s: %(what)s %(sum)s"),
        "invoice.issued": _("Invoice %(number)s for %(who)s"),
        "night_audit.started": _("The night audit began"),
        "night_audit.resumed": _("The night audit goes on"),
        "night_audit.succeeded": _("The day is closed"),
        "night_audit.failed": _("The night audit stopped at a step: %(step)s"),
    }
    posting = postings.get(event.payload.get("posting", 0))
    facts = {
        "what": posting.transaction_code.name if posting else "–",
        "sum": money(abs(posting.gross), posting.folio.currency) if posting else "–",
        "who": payers.get(event.uuid("window_id")) or "–",
        "number": event.payload.get("number", "–"),
        "step": event.payload.get("step", "–"),
    }
    icon, tone = LOOKS[event.code]
    folio = event.payload.get("folio_id")
    url = reverse("folios:open_folio", args=[event.hotel_code, folio]) if folio else ""
    return Line(words[event.code] % facts, url, icon, tone)
