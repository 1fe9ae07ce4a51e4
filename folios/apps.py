"""Wiring of folios."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class FoliosConfig(AppConfig):
    name = "folios"
    verbose_name = gettext_lazy("Folios")

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.core import slots
        from pms.core.origins import WAYS, origin_called
        from pms.events.watch import watch

        from . import models, permissions, receivers, seed  # noqa: F401 - importing the receivers registers them

        registry.register("folios", permissions)
        watch(models.TransactionCode, models.Folio, models.FolioWindow, models.NumberSeries, models.NightAudit)
        watch(models.Invoice, hide=("pdf", "content"))
        origin_called("night_audit", gettext_lazy("Night audit"), way=WAYS["worker"])
        from . import fragments, navigation
        from .services import hotel_copies

        fragments.declare()
        hotel_copies.declare()
        navigation.declare()
        place = (models.Folio, "folios:open_folio")
        slots.register("audit_places", slots.Entry("folio", lambda: place, right=permissions.Permission.FOLIO_VIEW))
        slots.register("histories", slots.Entry("folio", _history, right=permissions.Permission.FOLIO_VIEW))
        slots.register("seed", slots.Entry(code="folios", provider=seed.seed, order=20))


def _history() -> Any:
    """Return what the history of a folio tells of: its windows and invoices belong to it."""
    from properties.history import History

    from .models import Folio
    from .selectors.invoices import keys_of_folio

    return History(Folio, keys_of_folio)
