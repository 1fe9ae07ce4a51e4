"""The way in: to the first hotel of a person, and to the first page of a hotel."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.selectors import hotels_of
from properties.shell import first_page


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the person's first hotel, or say that no hotel has invited her yet."""
    hotels = hotels_of(request.user)
    if hotels:
        return redirect("properties:open_hotel", code=hotels[0].code)
    return render(request, "properties/no_hotel.html")


@at_hotel(Permission.HOTEL_VIEW)
def open_hotel(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Lead to the first section that the person may enter here."""
    url = first_page(request, hotel)
    return redirect(url) if url else render(request, "properties/no_hotel.html")
