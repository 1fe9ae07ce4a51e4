"""Sentences of selling and of the front desk. Guests are named only to people who may see guests."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.origins import origin_name
from pms.core.templatetags.ui import short_day
from pms.live.fragments import Audience
from properties.permissions import Permission as HotelPermission
from reservations.models import Booking, RatePlan, Reservation
from reservations.permissions import Permission
from reservations.selectors.people import guests_named, name_of

from .lines import Happening, Line, named, quiet, room_numbers, say

ACTS = ("amended", "cancelled", "assigned", "unassigned", "checked_in", "checked_out")
LOOKS = {
    "reservation.cancelled": ("ban", "red"),
    "reservation.assigned": ("bed-double", "blue"),
    "reservation.checked_in": ("log-in", "green"),
    "reservation.checked_out": ("log-out", "grey"),
    "reservation.check_in_undone": ("undo-2", "amber"),
    "reservation.check_out_undone": ("undo-2", "amber"),
}


def declare() -> None:
    """Say what the events of reservations mean; called once when the app is ready."""
    say(bookings, "booking.created", "alert.channel_booking")
    say(stays, *(f"reservation.{act}" for act in (*ACTS, "check_in_undone", "check_out_undone")))
    say(needs_a_decision, "alert.overbooked", "alert.unmapped", right=Permission.RESERVATION_VIEW)
    say(changed_bookings, "booking.changed", right=Permission.RESERVATION_VIEW)
    say(plans, "rate_plan.changed", right=Permission.RATE_VIEW)
    say(closed_rooms, *(f"out_of_order.{act}" for act in ("set", "changed", "ended")), right=HotelPermission.ROOM_VIEW)
    say(prices, "rates.set", right=Permission.RATE_VIEW)
    say(quiet, "reservation.created", "availability.moved")  # said by the booking; counters are for machines


def bookings(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about new bookings, in two queries."""
    found = Booking.objects.filter(pk__in=[event.object_id for event in events]).select_related("booker")
    booked = {one.pk: one for one in found.prefetch_related("reservations__room_type")}
    lines = {}
    for event in events:
        booking = booked.get(event.object_id) if event.object_id else None
        if booking is not None:
            lines[event.key] = _booking(event, booking, audience)
    return lines


def _booking(event: Happening, booking: Booking, audience: Audience) -> Line:
    named = guests_named(audience.rights)
    rooms = sorted(booking.reservations.all(), key=lambda stay: stay.number)
    what = ngettext("%(n)s room", "%(n)s rooms", len(rooms)) % {"n": len(rooms)}
    if len(rooms) == 1 and rooms[0].room_type:
        what = rooms[0].room_type.name
    facts = {
        "name": booking.booker,
        "what": what,
        "when": _nights(rooms),
        "source": origin_name(booking.external_system),
    }
    text = _("%(name)s booked: %(what)s, %(when)s") if named else _("New booking: %(what)s, %(when)s")
    if booking.external_system:
        text = _("%(source)s: %(what)s, %(when)s, for %(name)s") if named else _("%(source)s: %(what)s, %(when)s")
    url = ""
    if rooms and Permission.RESERVATION_VIEW in audience.rights:
        url = reverse("reservations:open_reservation", args=[event.hotel_code, rooms[0].pk])
    return Line(text % facts, url, "waypoints" if booking.external_system else "calendar-plus", "blue")


def _nights(rooms: Sequence[Reservation]) -> str:
    if not rooms:
        return "–"
    first, last = min(room.arrival for room in rooms), max(room.departure for room in rooms)
    return f"{short_day(first)} – {short_day(last)}"


def stays(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about stays, in two queries."""
    guests = _guests(events) if guests_named(audience.rights) else {}
    open_to = Permission.RESERVATION_VIEW in audience.rights
    numbers = room_numbers(event.uuid("room_id") for event in events)
    lines = {}
    for event in events:
        guest = guests.get(event.object_id) if event.object_id else None
        words = _words(event.code) if guest else _words_without_a_name(event.code)
        icon, tone = LOOKS.get(event.code, ("calendar-range", "violet"))
        url = ""
        if open_to and event.object_id:
            url = reverse("reservations:open_reservation", args=[event.hotel_code, event.object_id])
        facts = {"guest": guest, "room": numbers.get(event.uuid("room_id"), "–")}
        lines[event.key] = Line(words % facts, url, icon, tone)
    return lines


def _guests(events: Sequence[Happening]) -> Mapping[uuid.UUID, str]:
    stays = Reservation.objects.filter(pk__in=[event.object_id for event in events]).select_related("guest")
    return {stay.pk: stay.guest.full_name for stay in stays}


def _words(code: str) -> str:
    return {
        "reservation.amended": _("The stay of %(guest)s was changed"),
        "reservation.cancelled": _("The stay of %(guest)s was cancelled"),
        "reservation.assigned": _("%(guest)s gets room %(room)s"),
        "reservation.unassigned": _("%(guest)s has no room any more"),
        "reservation.checked_in": _("%(guest)s checked in to room %(room)s"),
        "reservation.checked_out": _("%(guest)s checked out of room %(room)s"),
        "reservation.check_in_undone": _("The check-in of %(guest)s to room %(room)s was taken back"),
        "reservation.check_out_undone": _("The check-out of %(guest)s from room %(room)s was taken back"),
    }[code]


def _words_without_a_name(code: str) -> str:
    return {
        "reservation.amended": _("A stay was changed"),
        "reservation.cancelled": _("A stay was cancelled"),
        "reservation.assigned": _("Room %(room)s was given to a stay"),
        "reservation.unassigned": _("A stay has no room any more"),
        "reservation.checked_in": _("A guest checked in to room %(room)s"),
        "reservation.checked_out": _("A guest checked out of room %(room)s"),
        "reservation.check_in_undone": _("A check-in to room %(room)s was taken back"),
        "reservation.check_out_undone": _("A check-out from room %(room)s was taken back"),
    }[code]


def needs_a_decision(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about stays that somebody must house or match, in one query."""
    stays = Reservation.objects.filter(pk__in=[event.object_id for event in events])
    found = {stay.pk: stay for stay in stays.select_related("guest", "room_type")}
    lines = {}
    for event in events:
        stay = found.get(event.object_id) if event.object_id else None
        if stay is None:
            continue
        who = name_of(stay, named=guests_named(audience.rights))
        facts = {"guest": who, "kind": stay.room_type or _("House"), "day": short_day(stay.arrival)}
        text = _("%(kind)s overbooked on %(day)s: %(guest)s has no bed")
        if event.code == "alert.unmapped":
            text = _("Room or rate not mapped: %(guest)s, from %(day)s")
        url = reverse("reservations:open_reservation", args=[event.hotel_code, stay.pk])
        icon = "triangle-alert" if event.code == "alert.overbooked" else "waypoints"
        lines[event.key] = Line(text % facts, url, icon, "red")
    return lines


def prices(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about prices."""
    text = _("Prices from %(first)s to %(last)s were set")
    return {
        event.key: Line(text % {"first": event.date("first"), "last": event.date("last")}, icon="tag")
        for event in events
    }


def changed_bookings(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about bookings whose booker or notes were changed, in one query."""
    return named(events, Booking, "number", {"booking.changed": _("Booking %s was changed")}, icon="pencil")


def plans(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about rate plans, in one query."""
    return named(events, RatePlan, "name", {"rate_plan.changed": _("The rate plan %s was changed")}, icon="pencil")


def closed_rooms(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about rooms that are out of order or out of service, in one query."""
    numbers = room_numbers(event.uuid("room_id") for event in events)
    words = {
        "out_of_order.set": (_("Room %(room)s is closed from %(first)s to %(last)s"), "amber"),
        "out_of_order.changed": (_("Room %(room)s is now closed from %(first)s to %(last)s"), "amber"),
        "out_of_order.ended": (_("Room %(room)s is open again"), "green"),
    }
    lines = {}
    for event in events:
        text, tone = words[event.code]
        facts = {name: event.date(name) or "?" for name in ("first", "last")}
        facts["room"] = numbers.get(event.uuid("room_id"), "?")
        url = reverse("reservations:list_closed_rooms", args=[event.hotel_code])
        lines[event.key] = Line(text % facts, url, "wrench", tone)
    return lines
