"""Wiring of the event stream."""

from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "pms.events"
    label = "events"
    verbose_name = "Events"
