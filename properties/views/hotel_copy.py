"""A further hotel, opened as the copy of one that runs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.accounts.proving import lately_proved
from pms.core.errors import DomainError
from properties.forms import CopyHotelForm
from properties.http import add_error, at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.places.selectors import copied_with
from properties.selectors import hotels_owned
from properties.services import hotel_copy


@at_hotel(Permission.HOTEL_CHANGE, methods={"GET", "POST"})
@lately_proved
def copy_hotel(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show what a copy takes along and open it: an owner's act, who owns the new hotel as well."""
    owns = hotel in hotels_owned(request.user)
    form = CopyHotelForm(request.POST or None, initial={"time_zone": hotel.time_zone, "with_rooms": True})
    if form.is_bound and not owns:
        form.add_error(None, _("Only an owner opens further hotels. Nothing was made."))
    if form.is_valid():
        try:
            facts = {"source_id": hotel.pk, "owner_id": request.user.pk, **form.cleaned_data}
            made = hotel_copy(**facts)
        except DomainError as error:
            add_error(form, error)
        else:
            words = _("%(name)s is open, set up as %(source)s. What it still lacks stands here.")
            messages.success(request, words % {"name": made.name, "source": hotel.name})
            return redirect("properties:open_setup", code=made.code)
    context = {"hotel": hotel, "form": form, "owns": owns, "counts": copied_with(hotel.pk)}
    return render(request, "properties/hotel_copy.html", context, status=422 if form.is_bound else 200)
