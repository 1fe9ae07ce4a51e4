"""Wiring of the public API: the scopes that each app declares, and the rights of clients after each migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy


class ApiConfig(AppConfig):
    name = "pms.api"
    label = "api"
    verbose_name = gettext_lazy("Public API")

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.events.watch import watch

        from . import models, permissions, receivers, scopes  # noqa: F401 - receivers listen

        registry.register("api", permissions)
        scopes.register(
            "events.read",
            rights=[permissions.Permission.EVENTS_READ],
            label="Read the feed of events (each object's read scope is needed too)",
        )
        scopes.register("api_clients.read", rights=[permissions.Permission.API_CLIENT_VIEW], label="See API clients")
        scopes.register(
            "api_clients.write",
            rights=[permissions.Permission.API_CLIENT_VIEW, permissions.Permission.API_CLIENT_CHANGE],
            label="Make, rotate and revoke API clients (no more than the token itself may)",
        )
        # What the house still owes to its own receivers is inner bookkeeping: no scope reads it.
        own = [permissions.Permission.JOB_MANAGE]
        scopes.register("jobs.read", rights=own, label=gettext_lazy("Follow bulk work it asked for"))
        scopes.register("jobs.cancel", rights=own, label=gettext_lazy("Stop bulk work it asked for"))
        scopes.register_object("job", "jobs.read")
        # What a person lets an app do is between the two of them.
        scopes.keep_private("delivery", "api_grant")
        watch(models.ApiClient, mask=("previous_secret",))
        watch(models.ApiGrant, models.Job)
        # Each app declares its scopes in `<app>/api/scopes.py`; nobody has to import it.
        autodiscover_modules("api.scopes", "api.jobs")
        post_migrate.connect(_follow_scopes, dispatch_uid="api:scopes")


def _follow_scopes(sender: AppConfig, **_signal: Any) -> None:
    """Give clients the rights of scopes that this version added or changed, once the permission rows exist.

    Those are written on the same signal by an app that stands before this one.
    """
    if sender.label == settings.TENANT_MODEL.partition(".")[0]:
        from .services import api_clients_follow_scopes

        api_clients_follow_scopes()
