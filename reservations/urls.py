"""Addresses of reservation pages: names are `reservations:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views
from .views import closed_rooms, desk, rates, room_plan

app_name = "reservations"
STAY = "h/<slug:code>/reservations/<uuid:pk>/"
urlpatterns = [
    path("h/<slug:code>/", views.today, name="today"),
    path("h/<slug:code>/bookings/new/", views.create_booking, name="create_booking"),
    path("h/<slug:code>/bookings/new/guest/", views.choose_guest, name="choose_guest"),
    path("h/<slug:code>/reservations/", views.list_reservations, name="list_reservations"),
    path(STAY, views.open_reservation, name="open_reservation"),
    path(f"{STAY}notes/", views.change_notes, name="change_notes"),
    path(f"{STAY}notes/undo/<str:token>/", views.undo_notes, name="undo_notes"),
    path(f"{STAY}guests/<uuid:guest_pk>/", views.change_guest, name="change_guest"),
    path(f"{STAY}guests/<uuid:guest_pk>/undo/<str:token>/", views.undo_guest, name="undo_guest"),
    path(f"{STAY}cancel/", views.cancel_reservation, name="cancel_reservation"),
    path(f"{STAY}room/", views.choose_room, name="choose_room"),
    path(f"{STAY}room/none/", views.unassign_room, name="unassign_room"),
    path(f"{STAY}room/<uuid:room_pk>/", views.assign_room, name="assign_room"),
    path(f"{STAY}check-in/", desk.check_in, name="check_in"),
    path(f"{STAY}check-in/undo/", desk.undo_check_in, name="undo_check_in"),
    path(f"{STAY}check-out/", desk.check_out, name="check_out"),
    path(f"{STAY}check-out/undo/", desk.undo_check_out, name="undo_check_out"),
    path("h/<slug:code>/closed-rooms/", closed_rooms.list_closed_rooms, name="list_closed_rooms"),
    path("h/<slug:code>/closed-rooms/<uuid:pk>/", closed_rooms.change_closed_room, name="change_closed_room"),
    path("h/<slug:code>/closed-rooms/<uuid:pk>/end/", closed_rooms.end_closed_room, name="end_closed_room"),
    path("h/<slug:code>/rates/", rates.list_rates, name="list_rates"),
    path("h/<slug:code>/plan/", room_plan.room_plan, name="room_plan"),
    path("h/<slug:code>/plan/rows/", room_plan.room_plan_rows, name="room_plan_rows"),
    path("h/<slug:code>/plan/stays/<str:number>/", room_plan.room_plan_stay, name="room_plan_stay"),
]
