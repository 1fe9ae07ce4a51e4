"""A new booking: dates and people, offers, guest, done. The address holds what was asked and chosen."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.core.errors import DomainError
from pms.core.http import is_htmx, status_of
from pms.core.idempotency import Answer, InProgress, answered, once
from pms.core.templatetags.ui import money
from pms.live.pages import page_context
from properties.http import add_error, at_hotel, require
from properties.models import Property
from reservations.drafts import StayDraft
from reservations.errors import NotDueYet
from reservations.forms import GuestForm, StayForm
from reservations.models import Booking
from reservations.permissions import Permission
from reservations.selectors.booking import Cell, Grid, guest_known, guests_found, offer_grid, ways_out
from reservations.selectors.people import guests_named
from reservations.selectors.rows import stay_ids_of_booking
from reservations.services.bookings import booking_create
from reservations.services.front_desk import walk_in_create

PAGE = "reservations/booking.html"
ANSWER = "reservations/booking_answer.html"
# What may be said at the guest's fields; everything else is a conflict with the house.
AT_FIELD = frozenset({"last_name", "first_name", "email", "phone", "country", "notes"})


@at_hotel(Permission.RESERVATION_BOOK, methods={"GET", "POST"})
def create_booking(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show what can be offered for the asked stay; book the chosen offer."""
    if request.method == "POST":
        return _book(request, hotel)
    form = StayForm(request.GET, hotel=hotel) if "arrival" in request.GET else StayForm.opened(hotel)
    context = _context(request, hotel, form)
    if not is_htmx(request):
        return render(request, PAGE, context | {"guest": GuestForm()})
    # The fields stay as they are while somebody types in them, unless marks have to come or go.
    context["refill"] = request.headers.get("HX-Trigger") != "ask" or bool(form.errors) or "marked" in request.GET
    response = render(request, ANSWER, context)
    kept = {name: request.GET.get(name, "") for name in form.fields}
    response["HX-Push-Url"] = f"{request.path}?{urlencode(kept)}"
    return response


@at_hotel(Permission.RESERVATION_BOOK)
def choose_guest(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Find known guests as the name is typed, take one over, or go back to a new one; what was typed stays."""
    typed = GuestForm(request.GET)
    typed.is_valid()
    chosen = typed.cleaned_data.get("guest_id")
    form = GuestForm(initial={name: request.GET.get(name, "") for name in typed.fields})
    context: dict[str, Any] = {"hotel": hotel, "guest": form}
    if "find" in request.GET:
        context["matches"] = _matches(request, hotel)
        return render(request, "reservations/guest_form.html#matches", context)
    context["known"] = _known(request, hotel, chosen)
    return render(request, "reservations/guest_form.html", context)


def _matches(request: HttpRequest, hotel: Property) -> Any:
    """Return who is found; nobody to those who may not see guests: they book everybody as new."""
    if not guests_named(rights_at(request.user, hotel.pk)):
        return []
    text = " ".join(request.GET.get(name, "") for name in ("first_name", "last_name")).strip()
    return guests_found(hotel, request.GET.get("email", "") if request.GET["find"] == "email" else text)


def _known(request: HttpRequest, hotel: Property, pk: uuid.UUID | None) -> Any:
    """Return the known guest. Raises `NotAllowed` for those who may not see guests."""
    if pk is None:
        return None
    require(request, hotel, Permission.GUEST_VIEW)
    return guest_known(hotel, pk)


def _context(request: HttpRequest, hotel: Property, form: StayForm) -> dict[str, Any]:
    """Return what the page shows for the asked stay: the grid, the chosen offer, the address that says the same."""
    context = page_context(request, hotel.pk)
    context |= {"hotel": hotel, "form": form, "grid": None, "conflict": None}
    if form.is_valid():
        asked = form.cleaned_data
        context["grid"] = offer_grid(
            hotel=hotel,
            arrival=asked["arrival"],
            departure=asked["departure"],
            party=form.party,
            chosen=asked["offer"],
        )
    return context


def _book(request: HttpRequest, hotel: Property) -> HttpResponse:
    if _is_walk_in(request):
        require(request, hotel, Permission.RESERVATION_CHECK_IN)
    form, guest = StayForm(request.POST, hotel=hotel), GuestForm(request.POST)
    context = _context(request, hotel, form) | {"guest": guest}
    grid: Grid | None = context["grid"]
    if not guest.is_valid():
        context["known"] = _known(request, hotel, guest.cleaned_data.get("guest_id"))
        return _wrong(request, context)
    if earlier := answered(client=_client(request), key=str(guest.cleaned_data["key"])):
        return _booked(request, hotel, earlier.body)
    context["known"] = _known(request, hotel, guest.cleaned_data["guest_id"])
    if grid is None:
        return _conflict(request, context, {"title": _("These dates cannot be booked"), "alternatives": []})
    cell = grid.chosen or _wanted(grid, form)
    if cell is None:
        return _conflict(request, context, {"title": _("Choose a room and a plan first"), "alternatives": []})
    if price := _other_price(cell, guest):
        return _conflict(request, context, {"title": price, "alternatives": []})
    stay = form.draft(cell.offer, notes=guest.cleaned_data["notes"])
    try:
        facts = _take_once(request, hotel, guest, stay)
    except DomainError as refusal:
        if refusal.field in AT_FIELD:
            add_error(guest, refusal)
            return _wrong(request, context)
        return _refused(request, hotel, form, context, refusal)
    return _booked(request, hotel, facts)


def _booked(request: HttpRequest, hotel: Property, facts: dict[str, Any]) -> HttpResponse:
    """Say that the guest is booked, and lead to her stay."""
    said = _("%(guest)s is booked: %(number)s")
    if _is_walk_in(request):
        said = _("%(guest)s is booked and checked in: %(number)s")
    messages.success(request, said % facts)
    return _leave(request, reverse("reservations:open_reservation", args=[hotel.code, facts["stay"]]))


def _client(request: HttpRequest) -> str:
    """Return whose keys are meant: two people never share one."""
    return f"user:{request.user.pk}"


def _take_once(request: HttpRequest, hotel: Property, guest: GuestForm, stay: StayDraft) -> dict[str, Any]:
    """Book, and return guest, number and stay; the same opened page sent again gets the same, whatever it asks for.

    A browser gives up waiting before the house does: the clerk who then confirms again must not book twice.
    """

    def work() -> Answer:
        booking = _take(request, hotel, guest, stay)
        pk = stay_ids_of_booking(booking.pk)[0]
        return Answer(201, {"guest": str(booking.booker), "number": str(booking), "stay": str(pk)})

    key = guest.cleaned_data["key"]
    if key is None:
        return dict(work().body)
    try:
        answer = once(client=_client(request), key=str(key), request="booking", work=work, property_id=hotel.pk)
    except InProgress:
        raise InProgress(_("This booking is being written at this moment. Wait a second and confirm again.")) from None
    return dict(answer.body)


def _is_walk_in(request: HttpRequest) -> bool:
    """Tell whether the guest stands at the desk and gets the key at once."""
    return "walk_in" in request.POST


def _take(request: HttpRequest, hotel: Property, guest: GuestForm, stay: StayDraft) -> Booking:
    """Book the stay; a walk-in gets a ready room and the key in the same transaction, or nothing is booked."""
    if not _is_walk_in(request):
        return booking_create(hotel=hotel, booker=guest.draft(), stays=[stay], source="desk")
    if stay.arrival != hotel.business_date:
        raise NotDueYet(_("A walk-in arrives today. Nothing was booked; set the arrival to today, or book only."))
    return walk_in_create(hotel=hotel, booker=guest.draft(), stay=stay)


def _wanted(grid: Grid, form: StayForm) -> Cell | None:
    """Return the cell that was chosen though it cannot be sold any more: the service says why, with alternatives."""
    cells = (cell for line in grid.lines for cell in line.cells)
    return next((cell for cell in cells if cell.key == form.cleaned_data["offer"] and cell.offer.quote), None)


def _other_price(cell: Cell, guest: GuestForm) -> str:
    """Return a sentence if the price is another one than was shown when the guest said yes."""
    quote, quoted = cell.offer.quote, guest.cleaned_data["quoted"]
    if quote is None or quoted is None or quoted == quote.grand_total:
        return ""
    currency = cell.offer.rate_plan.property.currency
    prices = {"old": money(quoted, currency), "new": money(quote.grand_total, currency)}
    return _("The price changed from %(old)s to %(new)s while you were typing") % prices


def _refused(
    request: HttpRequest, hotel: Property, form: StayForm, context: dict[str, Any], refusal: DomainError
) -> HttpResponse:
    """Show what happened, what was not done and what could be booked instead, over the grid as it stands now."""
    fresh = _context(request, hotel, form)
    address = reverse("reservations:create_booking", args=[hotel.code])
    asked = {"adults": form.cleaned_data["adults"], "children": form.data.get("children", "")}
    ways = [
        (way, f"{address}?{urlencode({**way.asked(), **asked})}")
        for way in ways_out(hotel=hotel, party=form.party, alternatives=refusal.facts.get("alternatives", []))
    ]
    kept = {name: context[name] for name in ("guest", "known")}
    conflict: dict[str, Any] = {"title": str(refusal), "said": True, "alternatives": ways}
    if _is_walk_in(request):
        conflict["advice"] = _("Choose another type below, or book without checking in.")
    return _conflict(request, fresh | kept, conflict, status=status_of(refusal))


def _conflict(
    request: HttpRequest, context: dict[str, Any], conflict: dict[str, Any], *, status: int = 409
) -> HttpResponse:
    """Answer with the panel and the fresh grid; the guest's fields are not touched, so nothing typed is lost."""
    context["conflict"] = conflict
    if not is_htmx(request):
        return render(request, PAGE, context, status=status)
    response = render(request, ANSWER, context | {"refill": True}, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#offers", "outerHTML show:#booking-conflict:top"
    return response


def _wrong(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    template = "reservations/guest_form.html" if is_htmx(request) else PAGE
    return render(request, template, context, status=422)


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
