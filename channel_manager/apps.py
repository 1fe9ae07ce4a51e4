"""Wiring of the channel manager."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ChannelManagerConfig(AppConfig):
    name = "channel_manager"
    verbose_name = gettext_lazy("Channels")

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.core import slots
        from pms.events.watch import watch

        from . import errors, models, permissions, receivers  # noqa: F401 - importing them registers what they declare
        from .channels.booking_com import profile

        registry.register("channel_manager", permissions)
        watch(models.ChannelConnection, hide=("credentials",))
        watch(models.RoomMapping, models.RateMapping)
        profile.declare()
        slots.register("histories", slots.Entry("channel", _history, right=permissions.Permission.CHANNEL_VIEW))

        from . import figures, fragments, navigation, standing

        figures.declare()
        fragments.declare()
        navigation.declare()
        standing.declare()


def _history() -> Any:
    """Return what the history of a connection tells of: its mappings belong to it."""
    from properties.history import History

    from .models import ChannelConnection
    from .selectors.connections import keys_of_connection

    return History(ChannelConnection, keys_of_connection)
