"""The sections of this app in the shell, and its panel on the page of a stay."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core import slots
from properties.background import ABOUT
from properties.models import Property
from properties.shell import NAVIGATION, SETTINGS

from . import finding
from .permissions import Permission
from .selectors.sheets import panels_of_stays

PANEL = "reservation_panel"


def declare() -> None:
    """Fill our sections into the navigation and our panel into its slot; called once when the app is ready."""
    folios = slots.Entry(code="folios", provider=_folios, right=Permission.FOLIO_VIEW, order=60)
    audit = slots.Entry(code="night_audit", provider=_audit, right=Permission.NIGHT_AUDIT_RUN, order=62)
    slots.register(NAVIGATION, folios)
    slots.register(ABOUT, slots.Entry(code="folio", provider=_folio, right=Permission.FOLIO_VIEW))
    slots.register(NAVIGATION, audit)
    panel = slots.Entry(
        code="folio",
        provider=panels_of_stays,
        template="folios/stay_panel.html",
        right=Permission.FOLIO_VIEW,
        order=20,
    )
    slots.register(PANEL, panel)
    slots.register(SETTINGS, slots.Entry(code="transaction_codes", provider=_codes, order=30))
    finding.declare()


def _folio(code: str, pk: object) -> str:
    return reverse("folios:open_folio", args=[code, pk])


def _folios(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("folios:list_folios", args=[hotel.code])
    return {"label": _("Folios"), "icon": "receipt-text", "url": url, "apart": True}


def _audit(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("folios:open_night_audit", args=[hotel.code])
    return {"label": _("Night audit"), "icon": "moon", "url": url}


def _codes() -> dict[str, Any]:
    text = _("What the desk can put on a bill, with usual price and tax: minibar, parking, breakfast.")
    url = reverse("admin:folios_transactioncode_changelist")
    return {"label": _("Extras and payments"), "icon": "wine", "text": text, "url": url}
