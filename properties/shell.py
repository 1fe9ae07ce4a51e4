"""The frame around every page: the hotel at work, the way to the others, the sections a person may enter.

Sections come through the slot "navigation": an entry's provider is called with `(request, hotel)` and returns a dict
with `label`, `icon`, `url` and optionally `count`, `tone`, `key`, `short`, `primary` (bottom bar of the phone),
`apart` (a gap above), `piece` and `row` (the fragment that keeps the count fresh), or None to stay away; the entry's
`right` hides it, its `order` sorts. A section holds the pages below its `url`, and those below the addresses in
`within`; with `exact` only the page at `url` itself.

Through the slot "settings" the settings page learns which lists of the administration belong to it: a provider is
called with nothing and returns a dict with `label`, `icon`, `text` (one sentence) and `url`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.api.permissions import Permission as ApiPermission
from pms.core import slots
from pms.core.templatetags.ui import initials
from pms.live import context
from pms.live.fragments import Audience

from . import finding
from .background import work_count_of
from .clock import next_turn
from .models import Property
from .permissions import Permission
from .selectors import hotel_by_id, hotels_of, membership_at, role_labels

NAVIGATION = "navigation"
# The letter that leads to a section after G: the map of all such keys, so that no two sections want the same one.
GO = {
    "today": "t",
    "room_plan": "p",
    "reservations": "r",
    "folios": "f",
    "night_audit": "n",
    "rates": "e",
    "my_rooms": "m",
    "rooms": "o",
    "channels": "c",
    "activity": "v",
    "staff": "s",
    "settings": "h",
    "api_clients": "i",
    "audit": "a",
    "background": "b",
    "closed_rooms": "l",
}
SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class BusinessDay:
    """The hotel's own day in the top bar, and the calendar's at the same moment."""

    pk: uuid.UUID
    business_date: dt.date
    local_date: dt.date

    @classmethod
    def at(cls, hotel: Property) -> BusinessDay:
        """Return the day of `hotel` now."""
        return cls(hotel.pk, hotel.business_date, hotel.local_now().date())


def business_days(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, BusinessDay]:
    """Return the day of the audience's hotel, if it is asked for."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: BusinessDay.at(hotel_by_id(audience.property_id))}


def declare() -> None:
    """Fill the shell's slot and our own sections into the navigation; called once when the app is ready."""
    slots.register(context.SLOT, slots.Entry(code="hotel", provider=shell))
    for code, right, order, provider in (
        ("rooms", Permission.ROOM_VIEW, 45, _rooms),
        ("staff", Permission.STAFF_VIEW, 90, _staff),
        ("settings", Permission.HOTEL_CHANGE, 92, _settings),
        ("api_clients", ApiPermission.API_CLIENT_VIEW, 93, _api_clients),
        ("audit", Permission.AUDIT_VIEW, 94, _audit),
        ("background", Permission.WORK_MANAGE, 96, _background),
    ):
        slots.register(NAVIGATION, slots.Entry(code=code, provider=provider, right=right, order=order))
    slots.register(SETTINGS, slots.Entry(code="tax_rates", provider=_tax_rates, order=10))
    slots.register(SETTINGS, slots.Entry(code="city_taxes", provider=_city_taxes, order=20))
    finding.declare()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what `templates/base.html` draws around the page of `request`."""
    hotel: Property | None = getattr(request, "hotel", None)
    frame: dict[str, Any] = {
        "hotels": [
            {
                "code": other.code,
                "name": other.name,
                "url": reverse("properties:open_hotel", args=[other.code]),
                "current": hotel is not None and other.pk == hotel.pk,
            }
            for other in hotels_of(request.user)
        ],
        "user": _user(request, hotel),
        "menu": _menu(request),
    }
    if hotel is None:
        return frame
    return frame | {
        "hotel": {
            "code": hotel.code,
            "name": hotel.name,
            "logo_url": logo_url(hotel),
            "day": BusinessDay.at(hotel),
            "accent_hue": hotel.accent_hue,
        },
        "nav": navigation(request, hotel),
        "begin": finding.beginnings(hotel, rights_at(request.user, hotel.pk)),
        "find_url": reverse("properties:find_anything", args=[hotel.code]),
        "live_url": f"/ws/h/{hotel.code}/",
        "clock": _clock(hotel),
        "zone": hotel.zone.key,
    }


def _clock(hotel: Property) -> dict[str, int]:
    """Return the present moment, and when the hotel's clock turns what pages show (milliseconds since 1970)."""
    now = timezone.now()
    return {name: int(at.timestamp() * 1000) for name, at in (("now", now), ("turns", next_turn(now, hotel.zone)))}


def logo_url(hotel: Property) -> str:
    """Return the address of the hotel's logo, which names its content; empty without one."""
    return f"{reverse('properties:show_logo', args=[hotel.code])}?v={hotel.logo}" if hotel.logo else ""


def navigation(request: HttpRequest, hotel: Property) -> list[dict[str, Any]]:
    """Return the sections that this person may enter, in order; the one that holds the page is `current`."""
    items = []
    for entry in slots.entries(NAVIGATION, rights=rights_at(request.user, hotel.pk)):
        item = entry.provider(request, hotel)
        if item is not None:
            items.append({"code": entry.code, "current": False, "go": GO.get(entry.code, ""), **item})
    nearest = max(items, key=lambda item: _nearness(item, request.path), default=None)
    if nearest is not None and _nearness(nearest, request.path):
        nearest["current"] = True
    return items


def _nearness(item: dict[str, Any], path: str) -> int:
    """Return how much of `path` the section's own addresses cover; 0: the page is not in it."""
    if path == item["url"]:
        return len(path)
    below = [*item.get("within", ()), *(() if item.get("exact") else (item["url"],))]
    return max((len(address) for address in below if path.startswith(address)), default=0)


def first_page(request: HttpRequest, hotel: Property) -> str | None:
    """Return the address a person begins with at the hotel: her first section."""
    items = navigation(request, hotel)
    return str(items[0]["url"]) if items else None


def _user(request: HttpRequest, hotel: Property | None) -> dict[str, str]:
    user: Any = request.user
    member = membership_at(user, hotel.pk) if hotel is not None else None
    roles = role_labels(member) if member else []
    if not roles and user.is_superuser:
        roles = [_("Administrator")]
    return {"display_name": str(user), "initials": initials(str(user)), "role_label": ", ".join(roles)}


def _menu(request: HttpRequest) -> list[dict[str, str]]:
    entries = [
        {"url": reverse("account_change_password"), "icon": "key-round", "label": _("Password")},
        {"url": reverse("mfa_index"), "icon": "shield-check", "label": _("Second step")},
        {"url": reverse("account_language"), "icon": "languages", "label": _("Language")},
        {"url": reverse("usersessions_list"), "icon": "laptop", "label": _("My devices")},
    ]
    if getattr(request.user, "is_staff", False):
        entries.append({"url": reverse("admin:index"), "icon": "database", "label": _("Administration")})
    return entries


def _rooms(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("properties:list_rooms", args=[hotel.code])
    return {"label": _("Rooms"), "icon": "bed-double", "url": url, "primary": True}


def _staff(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("properties:list_staff", args=[hotel.code])
    return {"label": _("Staff"), "icon": "users", "url": url, "apart": True}


def _settings(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("properties:change_hotel", args=[hotel.code])
    return {"label": _("Settings"), "icon": "settings-2", "url": url}


def _api_clients(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("properties:list_api_clients", args=[hotel.code])
    return {"label": _("Programs"), "icon": "key-round", "url": url}


def _audit(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    url = reverse("properties:list_audit", args=[hotel.code])
    return {"label": _("Audit log"), "icon": "history", "url": url}


def _background(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    count = work_count_of(hotel.pk)
    return {
        "label": _("Background work"),
        "icon": "workflow",
        "url": reverse("properties:list_work", args=[hotel.code]),
        "count": count.count,
        "tone": "red",
        "piece": "work_count",
        "row": count,
    }


def _tax_rates() -> dict[str, Any]:
    text = _("Value added tax by date: each night finds the rate of its own day.")
    return {
        "label": _("Tax rates"),
        "icon": "percent",
        "text": text,
        "url": reverse("admin:properties_taxrate_changelist"),
    }


def _city_taxes() -> dict[str, Any]:
    text = _("What the city takes per person and night, from which age, for how many nights.")
    url = reverse("admin:properties_citytax_changelist")
    return {"label": _("City tax"), "icon": "landmark", "text": text, "url": url}
