"""Sockets of the house: one per page."""

from __future__ import annotations

from django.urls import path

from .consumers import PageConsumer

websocket_urlpatterns = [path("ws/h/<slug:code>/", PageConsumer.as_asgi(), name="page_socket")]
