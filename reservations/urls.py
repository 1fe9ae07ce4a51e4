"""Addresses of reservation pages: names are `reservations:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views
from .views import room_plan

app_name = "reservations"
urlpatterns = [
    path("h/<slug:code>/", views.today, name="today"),
    path("h/<slug:code>/bookings/new/", views.create_booking, name="create_booking"),
    path("h/<slug:code>/bookings/new/guest/", views.choose_guest, name="choose_guest"),
    path("h/<slug:code>/reservations/", views.list_reservations, name="list_reservations"),
    path("h/<slug:code>/reservations/<uuid:pk>/", views.open_reservation, name="open_reservation"),
    path("h/<slug:code>/reservations/<uuid:pk>/notes/", views.change_notes, name="change_notes"),
    path("h/<slug:code>/reservations/<uuid:pk>/cancel/", views.cancel_reservation, name="cancel_reservation"),
    path("h/<slug:code>/reservations/<uuid:pk>/room/", views.choose_room, name="choose_room"),
    path("h/<slug:code>/reservations/<uuid:pk>/room/none/", views.unassign_room, name="unassign_room"),
    path("h/<slug:code>/reservations/<uuid:pk>/room/<uuid:room_pk>/", views.assign_room, name="assign_room"),
    path("h/<slug:code>/plan/", room_plan.room_plan, name="room_plan"),
    path("h/<slug:code>/plan/rows/", room_plan.room_plan_rows, name="room_plan_rows"),
    path("h/<slug:code>/plan/stays/<str:number>/", room_plan.room_plan_stay, name="room_plan_stay"),
]
