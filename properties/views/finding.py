"""What the palette finds while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pms.live.pages import audience_of
from properties.finding import found
from properties.forms import FindForm
from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission


@at_hotel(Permission.HOTEL_VIEW)
def find(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Return the options that `?q=` means to this person; none for what nobody could have typed."""
    asked = FindForm(request.GET)
    text = asked.cleaned_data["q"] if asked.is_valid() else ""
    return render(request, "properties/found.html", {"hits": found(hotel, text, audience_of(request.user, hotel.pk))})
