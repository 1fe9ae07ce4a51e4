"""What a partner's token may be good for here, and which rights each scope stands for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pms.api import scopes
from properties.permissions import Permission

scopes.register("properties.read", rights=[Permission.HOTEL_VIEW], label=_("Read the hotel and its settings"))
scopes.register(
    "properties.write", rights=[Permission.HOTEL_VIEW, Permission.HOTEL_CHANGE], label=_("Change the hotel's settings")
)
scopes.register("rooms.read", rights=[Permission.ROOM_VIEW], label=_("Read room types and rooms"))
scopes.register(
    "rooms.write",
    rights=[Permission.ROOM_VIEW, Permission.ROOM_MARK, Permission.ROOM_INSPECT],
    label=_("Mark rooms: dirty, clean, inspected, touch-up"),
)
scopes.register(
    "rooms.manage",
    rights=[Permission.ROOM_VIEW, Permission.ROOM_CHANGE],
    label=_("Change what room types and rooms are"),
)

scopes.register_object("property", "properties.read")
scopes.register_object("room_type", "rooms.read")
scopes.register_object("room", "rooms.read")
# Members of the staff are persons, and no scope reads them.
scopes.keep_private("membership", "invitation", "support_visit")
