"""Addresses of notifications: names are `notifications:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("h/<slug:code>/activity/", views.activity, name="list_activity"),
    path("h/<slug:code>/bell/", views.show_bell, name="show_bell"),
    path("h/<slug:code>/bell/read/", views.read_all, name="read_all"),
    path("h/<slug:code>/bell/<uuid:pk>/", views.open_notification, name="open_notification"),
]
