"""Addresses of the channels' pages: names are `channel_manager:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "channel_manager"
urlpatterns = [
    path("h/<slug:code>/channels/", views.channels, name="list_channels"),
    path("h/<slug:code>/channels/new/", views.add_connection, name="add_connection"),
    path("h/<slug:code>/channels/<uuid:pk>/", views.change_connection, name="change_connection"),
    path("h/<slug:code>/channels/<uuid:pk>/mapping/", views.map_connection, name="map_connection"),
    path("h/<slug:code>/channels/<uuid:pk>/live/", views.go_live, name="go_live"),
    path("h/<slug:code>/channels/<uuid:pk>/pause/", views.suspend_connection, name="suspend_connection"),
    path("h/<slug:code>/channels/<uuid:pk>/sync/", views.sync_connection, name="sync_connection"),
    path("h/<slug:code>/channels/<uuid:pk>/test/", views.test_connection, name="test_connection"),
    path("h/<slug:code>/channels/messages/<uuid:pk>/", views.open_message, name="open_message"),
    path("h/<slug:code>/channels/messages/<uuid:pk>/retry/", views.retry_message, name="retry_message"),
    path("h/<slug:code>/channels/messages/<uuid:pk>/settle/", views.settle_message, name="settle_message"),
]
