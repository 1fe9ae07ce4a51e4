"""Wiring of the event stream."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class EventsConfig(AppConfig):
    name = "pms.events"
    label = "events"
    verbose_name = gettext_lazy("Events")

    def ready(self) -> None:
        from pms.core import audit

        from . import bell, figures

        figures.declare()
        audit.on_entry_written(bell.ring_sealer)
