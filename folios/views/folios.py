"""The list of folios, and one folio: its windows, what is charged to them, what is paid."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from folios.forms import ChargeForm, PaymentForm, PlaceForm, ReverseForm, WindowForm
from folios.fragments import FOLIO_HEAD, FOLIO_WINDOW, list_of, show_of
from folios.models import Folio, TransactionCode
from folios.permissions import Permission
from folios.selectors.books import PAYMENTS, codes_of
from folios.selectors.folios import folio_for, payer_of, posting_for, window_balances
from folios.selectors.sheets import folio_heads, folios_shown, sheets, window_ids_of
from folios.services.books import NEEDED
from folios.services.folios import folio_window_add
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from pms.accounts.access import rights_at
from pms.core.errors import DomainError, InvalidValue
from pms.core.http import status_of
from pms.core.money import quantize
from pms.core.templatetags.ui import money
from pms.live.pages import page_context
from properties.http import add_error, at_hotel
from properties.models import Property
from reservations.selectors.people import guests_named

from .answers import into_dialog, posting_of, said, undo_url


@at_hotel(Permission.FOLIO_VIEW)
def folios(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the folios of guests in house, of those who left with a balance, or all; `?after=<place>` goes on below."""
    show = show_of(request.GET)
    rows = list_of(show)
    context = page_context(request, hotel.pk, topics=(rows.list_topic(urlencode({"show": show})),))
    found = folios_shown(context["audience"], show, after=_after(request))
    further = urlencode({"show": show, "after": found.end}) if found.end else ""
    context |= {"hotel": hotel, "found": found, "show": show, "piece": rows.name, "further": further}
    return render(request, "folios/folios.html", context)


def _after(request: HttpRequest) -> str:
    asked = PlaceForm(request.GET)
    return str(asked.cleaned_data["after"]) if asked.is_valid() else ""


@at_hotel(Permission.FOLIO_VIEW)
def open_folio(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Show one folio; head and windows are live pieces, the forms beside them stay as they are being typed in."""
    folio = folio_for(request.user, Permission.FOLIO_VIEW, hotel, pk)
    windows = window_ids_of(folio.pk)
    topics = (FOLIO_HEAD.topic(folio.pk), FOLIO_WINDOW.list_topic(str(folio.pk)))
    context = page_context(request, hotel.pk, topics=topics)
    shown = sheets(windows, context["audience"])
    context |= {
        "hotel": hotel,
        "folio": folio,
        "head": folio_heads([folio.pk], context["audience"])[folio.pk],
        "windows": list(shown.values()),
        "charge_form": _charge_form(request, folio),
        "payment_form": _payment_form(request, folio),
    }
    return render(request, "folios/folio.html", context)


@at_hotel(Permission.FOLIO_POST, methods={"POST"})
def post_charge(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Charge something and answer with a fresh form; for ten seconds it can be taken back."""
    folio = folio_for(request.user, Permission.FOLIO_POST, hotel, pk)
    form = _charge_form(request, folio, data=request.POST)
    if not form.is_valid():
        return _charge(request, hotel, folio, form, status=422)
    data = form.cleaned_data
    line = Line(
        data["transaction_code"],
        data["amount"],
        quantity=data["quantity"],
        description=data["description"],
        natural_key=form.natural_key,
    )
    try:
        posting = charge_post(folio_id=folio.pk, line=line, window=data["window"])
    except DomainError as error:
        add_error(form, error)
        return _charge(request, hotel, folio, form, status=status_of(error))
    words = _("%(what)s, %(amount)s is posted.") % {
        "what": posting.description,
        "amount": money(posting.gross, folio.currency),
    }
    return said(
        _charge(request, hotel, folio, _charge_form(request, folio)), words, undo=undo_url(hotel, folio, posting)
    )


@at_hotel(Permission.FOLIO_POST, methods={"POST"})
def take_payment(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take money and answer with a fresh form; for ten seconds it can be taken back."""
    folio = folio_for(request.user, Permission.FOLIO_POST, hotel, pk)
    form = _payment_form(request, folio, data=request.POST)
    if not form.is_valid():
        return _payment(request, hotel, folio, form, status=422)
    data = form.cleaned_data
    try:
        posting = payment_take(
            folio_id=folio.pk,
            method=data["method"],
            amount=data["amount"],
            window=data["window"],
            reference=data["reference"],
            natural_key=form.natural_key,
        )
    except DomainError as error:
        add_error(form, error)
        return _payment(request, hotel, folio, form, status=status_of(error))
    words = _("%(amount)s received: %(means)s.") % {
        "amount": money(-posting.gross, folio.currency),
        "means": posting.description,
    }
    return said(
        _payment(request, hotel, folio, _payment_form(request, folio)), words, undo=undo_url(hotel, folio, posting)
    )


@at_hotel(Permission.FOLIO_POST, methods={"POST"})
def undo_posting(request: HttpRequest, hotel: Property, pk: uuid.UUID, token: str) -> HttpResponse:
    """Take back what was posted a moment ago: the signed token names it."""
    folio = folio_for(request.user, Permission.FOLIO_POST, hotel, pk)
    posting = posting_of(token, folio)
    if posting is None:
        raise InvalidValue(_("It was too late to take that back. The folio stays as it is."))
    posting_reverse(folio_id=folio.pk, posting_id=posting, reason=_("Undone at once"))
    return said(HttpResponse(status=204), _("Taken back."))


@at_hotel(Permission.FOLIO_CORRECT, methods={"GET", "POST"})
def reverse_posting(request: HttpRequest, hotel: Property, pk: uuid.UUID, posting: int) -> HttpResponse:
    """Take a posting back in the dialog, with a reason."""
    folio = folio_for(request.user, Permission.FOLIO_CORRECT, hotel, pk)
    context: dict[str, Any] = {"hotel": hotel, "folio": folio, "posting": posting_for(folio, posting)}
    form = ReverseForm(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return into_dialog(render(request, "folios/reverse_dialog.html", context | {"form": form}))
    status = 422
    if form.is_valid():
        try:
            posting_reverse(folio_id=folio.pk, posting_id=posting, reason=form.cleaned_data["reason"])
            return said(HttpResponse(status=204), _("Taken back."))
        except DomainError as error:
            add_error(form, error)
            status = status_of(error)
    return into_dialog(render(request, "folios/reverse_dialog.html", context | {"form": form}, status=status))


@at_hotel(Permission.FOLIO_POST, methods={"GET", "POST"})
def add_window(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Add a window for somebody who pays a part."""
    folio = folio_for(request.user, Permission.FOLIO_POST, hotel, pk)
    form = WindowForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        window = folio_window_add(folio_id=folio.pk, name=form.cleaned_data["name"])
        return said(HttpResponse(status=204), _("Window %(no)s is open.") % {"no": window.no})
    status = 422 if request.method == "POST" else 200
    context = {"hotel": hotel, "folio": folio, "form": form}
    return into_dialog(render(request, "folios/window_dialog.html", context, status=status))


def _charge(request: HttpRequest, hotel: Property, folio: Folio, form: ChargeForm, status: int = 200) -> HttpResponse:
    return render(request, "folios/charge_form.html", {"hotel": hotel, "folio": folio, "form": form}, status=status)


def _payment(request: HttpRequest, hotel: Property, folio: Folio, form: PaymentForm, status: int = 200) -> HttpResponse:
    return render(request, "folios/payment_form.html", {"hotel": hotel, "folio": folio, "form": form}, status=status)


def _windows(request: HttpRequest, folio: Folio) -> list[tuple[int, str]]:
    named = guests_named(rights_at(request.user, folio.property_id))
    windows = folio.windows.select_related("payer")
    return [(window.no, f"{window.no} · {payer_of(window, named=named) or _('Guest')}") for window in windows]


def _charge_form(request: HttpRequest, folio: Folio, *, data: Any = None) -> ChargeForm:
    codes = sorted((code for code in codes_of(folio.property_id) if code.kind not in PAYMENTS), key=_nearness)
    return ChargeForm(
        data,
        auto_id="charge-%s",
        windows=_windows(request, folio),
        currency=folio.currency,
        codes=[(code.code, _named(code.name, code.price, folio.currency)) for code in codes],
        prices={code.code: code.price for code in codes if code.price is not None},
        names={code.code: code.name for code in codes},
    )


def _payment_form(request: HttpRequest, folio: Folio, *, data: Any = None) -> PaymentForm:
    """Return the form, filled with the first window that waits for money."""
    due = next(((no, sum_) for no, sum_ in sorted(window_balances(folio.pk).items()) if sum_ > 0), None)
    initial = {"window": due[0], "amount": quantize(due[1], folio.currency)} if due else {}
    methods = [(code.code, code.name) for code in codes_of(folio.property_id) if code.kind in PAYMENTS]
    return PaymentForm(
        data,
        auto_id="payment-%s",
        initial=initial,
        windows=_windows(request, folio),
        currency=folio.currency,
        methods=methods,
    )


def _nearness(code: TransactionCode) -> tuple[bool, bool, str]:
    """Sort by how often the desk charges it: extras with a price first, what the audit posts by itself last."""
    return code.code in NEEDED, code.price is None, code.name


def _named(name: str, price: Any, currency: str) -> str:
    return f"{name} · {money(price, currency)}" if price else name
