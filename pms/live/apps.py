"""Wiring of live pages."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "pms.live"
    label = "live"
    verbose_name = "Live pages"
