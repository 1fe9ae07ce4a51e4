"""The page of the day, where the desk begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pms.accounts.access import rights_at
from pms.live.pages import page_context
from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission as HotelPermission
from properties.views import open_hotel
from reservations.permissions import Permission
from reservations.selectors.today import day_counts, day_floors, day_lists, day_work, figures_of

TOPICS = (
    *("arrival_row", "departure_row", "in_house_row", "work_item", "room_cell"),
    *("day_figures", "day_lead", "arrivals_count", "arrivals_none"),
)


@at_hotel(HotelPermission.HOTEL_VIEW)
def today(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the day to whoever may see reservations; everybody else begins at her own first section."""
    if Permission.RESERVATION_VIEW not in rights_at(request.user, hotel.pk):
        return open_hotel(request, code=hotel.code)
    context = page_context(request, hotel.pk, topics=TOPICS)
    context |= {
        "hotel": hotel,
        "lists": day_lists(hotel, context["audience"]),
        "work": day_work(hotel, context["audience"]),
        "floors": day_floors(hotel) if HotelPermission.ROOM_VIEW in context["audience"].rights else [],
        "figures": figures_of(hotel),
        "counts": day_counts([hotel.pk], context["audience"])[hotel.pk],
    }
    return render(request, "reservations/today.html", context)
