"""Addresses of the public API of hotels and rooms."""

from __future__ import annotations

from django.urls import path

from . import jobs, views

app_name = "properties_api"
HOTEL = "properties/<str:property_code>"
urlpatterns = [
    path("properties", views.PropertyListApi.as_view(), name="properties"),
    path(HOTEL, views.PropertyApi.as_view(), name="property"),
    path(f"{HOTEL}/room-types", views.RoomTypeListApi.as_view(), name="room_types"),
    path(f"{HOTEL}/room-types/<uuid:room_type_id>", views.RoomTypeApi.as_view(), name="room_type"),
    path(f"{HOTEL}/room-types/photos/<uuid:photo_id>/<int:side>", views.RoomTypePhotoApi.as_view(), name="photo"),
    path(f"{HOTEL}/rooms", views.RoomListApi.as_view(), name="rooms"),
    path(f"{HOTEL}/rooms/<str:number>", views.RoomApi.as_view(), name="room"),
    path(f"{HOTEL}/rooms/<str:number>/condition", views.RoomConditionApi.as_view(), name="room_condition"),
    path(f"{HOTEL}/jobs/room-conditions", jobs.RoomConditionsJobApi.as_view(), name="room_conditions_job"),
]
