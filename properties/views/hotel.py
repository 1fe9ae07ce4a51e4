"""Settings of the hotel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.forms import save_merged
from properties.forms import HotelForm
from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.picture_forms import LogoForm
from properties.services import hotel_change
from properties.shell import SETTINGS, logo_url


@at_hotel(Permission.HOTEL_CHANGE, methods={"GET", "POST"})
def change_hotel(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Change name, times and accent; what somebody else saved meanwhile is merged, or both values are shown."""
    if request.method == "GET":
        return _page(request, hotel, HotelForm.of(hotel))
    outcome = save_merged(HotelForm(request.POST), partial(hotel_change, property_id=hotel.pk))
    if outcome.row is None:
        return _page(request, hotel, outcome.form, conflicts=outcome.conflicts, status=outcome.status)
    messages.success(request, _("The settings are saved."))
    return redirect("properties:change_hotel", code=hotel.code)


def _page(
    request: HttpRequest, hotel: Property, form: HotelForm, *, conflicts: Sequence[Any] = (), status: int = 200
) -> HttpResponse:
    context = {
        "hotel": hotel,
        "form": form,
        "conflicts": conflicts,
        "logo": LogoForm(),
        "logo_url": logo_url(hotel),
        # The administration lets in whom the flag marks, whatever rights a person holds.
        "lists": [entry.provider() for entry in slots.entries(SETTINGS)] if request.user.is_staff else [],
    }
    return render(request, "properties/hotel.html", context, status=status)
