"""Writes of the hotel's app, by topic: one function for each thing a hotelier does."""

from .business_day import business_date_roll, business_day_shared
from .hotel_copy import hotel_copy
from .hotels import hotel_change, hotel_open, organization_create
from .invitations import (
    invitation_accept,
    invitation_mail,
    invitation_revoke,
    invitation_send_again,
    staff_invite,
)
from .roles import (
    Toggle,
    role_add,
    role_archive,
    role_rename,
    roles_change_rights,
    roles_copy,
    standard_roles_complete,
)
from .room_types import room_type_add, room_type_archive, room_type_change, room_type_restore
from .rooms import room_add, room_archive, room_change, room_mark, room_restore, room_set_occupancy, rooms_mark
from .setup import setup_finish
from .staff import staff_add, staff_disable, staff_enable, staff_remove, staff_set_roles
from .support import support_begin, support_end
from .taxes import city_tax_add, city_tax_change, tax_rate_add, tax_rate_change

__all__ = [
    "Toggle",
    "business_date_roll",
    "business_day_shared",
    "city_tax_add",
    "city_tax_change",
    "hotel_change",
    "hotel_copy",
    "hotel_open",
    "invitation_accept",
    "invitation_mail",
    "invitation_revoke",
    "invitation_send_again",
    "organization_create",
    "role_add",
    "role_archive",
    "role_rename",
    "roles_change_rights",
    "roles_copy",
    "room_add",
    "room_archive",
    "room_change",
    "room_mark",
    "room_restore",
    "room_set_occupancy",
    "room_type_add",
    "room_type_archive",
    "room_type_change",
    "room_type_restore",
    "rooms_mark",
    "setup_finish",
    "staff_add",
    "staff_disable",
    "staff_enable",
    "staff_invite",
    "staff_remove",
    "staff_set_roles",
    "standard_roles_complete",
    "support_begin",
    "support_end",
    "tax_rate_add",
    "tax_rate_change",
]
