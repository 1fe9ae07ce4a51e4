"""What happened to one row: the piece that its page asks for when somebody opens its history."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pms.accounts.access import rights_at
from properties.history import history_kind, history_lines
from properties.http import at_hotel, require
from properties.models import Property
from properties.permissions import Permission


@at_hotel(Permission.HOTEL_VIEW)
def history(request: HttpRequest, hotel: Property, kind: str, pk: uuid.UUID) -> HttpResponse:
    """Answer with the lines of the row's history, to whom its own page is open."""
    require(request, hotel, history_kind(kind).right)
    lines = history_lines(hotel, kind, pk, rights=rights_at(request.user, hotel.pk))
    return render(request, "components/history_lines.html", {"lines": lines})
