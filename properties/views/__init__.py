"""Pages of the hotel itself, by topic: one function for each address."""

from .audit import audit, export_audit, verify_audit
from .background import background, background_now, cancel_job, discard_work, replay_lane, replay_work
from .finding import find
from .history import history
from .home import home, open_hotel
from .hotel import change_hotel
from .hotel_copy import copy_hotel
from .roles import (
    add_role,
    archive_role,
    change_roles,
    copy_roles,
    open_role,
    preview_roles,
    rename_role,
    reset_role,
    roles,
    undo_roles,
)
from .rooms import mark_room, rooms, unmark_room
from .setup import set_up
from .sign_in import change_sign_in
from .staff import add_staff, change_staff, disable_staff, enable_staff, remove_staff, sign_out_staff, staff, undo_staff

__all__ = [
    "add_role",
    "add_staff",
    "archive_role",
    "audit",
    "background",
    "background_now",
    "cancel_job",
    "change_hotel",
    "change_roles",
    "change_sign_in",
    "change_staff",
    "copy_hotel",
    "copy_roles",
    "disable_staff",
    "discard_work",
    "enable_staff",
    "export_audit",
    "find",
    "history",
    "home",
    "mark_room",
    "open_hotel",
    "open_role",
    "preview_roles",
    "remove_staff",
    "rename_role",
    "replay_lane",
    "replay_work",
    "reset_role",
    "roles",
    "rooms",
    "set_up",
    "sign_out_staff",
    "staff",
    "undo_roles",
    "undo_staff",
    "unmark_room",
    "verify_audit",
]
