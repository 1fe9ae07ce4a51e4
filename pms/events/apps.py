"""Wiring of the event stream."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy

# Processes that answer people or partners, or work for them; commands may meet a database without tables.
SERVING = frozenset({"web", "worker", "beat"})


class EventsConfig(AppConfig):
    name = "pms.events"
    label = "events"
    verbose_name = gettext_lazy("Events")

    def ready(self) -> None:
        from pms.core import audit

        from . import bell, figures, history

        if settings.PROCESS in SERVING:
            connection_created.connect(history.look, dispatch_uid="events:history")
        figures.declare()
        audit.on_entry_written(bell.ring_sealer)
