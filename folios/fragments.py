"""The pieces of folio and night audit pages that stay fresh, and what changes which of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from pms.events.watch import touching
from pms.live.fragments import Audience, Fragment
from pms.live.places import place
from properties.models import Property, Room
from reservations.fragments import STAY_PANELS
from reservations.models import Reservation, RoomAssignment

from .events import ChargePosted, InvoiceIssued, PaymentTaken, PostingReversed
from .models import Folio, FolioWindow, NightAudit
from .permissions import Permission
from .selectors import closing, sheets

VIEW, RUN = Permission.FOLIO_VIEW, Permission.NIGHT_AUDIT_RUN
SHEETS = "folios/parts.html"
AUDIT = "folios/audit_parts.html"


def show_of(asked: Mapping[str, str]) -> str:
    """Return which view of the list of folios these parameters ask for: in house unless they say something known."""
    show = asked.get("show", "")
    return show if show in sheets.SHOWN else sheets.SHOWN[0]


def list_of(show: str) -> Fragment:
    """Return the fragment whose pieces one view of the list is made of."""
    return FOLIO_ROW if show == sheets.SHOWN[0] else FOLIO_LATEST


def _listed(pks: Sequence[uuid.UUID], audience: Audience, query: str) -> set[uuid.UUID]:
    """Return which of these folios the list shows whose address has this query."""
    return sheets.folio_ids_listed(audience.property_id, show_of(QueryDict(query)), pks)


def _of_one_folio(pks: Sequence[uuid.UUID], audience: Audience, query: str) -> set[uuid.UUID]:
    """Return which of these windows the page of one folio shows, whose key the query is."""
    try:
        return sheets.window_ids_listed(uuid.UUID(query), pks)
    except ValueError:
        return set()


FOLIO_HEAD = Fragment("folio_head", f"{SHEETS}#folio-head", VIEW, sheets.folio_heads)
FOLIO_WINDOW = Fragment("folio_window", f"{SHEETS}#folio-window", VIEW, sheets.sheets, among=_of_one_folio)
FOLIO_ROW = Fragment("folio_row", "folios/folios.html#folio-row", VIEW, sheets.folio_heads, among=_listed)
# Where the newest stands first, a row has another place than where rooms are in order.
FOLIO_LATEST = Fragment("folio_latest", "folios/folios.html#folio-latest", VIEW, sheets.folio_heads, among=_listed)
# One of each per hotel, named by it.
NIGHT_AUDIT_PROGRESS = Fragment("night_audit_progress", f"{AUDIT}#progress", RUN, closing.closings)
NIGHT_AUDIT_STEPS = Fragment("night_audit_steps", f"{AUDIT}#steps", RUN, closing.step_rows)
NIGHT_AUDIT_CHECKS = Fragment("night_audit_checks", f"{AUDIT}#checks", RUN, closing.checklists)
NIGHT_AUDIT_TOTALS = Fragment("night_audit_totals", f"{AUDIT}#totals", Permission.LEDGER_VIEW, closing.totals_rows)
OF_THE_AUDIT = (NIGHT_AUDIT_PROGRESS, NIGHT_AUDIT_STEPS, NIGHT_AUDIT_CHECKS, NIGHT_AUDIT_TOTALS)


def declare() -> None:
    """Say which rows and events the pieces show; called once when the app is ready."""
    place("folio", VIEW, Folio)
    FOLIO_HEAD.shows(Folio)
    FOLIO_ROW.shows(Folio)
    FOLIO_LATEST.shows(Folio)
    STAY_PANELS.shows(Folio, pks=lambda folio: [folio.reservation_id])
    touching(Reservation, _of_stay)
    touching(Room, _of_room)
    NIGHT_AUDIT_CHECKS.shows(RoomAssignment, pks=lambda planned: [planned.property_id])
    FOLIO_WINDOW.shows(FolioWindow)
    for event in (ChargePosted, PaymentTaken, PostingReversed, InvoiceIssued):
        FOLIO_WINDOW.shows_event(event, pks=lambda happened: [happened.window_id])
    for event in (ChargePosted, PaymentTaken, PostingReversed):
        NIGHT_AUDIT_TOTALS.shows_event(event, pks=lambda happened: [happened.property_id])
    for fragment in OF_THE_AUDIT:
        fragment.shows(NightAudit, pks=lambda audit: [audit.property_id])
        fragment.shows(Property, pks=lambda hotel: [hotel.pk])


def _of_stay(stay: Any) -> list[str]:
    """A stay shows on its folios, stands on the checklist of the day, and is counted among the nights to post."""
    pieces = _of_folios(sheets.folio_ids_of_stay(stay.pk))
    return [*pieces, NIGHT_AUDIT_CHECKS.topic(stay.property_id), NIGHT_AUDIT_STEPS.topic(stay.property_id)]


def _of_room(room: Any) -> list[str]:
    """A room's number stands on the folios of all who ever had it; its condition, which changes daily, on none."""
    return _of_folios(sheets.folio_ids_in_room(room.pk)) if "number" in room.changed_fields() else []


def _of_folios(pks: Iterable[uuid.UUID]) -> list[str]:
    return [fragment.topic(pk) for pk in pks for fragment in (FOLIO_HEAD, FOLIO_ROW, FOLIO_LATEST)]
