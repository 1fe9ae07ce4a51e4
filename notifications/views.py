"""The feed of the house, and the bell of one person."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pms.live.pages import audience_of, page_context
from properties.forms import KeysetForm
from properties.http import at_hotel
from properties.models import Property

from .permissions import Permission
from .selectors.bell import address_of, newest_rings, notification_of, unread_count
from .selectors.feed import feed
from .services import notification_read, notifications_read_all


@at_hotel(Permission.ACTIVITY_VIEW)
def activity(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show what happened, newest first; `?before=<number>` shows what is older."""
    asked = KeysetForm(request.GET)
    before = asked.cleaned_data["before"] if asked.is_valid() else None
    context = page_context(request, hotel.pk, topics=("activity_line", "activity_names"))
    context |= {"hotel": hotel, "feed": feed(context["audience"], before=before), "before": before}
    return render(request, "notifications/activity.html", context)


@at_hotel(Permission.ACTIVITY_VIEW)
def show_bell(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Answer with the list for the open bell; a page that heard the bell ring fetches the whole bell."""
    whole = request.headers.get("X-Live") == "refetch"
    return render(request, "notifications/bell.html" if whole else "notifications/panel.html", _rings(request, hotel))


@at_hotel(Permission.ACTIVITY_VIEW, methods={"POST"})
def read_all(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Note that all was read and answer with the bell."""
    notifications_read_all(user_id=_person(request), property_id=hotel.pk)
    return render(request, "notifications/bell.html", _rings(request, hotel))


@at_hotel(Permission.ACTIVITY_VIEW, methods={"POST"})
def open_notification(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Note that it was read and lead to where the matter is settled."""
    row = notification_of(request.user, hotel, pk)
    notification_read(notification_id=row.pk, user_id=_person(request))
    url = address_of(row, hotel, audience_of(request.user, hotel.pk))
    return redirect(url or reverse("notifications:list_activity", args=[hotel.code]))


def _person(request: HttpRequest) -> uuid.UUID:
    user: Any = request.user
    person: uuid.UUID = user.pk
    return person


def _rings(request: HttpRequest, hotel: Property) -> dict[str, Any]:
    audience = audience_of(request.user, hotel.pk)
    return {
        "hotel": hotel,
        "rings": newest_rings(request.user, hotel, audience),
        "unread": unread_count(request.user, hotel.pk, audience.rights),
    }
