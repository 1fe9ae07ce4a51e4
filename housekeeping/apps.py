"""Wiring of housekeeping."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class HousekeepingConfig(AppConfig):
    name = "housekeeping"
    verbose_name = gettext_lazy("Housekeeping")

    def ready(self) -> None:
        from . import fragments, navigation, receivers  # noqa: F401 - importing the receivers registers them

        fragments.declare()
        navigation.declare()
