"""Wiring of the kernel's core: grants after migrations, the audit entry's context."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save, pre_save


class CoreConfig(AppConfig):
    name = "pms.core"
    label = "core"
    verbose_name = "Core"

    def ready(self) -> None:
        from . import audit, figures, grants, traces

        traces.start(settings.OTEL_EXPORTER_OTLP_ENDPOINT, process=settings.PROCESS)
        figures.declare()
        # Sent for each app once all tables are there: one of them is enough.
        post_migrate.connect(grants.grant_to_app_role, sender=self, dispatch_uid="core:grants")
        pre_save.connect(audit.complete_entry, sender=self.get_model("AuditEntry"), dispatch_uid="core:audit")
        post_save.connect(audit.entry_written, sender=self.get_model("AuditEntry"), dispatch_uid="core:written")
