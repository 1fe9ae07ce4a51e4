"""Wiring of notifications."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = gettext_lazy("Notifications")

    def ready(self) -> None:
        from pms.accounts import registry

        from . import fragments, permissions, receivers, shell
        from .selectors import alerts, of_channels, of_folios, of_programs, of_properties, of_reservations

        registry.register("notifications", permissions)
        for sentences in (of_properties, of_reservations, of_folios, of_channels, of_programs):
            sentences.declare()
        alerts.declare()
        fragments.declare()
        shell.declare()
        receivers.declare()
