"""Sentences of the hotel's own events: rooms, room types, staff, the day."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from pms.accounts.models import SupportVisit
from pms.core.templatetags.ui import condition_look, day
from pms.events.models import StreamEvent
from pms.live.fragments import Audience
from properties.background import receiver_name, what_happened
from properties.models import Invitation, Membership, RoomType
from properties.permissions import Permission

from .lines import Happening, Line, by_request, named, quiet, room_numbers, say

TONES = {"dirty": "red", "clean": "blue", "inspected": "green", "touch_up": "amber"}


def declare() -> None:
    """Say what our lower app's events mean; called once when the app is ready."""
    say(rooms, "room.marked", right=Permission.ROOM_VIEW, fold=_by_condition)
    say(
        rooms,
        "room.added",
        "room.changed",
        "room.archived",
        "room.restored",
        right=Permission.ROOM_VIEW,
        fold=by_request,
    )
    say(room_types, "room_type.added", "room_type.changed", right=Permission.ROOM_VIEW)
    say(room_types, "room_type.archived", "room_type.restored", "room_type.photos_changed", right=Permission.ROOM_VIEW)
    say(types_planned, "room.type_planned", right=Permission.ROOM_VIEW)
    codes = ("staff.added", "staff.roles_set", "staff.disabled", "staff.enabled", "staff.removed")
    say(staff, *codes, right=Permission.STAFF_VIEW)
    say(invitations, "staff.invited", "staff.invitation_revoked", right=Permission.STAFF_VIEW)
    say(visits, "support_visit.started", "support_visit.ended", right=Permission.STAFF_VIEW)
    say(house, "property.opened", "property.settings_changed", "business_date.rolled")
    say(
        standing_work,
        "delivery.parked",
        right=Permission.WORK_MANAGE,
        fold=_by_receiver,
    )
    say(quiet, "room.occupancy_set")  # said by the check-in or the check-out


def _by_condition(event: StreamEvent) -> str:
    """Fold a night's many marks, each condition for itself."""
    changed = event.payload.get("changes", {}).get("condition", ("", ""))
    return event.request_id and f"{event.request_id}/{changed[-1]}"


def _by_receiver(event: StreamEvent) -> str:
    return str(event.payload.get("receiver", ""))


def rooms(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about rooms, in one query."""
    numbers = room_numbers(event.object_id for event in events)
    return {event.key: _room(event, numbers.get(event.object_id, "?")) for event in events}


def _room(event: Happening, number: str) -> Line:
    url = reverse("properties:list_rooms", args=[event.hotel_code]) + f"#room-card-{event.object_id}"
    if event.code == "room.marked":
        condition = str(event.became("condition"))
        look = condition_look(condition)
        text = _("Room %(room)s is now: %(condition)s") % {"room": number, "condition": look.words}
        return Line(text, url, look.icon, TONES.get(condition, "grey"))
    words = {
        "room.added": _("Room %s was added"),
        "room.changed": _("Room %s was changed"),
        "room.archived": _("Room %s was taken out of use"),
        "room.restored": _("Room %s is in the house again"),
    }
    return Line(words[event.code] % number, url, "bed-double")


def types_planned(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about rooms that will be of another type, in one query."""
    numbers = room_numbers(event.object_id for event in events)
    lines = {}
    for event in events:
        facts = {"room": numbers.get(event.object_id, "?"), "day": event.date("since") or "?"}
        text = _("Room %(room)s will be of another type from %(day)s on") % facts
        url = reverse("properties:list_rooms", args=[event.hotel_code]) + f"#room-card-{event.object_id}"
        lines[event.key] = Line(text, url, "layers")
    return lines


def room_types(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about room types, in one query."""
    words = {
        "room_type.added": _("The room type %s was added"),
        "room_type.changed": _("The room type %s was changed"),
        "room_type.archived": _("The room type %s was taken out of use"),
        "room_type.restored": _("The room type %s is in use again"),
        "room_type.photos_changed": _("The photos of %s were changed"),
    }
    return named(events, RoomType, "name", words, icon="layers")


def staff(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about staff, in one query."""
    members = Membership.objects.filter(pk__in=[event.object_id for event in events]).select_related("user")
    names = {member.pk: str(member.user) for member in members}
    words = {
        "staff.added": _("%s works here now"),
        "staff.roles_set": _("%s has other roles now"),
        "staff.disabled": _("%s was shut out"),
        "staff.enabled": _("%s may come in again"),
        "staff.removed": _("%s does not work here any more"),
    }
    found = {}
    for event in events:
        name = names.get(event.object_id) if event.object_id else None
        url = reverse("properties:list_staff", args=[event.hotel_code])
        found[event.key] = Line(words[event.code] % (name or _("A colleague")), url, "users")
    return found


def invitations(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about people who are asked to work here, in one query."""
    found = Invitation.objects.filter(pk__in=[event.object_id for event in events])
    names = {invitation.pk: invitation.name for invitation in found}
    words = {
        "staff.invited": _("%s is invited to work here"),
        "staff.invitation_revoked": _("The invitation of %s was taken back"),
    }
    lines = {}
    for event in events:
        name = names.get(event.object_id) if event.object_id else None
        url = reverse("properties:list_staff", args=[event.hotel_code])
        lines[event.key] = Line(words[event.code] % (name or _("A colleague")), url, "mail")
    return lines


def visits(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about support acting in somebody's name, in one query."""
    found = SupportVisit.objects.filter(pk__in=[event.object_id for event in events])
    by_key = {visit.pk: visit for visit in found.select_related("supporter", "user")}
    lines = {}
    for event in events:
        visit = by_key.get(event.object_id) if event.object_id else None
        facts = {"support": visit and visit.supporter, "name": visit and visit.user, "why": visit and visit.reason}
        words = _("%(support)s (support) acts for %(name)s: %(why)s")
        if event.code == "support_visit.ended":
            words = _("%(support)s (support) no longer acts for %(name)s")
        url = reverse("properties:list_staff", args=[event.hotel_code])
        lines[event.key] = Line(words % facts, url, "user-cog", "amber")
    return lines


def standing_work(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about what could not be delivered."""
    lines = {}
    for event in events:
        receiver, happened = str(event.payload.get("receiver", "?")), str(event.payload.get("event", "?"))
        facts = {"who": receiver_name(receiver), "what": what_happened(happened)}
        text = _("%(who)s: could not be done (%(what)s). It waits for you") % facts
        url = reverse("properties:list_work", args=[event.hotel_code])
        lines[event.key] = Line(text, url, "workflow", "red")
    return lines


def house(events: Sequence[Happening], audience: Audience) -> dict[int, Line]:
    """Return the sentences about the hotel itself."""
    found = {}
    for event in events:
        if event.code == "business_date.rolled":
            date = parse_date(str(event.became("business_date")))
            found[event.key] = Line(_("The business date is now %s") % day(date), icon="calendar-days", tone="violet")
        elif event.code == "property.opened":
            found[event.key] = Line(_("The hotel was opened"), icon="hotel", tone="green")
        else:
            found[event.key] = Line(_("The settings of the hotel were changed"), icon="settings-2")
    return found
