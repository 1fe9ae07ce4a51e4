"""Wiring of folios."""

from __future__ import annotations

from django.apps import AppConfig


class FoliosConfig(AppConfig):
    name = "folios"
    verbose_name = "Folios"

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.core import slots
        from pms.events.watch import watch

        from . import models, permissions, receivers, seed  # noqa: F401 - importing the receivers registers them

        registry.register("folios", permissions.Permission, roles=permissions.ROLES)
        watch(models.TransactionCode, models.Folio, models.FolioWindow, models.NumberSeries, models.NightAudit)
        watch(models.Invoice, hide=("pdf", "content"))
        from . import fragments, navigation

        fragments.declare()
        navigation.declare()
        slots.register("seed", slots.Entry(code="folios", provider=seed.seed, order=20))
