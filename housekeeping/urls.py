"""Addresses of housekeeping: names are `housekeeping:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "housekeeping"
urlpatterns = [
    path("h/<slug:code>/my-rooms/", views.my_rooms, name="my_rooms"),
    path("h/<slug:code>/my-rooms/<uuid:pk>/mark/", views.mark_room, name="mark_room"),
    path("h/<slug:code>/my-rooms/<uuid:pk>/undo/<str:token>/", views.unmark_room, name="unmark_room"),
]
