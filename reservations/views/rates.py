"""The prices of the base plan: seen night by night, set for many nights at once."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import ngettext

from pms.core.errors import DomainError
from pms.core.http import status_of
from pms.live.pages import page_context
from properties.http import add_error, at_hotel, require
from properties.models import Property
from reservations.forms import PricesForm
from reservations.fragments import PRICES_TOLD
from reservations.permissions import Permission
from reservations.selectors.offers import room_types_sold
from reservations.selectors.rates import NIGHTS, base_rate_plan, price_grid
from reservations.services.rates import base_prices_set


@at_hotel(Permission.RATE_VIEW, methods={"GET", "POST"})
def list_rates(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show two weeks of prices from the asked night on; set prices."""
    plan = base_rate_plan(hotel)
    data = request.POST if request.method == "POST" else None
    form = PricesForm(data, hotel=hotel, kinds=room_types_sold(hotel), first_time=plan is None)
    status = 200
    if request.method == "POST":
        require(request, hotel, Permission.RATE_CHANGE)
        status = _set(request, hotel, form)
        if status == 302:
            return redirect("reservations:list_rates", code=hotel.code)
    context = page_context(request, hotel.pk, topics=(PRICES_TOLD.topic(hotel.pk),))
    first = _first(request, hotel)
    context |= {
        "hotel": hotel,
        "form": form,
        "plan": plan,
        "grid": price_grid(hotel, plan, first),
        "earlier": first - dt.timedelta(days=NIGHTS),
        "later": first + dt.timedelta(days=NIGHTS),
    }
    return render(request, "reservations/rates.html", context, status=status)


def _set(request: HttpRequest, hotel: Property, form: PricesForm) -> int:
    if not form.is_valid():
        return 422
    asked = form.cleaned_data
    try:
        cells = base_prices_set(
            hotel=hotel,
            first=asked["first"],
            last=asked["last"],
            weekdays=frozenset(asked["weekdays"]),
            prices=form.prices,
            tax_percent=asked.get("tax"),
        )
    except DomainError as refusal:
        add_error(form, refusal)
        return status_of(refusal)
    said = ngettext("%(n)s price was set.", "%(n)s prices were set.", cells) % {"n": cells}
    messages.success(request, said)
    return 302


def _first(request: HttpRequest, hotel: Property) -> dt.date:
    try:
        return parse_date(request.GET.get("from", "")) or hotel.business_date
    except ValueError:
        return hotel.business_date
