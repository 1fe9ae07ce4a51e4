"""The list of reservations."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pms.live.pages import page_context
from properties.http import at_hotel
from properties.models import Property
from reservations.forms import ListForm
from reservations.fragments import RESERVATION_ROW
from reservations.permissions import Permission
from reservations.selectors.lists import reservations_found


@at_hotel(Permission.RESERVATION_VIEW)
def list_reservations(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the reservations that match the address; without any filter those from the business date on."""
    asked = request.GET or {"first": hotel.business_date.isoformat()}
    form = ListForm(asked)
    kept = request.GET.copy()
    kept.pop("after", None)
    context = page_context(request, hotel.pk, topics=(RESERVATION_ROW.list_topic(kept.urlencode()),))
    context |= {
        "hotel": hotel,
        "form": form,
        "found": reservations_found(hotel, form.search(), context["audience"]),
        "query": kept.urlencode(),
        "filtered": any(kept.values()),
    }
    return render(request, "reservations/reservations.html", context)
