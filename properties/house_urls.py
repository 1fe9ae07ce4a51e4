"""Addresses of the house, of single rooms and of the guide of the first hour; they belong to `properties:`."""

from __future__ import annotations

from django.urls import path

from . import house_kinds as kinds
from .views import guide, house, pictures, room_forms, room_import

KINDS = (
    ("room-types", "room_type", kinds.ROOM_TYPES),
    ("buildings", "building", kinds.BUILDINGS),
    ("floors", "floor", kinds.FLOORS),
    ("sections", "section", kinds.SECTIONS),
    ("features", "feature", kinds.FEATURES),
)
urlpatterns = [
    path("h/<slug:code>/house/", house.house, name="open_house"),
    path("h/<slug:code>/setup/", guide.open_setup, name="open_setup"),
    path("h/<slug:code>/setup/<slug:step>/", guide.setup_step, name="setup_step"),
    path("h/<slug:code>/rooms/add/", room_forms.add_room, name="add_room"),
    path("h/<slug:code>/rooms/import/", room_import.import_rooms, name="import_rooms"),
    path("h/<slug:code>/rooms/<uuid:pk>/", room_forms.change_room, name="change_room"),
    path("h/<slug:code>/rooms/<uuid:pk>/type/", room_forms.plan_room_type, name="plan_room_type"),
    path("h/<slug:code>/rooms/<uuid:pk>/archive/", room_forms.archive_room, name="archive_room"),
    path("h/<slug:code>/rooms/<uuid:pk>/restore/", room_forms.restore_room, name="restore_room"),
    path("h/<slug:code>/logo/", pictures.show_logo, name="show_logo"),
    path("h/<slug:code>/settings/logo/", pictures.change_logo, name="change_logo"),
    path("h/<slug:code>/photos/<uuid:pk>/<int:side>/", pictures.show_photo, name="show_photo"),
    path("h/<slug:code>/photos/<uuid:pk>/", pictures.change_photo, name="change_photo"),
    path("h/<slug:code>/photos/<uuid:pk>/remove/", pictures.remove_photo, name="remove_photo"),
    path("h/<slug:code>/room-types/<uuid:pk>/photos/add/", pictures.add_photos, name="add_photos"),
    path("h/<slug:code>/room-types/<uuid:pk>/photos/order/", pictures.order_photos, name="order_photos"),
]
for part, name, kind in KINDS:
    urlpatterns += [
        path(f"h/<slug:code>/{part}/add/", house.adding(kind), name=f"add_{name}"),
        path(f"h/<slug:code>/{part}/<uuid:pk>/", house.changing(kind), name=f"change_{name}"),
        path(f"h/<slug:code>/{part}/<uuid:pk>/archive/", house.archiving(kind), name=f"archive_{name}"),
        path(f"h/<slug:code>/{part}/<uuid:pk>/restore/", house.restoring(kind), name=f"restore_{name}"),
    ]
