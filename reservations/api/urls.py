"""Addresses of the public API around selling."""

from __future__ import annotations

from django.urls import path

from . import closed_rooms, jobs, stays, views

app_name = "reservations_api"
HOTEL = "properties/<str:property_code>"
STAY = f"{HOTEL}/reservations/<uuid:reservation_id>"
CLOSED = f"{HOTEL}/out-of-order/<uuid:out_of_order_id>"
urlpatterns = [
    path(f"{HOTEL}/rate-plans", views.RatePlanListApi.as_view(), name="rate_plans"),
    path(f"{HOTEL}/rate-plans/<uuid:rate_plan_id>", views.RatePlanApi.as_view(), name="rate_plan"),
    path(f"{HOTEL}/rates", views.RatesApi.as_view(), name="rates"),
    path(f"{HOTEL}/jobs/rates", jobs.RatesJobApi.as_view(), name="rates_job"),
    path(f"{HOTEL}/jobs/bookings", jobs.BookingsJobApi.as_view(), name="bookings_job"),
    path(f"{HOTEL}/availability", views.AvailabilityApi.as_view(), name="availability"),
    path(f"{HOTEL}/offers", views.OffersApi.as_view(), name="offers"),
    path(f"{HOTEL}/bookings", views.BookingListApi.as_view(), name="bookings"),
    path(f"{HOTEL}/bookings/<uuid:booking_id>", views.BookingApi.as_view(), name="booking"),
    path(f"{HOTEL}/reservations", stays.ReservationListApi.as_view(), name="reservations"),
    path(f"{HOTEL}/out-of-order", closed_rooms.OutOfOrderListApi.as_view(), name="out_of_order"),
    path(CLOSED, closed_rooms.OutOfOrderApi.as_view(), name="closed_room"),
    path(f"{CLOSED}/end", closed_rooms.OutOfOrderEndApi.as_view(), name="end_closed_room"),
    path(STAY, stays.ReservationApi.as_view(), name="reservation"),
    path(f"{STAY}/assign-room", stays.AssignRoomApi.as_view(), name="assign_room"),
    path(f"{STAY}/unassign-room", stays.UnassignRoomApi.as_view(), name="unassign_room"),
    path(f"{STAY}/check-in", stays.CheckInApi.as_view(), name="check_in"),
    path(f"{STAY}/undo-check-in", stays.UndoCheckInApi.as_view(), name="undo_check_in"),
    path(f"{STAY}/check-out", stays.CheckOutApi.as_view(), name="check_out"),
    path(f"{STAY}/undo-check-out", stays.UndoCheckOutApi.as_view(), name="undo_check_out"),
    path(f"{STAY}/cancel", stays.CancelApi.as_view(), name="cancel"),
]
