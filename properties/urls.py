"""Addresses of the hotel's own pages: names are `properties:verb_noun`, pages end in a slash."""

from __future__ import annotations

from django.urls import path

from . import house_urls, views
from .views import api_clients, invitations, support

app_name = "properties"
urlpatterns = [
    path("", views.home, name="open_home"),
    path("setup/<str:token>/", views.set_up, name="set_up"),
    path("h/<slug:code>/", views.open_hotel, name="open_hotel"),
    path("h/<slug:code>/find/", views.find, name="find_anything"),
    path("h/<slug:code>/rooms/", views.rooms, name="list_rooms"),
    *house_urls.urlpatterns,
    path("h/<slug:code>/rooms/<uuid:pk>/mark/", views.mark_room, name="mark_room"),
    path("h/<slug:code>/rooms/<uuid:pk>/undo/<str:token>/", views.unmark_room, name="unmark_room"),
    path("h/<slug:code>/staff/", views.staff, name="list_staff"),
    path("h/<slug:code>/staff/add/", views.add_staff, name="add_staff"),
    path("h/<slug:code>/staff/roles/", views.roles, name="list_roles"),
    path("h/<slug:code>/staff/roles/preview/", views.preview_roles, name="preview_roles"),
    path("h/<slug:code>/staff/roles/save/", views.change_roles, name="change_roles"),
    path("h/<slug:code>/staff/roles/undo/<str:token>/", views.undo_roles, name="undo_roles"),
    path("h/<slug:code>/staff/roles/add/", views.add_role, name="add_role"),
    path("h/<slug:code>/staff/roles/copy/", views.copy_roles, name="copy_roles"),
    path("h/<slug:code>/staff/roles/<uuid:pk>/", views.open_role, name="open_role"),
    path("h/<slug:code>/staff/roles/<uuid:pk>/rename/", views.rename_role, name="rename_role"),
    path("h/<slug:code>/staff/roles/<uuid:pk>/archive/", views.archive_role, name="archive_role"),
    path("h/<slug:code>/staff/roles/<uuid:pk>/standard/", views.reset_role, name="reset_role"),
    path("support/", support.begin_support, name="begin_support"),
    path("support/end/", support.end_support, name="end_support"),
    path("invitation/<str:token>/", invitations.open_invitation, name="open_invitation"),
    path("h/<slug:code>/staff/invitations/<uuid:pk>/resend/", invitations.resend_invitation, name="resend_invitation"),
    path("h/<slug:code>/staff/invitations/<uuid:pk>/revoke/", invitations.revoke_invitation, name="revoke_invitation"),
    path("h/<slug:code>/staff/<uuid:pk>/", views.change_staff, name="change_staff"),
    path("h/<slug:code>/staff/<uuid:pk>/undo/<str:token>/", views.undo_staff, name="undo_staff"),
    path("h/<slug:code>/staff/<uuid:pk>/sign-out/", views.sign_out_staff, name="sign_out_staff"),
    path("h/<slug:code>/staff/<uuid:pk>/remove/", views.remove_staff, name="remove_staff"),
    path("h/<slug:code>/staff/<uuid:pk>/disable/", views.disable_staff, name="disable_staff"),
    path("h/<slug:code>/staff/<uuid:pk>/enable/", views.enable_staff, name="enable_staff"),
    path("h/<slug:code>/settings/", views.change_hotel, name="change_hotel"),
    path("h/<slug:code>/settings/copy/", views.copy_hotel, name="copy_hotel"),
    path("h/<slug:code>/api-clients/", api_clients.api_clients, name="list_api_clients"),
    path("h/<slug:code>/api-clients/add/", api_clients.add_api_client, name="add_api_client"),
    path("h/<slug:code>/api-clients/<uuid:pk>/rotate/", api_clients.rotate_api_client, name="rotate_api_client"),
    path("h/<slug:code>/api-clients/<uuid:pk>/revoke/", api_clients.revoke_api_client, name="revoke_api_client"),
    path("h/<slug:code>/settings/sign-in/", views.change_sign_in, name="change_sign_in"),
    path("h/<slug:code>/audit/", views.audit, name="list_audit"),
    path("h/<slug:code>/history/<slug:kind>/<uuid:pk>/", views.history, name="show_history"),
    path("h/<slug:code>/audit/verify/", views.verify_audit, name="verify_audit"),
    path("h/<slug:code>/audit/export/", views.export_audit, name="export_audit"),
    path("h/<slug:code>/background/", views.background, name="list_work"),
    path("h/<slug:code>/background/now/", views.background_now, name="show_work_now"),
    path("h/<slug:code>/background/replay/", views.replay_lane, name="replay_lane"),
    path("h/<slug:code>/background/jobs/<uuid:pk>/cancel/", views.cancel_job, name="cancel_job"),
    path("h/<slug:code>/background/<int:pk>/replay/", views.replay_work, name="replay_work"),
    path("h/<slug:code>/background/<int:pk>/discard/", views.discard_work, name="discard_work"),
]
