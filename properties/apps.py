"""Wiring of the hotel's app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = gettext_lazy("Hotels")

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.events.watch import watch

        from . import (
            audit_fragments,
            errors,  # noqa: F401 - its errors name their constraints
            fragments,
            guide,
            history,
            models,
            permissions,
            receivers,  # noqa: F401 - listens
            shell,
            staff_fragments,
        )
        from .places import fragments as places_fragments

        registry.register("properties", permissions)
        watch(models.Organization, models.Property, models.RoomType, models.Room, models.Membership)
        # The digest of a link says nothing, and the link itself stands nowhere.
        watch(models.Invitation, hide=("token_hash",))
        watch(models.RoomTypePhoto, hide=("width", "height"))
        # Its rights are told by the act that changes them, with their names.
        watch(models.Role, hide=("rights",))
        watch(models.TaxRate, models.CityTax)
        watch(models.Building, models.Floor, models.Section, models.Feature, models.RoomConnection, models.RoomTypeSpan)
        fragments.declare()
        audit_fragments.declare()
        history.declare()
        places_fragments.declare()
        staff_fragments.declare()
        shell.declare()
        guide.declare()
