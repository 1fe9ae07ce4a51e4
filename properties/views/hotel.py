"""Settings of the hotel."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.errors import DomainError, StaleVersion
from properties.forms import HotelForm
from properties.http import add_error, at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.services import hotel_change
from properties.shell import SETTINGS


@at_hotel(Permission.HOTEL_CHANGE, methods={"GET", "POST"})
def change_hotel(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Change name, times and accent; what somebody else saved meanwhile is merged, or both values are shown."""
    if request.method == "GET":
        return _page(request, hotel, HotelForm.of(hotel))
    form = HotelForm(request.POST)
    if not form.is_valid():
        return _page(request, hotel, form, status=422)
    try:
        hotel_change(
            property_id=hotel.pk,
            values=form.values(),
            originals=form.originals(),
            seen_version=form.cleaned_data["version"],
        )
    except StaleVersion as conflict:
        return _page(request, hotel, form.after_conflict(conflict), conflict=conflict, status=409)
    except DomainError as error:
        add_error(form, error)
        return _page(request, hotel, form, status=422)
    messages.success(request, _("The settings are saved."))
    return redirect("properties:change_hotel", code=hotel.code)


def _page(
    request: HttpRequest, hotel: Property, form: HotelForm, *, conflict: StaleVersion | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "hotel": hotel,
        "form": form,
        "conflicts": form.differences(conflict) if conflict else [],
        # The administration lets in whom the flag marks, whatever rights a person holds.
        "lists": [entry.provider() for entry in slots.entries(SETTINGS)] if request.user.is_staff else [],
    }
    return render(request, "properties/hotel.html", context, status=status)
