"""What stands on an invoice, as plain data: written down at issue and never computed again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from folios.models import Folio, FolioWindow, Posting
from folios.selectors.invoices import is_payment
from pms.core.money import ZERO, minor_digits, quantize
from pms.core.redaction import mask_cards
from pms.core.templatetags.ui import money
from properties.models import Property


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom an invoice is written, if not to the payer of the window."""

    name: str
    address: str = ""
    tax_number: str = ""


def gross_of(postings: Iterable[Posting]) -> Decimal:
    """Return what the charges among `postings` come to."""
    return sum((posting.gross for posting in postings if not is_payment(posting)), ZERO)


def paid_of(postings: Iterable[Posting]) -> Decimal:
    """Return what was received among `postings`."""
    return -sum((posting.gross for posting in postings if is_payment(posting)), ZERO)


def invoice_content(
    folio: Folio,
    window: FolioWindow,
    postings: Sequence[Posting],
    *,
    number: str,
    dated: dt.date,
    recipient: Recipient | None = None,
) -> dict[str, Any]:
    """Return the document in the hotel's language: texts as they are printed, and the exact figures beside them."""
    hotel = folio.property
    with translation.override(hotel.locale):
        charges = [posting for posting in postings if not is_payment(posting)]
        payments = [posting for posting in postings if is_payment(posting)]
        gross, paid = gross_of(postings), paid_of(postings)
        return {
            "language": hotel.locale.split("-")[0],
            "number": number,
            "business_date": dated.isoformat(),
            "currency": folio.currency,
            "labels": _labels(folio.currency),
            "seller": _seller(hotel),
            "buyer": _buyer(window, recipient),
            "facts": _facts(folio, number, dated),
            "lines": [_line(posting) for posting in charges],
            "taxes": _taxes(charges, folio.currency),
            "payments": [_payment(posting, folio.currency) for posting in payments],
            "total": money(gross, folio.currency),
            "due": money(gross - paid, folio.currency),
            "figures": _figures(charges, gross, paid, folio.currency),
            "closing": _("Amounts include the tax shown. Thank you for your stay."),
        }


def _labels(currency: str) -> dict[str, str]:
    return {
        "title": _("Invoice"),
        "buyer": _("Invoice to"),
        "date": _("Date"),
        "what": _("Service"),
        "quantity": _("Quantity"),
        "tax": _("Tax"),
        "amount": _("Amount, %(currency)s") % {"currency": currency},
        "total": _("Total, gross"),
        "contained": _("Tax contained: net, tax, gross"),
        "payments": _("Paid"),
        "due": _("Due"),
    }


def _seller(hotel: Property) -> dict[str, Any]:
    """Return who sells: the company if it is called otherwise, address and tax number of the hotel."""
    legal = hotel.organization.name
    lines = [legal] if legal != hotel.name else []
    lines += _address(hotel.address)
    if hotel.tax_number:
        lines.append(_tax_number(hotel.tax_number))
    return {"name": hotel.name, "lines": lines}


def _buyer(window: FolioWindow, recipient: Recipient | None) -> dict[str, Any]:
    if recipient is not None:
        lines = _address(mask_cards(recipient.address))
        if recipient.tax_number:
            lines.append(_tax_number(recipient.tax_number))
        return {"name": mask_cards(recipient.name), "lines": lines}
    country = window.payer.country if window.payer and not window.name else ""
    return {"name": window.payer_name, "lines": [country] if country else []}


def _address(text: str) -> list[str]:
    """Return the lines of an address without the empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tax_number(number: str) -> str:
    return _("Tax number %(number)s") % {"number": number}


def _facts(folio: Folio, number: str, dated: dt.date) -> list[list[str]]:
    facts = [[_("Number"), number], [_("Date"), _day(dated)], [_("Folio"), folio.number]]
    stay = folio.reservation
    if stay is not None:
        facts.append([_("Stay"), f"{_day(stay.arrival)} – {_day(stay.departure)}"])
    return facts


def _line(posting: Posting) -> dict[str, str]:
    return {
        "date": _day(posting.service_date),
        "text": posting.description,
        "quantity": number_format(_plain(posting.quantity), use_l10n=True),
        "tax": _percent(posting.tax_percent) if posting.tax_code else "–",
        "amount": money(posting.gross),
    }


def _taxes(charges: Sequence[Posting], currency: str) -> list[dict[str, str]]:
    return [
        {
            "name": _percent(Decimal(one["percent"])) if one["code"] else _("without tax"),
            "net": money(Decimal(one["net"])),
            "tax": money(Decimal(one["tax"])),
            "gross": money(Decimal(one["gross"])),
        }
        for one in tax_table(charges, currency)
    ]


def tax_table(charges: Iterable[Posting], currency: str) -> list[dict[str, str]]:
    """Return net, tax and gross by tax code and percentage: the sums of the lines, so that ledger equals invoice."""
    sums: dict[tuple[str, Decimal], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for posting in charges:
        known = sums[posting.tax_code, posting.tax_percent]
        for place, amount in enumerate((posting.net, posting.tax, posting.gross)):
            known[place] += amount
    return [
        {
            "code": code,
            "percent": _plain(percent),
            **{
                name: str(quantize(amount, currency)) for name, amount in zip(("net", "tax", "gross"), row, strict=True)
            },
        }
        for (code, percent), row in sorted(sums.items(), key=lambda item: (item[0][1], item[0][0]), reverse=True)
    ]


def _payment(posting: Posting, currency: str) -> dict[str, str]:
    return {"text": f"{posting.description}, {_day(posting.business_date)}", "amount": money(-posting.gross, currency)}


def _figures(charges: Sequence[Posting], gross: Decimal, paid: Decimal, currency: str) -> dict[str, Any]:
    """Return the exact figures for machines: the API and every later check read these, never the printed texts."""
    exact = {"gross": gross, "paid": paid, "due": gross - paid}
    return {name: str(quantize(amount, currency)) for name, amount in exact.items()} | {
        "digits": minor_digits(currency),
        "taxes": tax_table(charges, currency),
        "lines": [
            {
                "posting": posting.pk,
                "transaction_code": posting.transaction_code.code,
                "service_date": posting.service_date.isoformat(),
                "net": str(quantize(posting.net, currency)),
                "tax": str(quantize(posting.tax, currency)),
                "gross": str(quantize(posting.gross, currency)),
            }
            for posting in charges
        ],
    }


def _day(value: dt.date) -> str:
    return date_format(value, "j M Y")


def _percent(value: Decimal) -> str:
    return f"{number_format(_plain(value), use_l10n=True)} %"


def _plain(value: Decimal) -> str:
    """Return the figure without needless zeros: 7, 5.5, 10 (and not 1E+1)."""
    return f"{value.normalize():f}"
