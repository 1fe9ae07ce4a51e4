"""Wiring of reservations."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ReservationsConfig(AppConfig):
    name = "reservations"
    verbose_name = gettext_lazy("Reservations")

    def ready(self) -> None:
        from pms.accounts import registry
        from pms.core import slots
        from pms.events.watch import watch

        from . import models, permissions, receivers, seed, seed_busy  # noqa: F401 - importing the receivers registers them

        registry.register("reservations", permissions)
        watch(models.Guest, models.RatePlan, models.PackagePart)
        watch(models.Booking, models.Reservation, models.RoomAssignment, models.OutOfOrder)
        from .selectors.out_of_order import service_states

        right = permissions.Permission.GUEST_VIEW
        place = (models.Reservation, "reservations:open_reservation")
        slots.register("audit_places", slots.Entry("reservation", lambda: place, right="reservation_view"))
        slots.register("personal_rows", slots.Entry(code="guest", provider=lambda: models.Guest, right=right))
        slots.register("seed", slots.Entry(code="reservations", provider=seed.seed, order=10))
        slots.register("seed", slots.Entry(code="busy_house", provider=seed_busy.seed, order=90))
        slots.register("properties.service_state", slots.Entry(code="closed_rooms", provider=service_states))
        from . import closed_rooms, fragments, guide, navigation, room_plan_fragments
        from .services import hotel_copies

        closed_rooms.declare()
        fragments.declare()
        navigation.declare()
        guide.declare()
        hotel_copies.declare()
        room_plan_fragments.declare()
