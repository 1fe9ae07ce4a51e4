"""Posting: balanced pairs, written once, taken back only by their opposite (domain.md 6)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from folios.errors import AlreadyReversed, NothingToPost, PostingInvoiced
from folios.events import ChargePosted, PaymentTaken, PostingReversed
from folios.models import Folio, FolioWindow, Leg, Posting, TransactionCode
from folios.selectors.books import CHARGES, PAYMENTS, Books
from folios.selectors.folios import balance_of, balance_of_stay, postings_keyed, window_of
from folios.selectors.nights import has_nights_posted
from pms.accounts.support import own_hand_only
from pms.core.acting import acting
from pms.core.errors import InvalidValue, NotThere
from pms.core.money import ZERO, quantize
from pms.events.publish import publish, publish_all
from properties.taxes import Split, split_gross
from reservations.services.front_desk import reservation_balance_set, reservation_night_posted_set

from .folios import folio_held

Kind = TransactionCode.Kind
# What `numeric(14,3)` holds, and no bill of a hotel reaches.
MOST = Decimal("9999999.99")


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be posted: `unit_price` is gross, in the folio's currency, always positive.

    `tax_code` is that of the transaction code unless it was sold under another one. A line with a `natural_key` that
    was posted before is not posted again.
    """

    code: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    service_date: dt.date | None = None
    description: str = ""
    reference: str = ""
    natural_key: str | None = None
    source: str = Posting.Source.DESK
    tax_code: str | None = None


@transaction.atomic
def charge_post(*, folio_id: uuid.UUID, line: Line, window: int = 1) -> Posting:
    """Charge something to the folio; with a known natural key nothing new happens.

    Raises `FolioClosed`, `NothingToPost`, `UnknownTransactionCode`.
    """
    folio, day = folio_held(folio_id)
    known = postings_keyed(folio.property_id, [line.natural_key])
    if line.natural_key in known:
        return known[line.natural_key]
    return charges_write(folio, day, [line], Books(folio.property_id), window=window)[0]


@transaction.atomic
def payment_take(
    *,
    folio_id: uuid.UUID,
    method: str,
    amount: Decimal,
    window: int = 1,
    reference: str = "",
    natural_key: str | None = None,
    source: str = Posting.Source.DESK,
) -> Posting:
    """Take money for the folio by a means of payment ("cash"). Payments carry no tax."""
    folio, day = folio_held(folio_id)
    known = postings_keyed(folio.property_id, [natural_key])
    if natural_key in known:
        return known[natural_key]
    books = Books(folio.property_id)
    code = books.code(method, kinds=PAYMENTS, field="method")
    line = Line(code.code, amount, reference=reference, natural_key=natural_key, source=source)
    posting = _write(folio, day, [(code, line)], books, window, sign=-1)[0]
    settle(folio)
    publish(PaymentTaken(transaction_code=code.code, **_facts(folio, day, posting)))
    return posting


@transaction.atomic
def posting_reverse(*, folio_id: uuid.UUID, posting_id: int, reason: str) -> Posting:
    """Take a posting back by its opposite on the current business date; it keeps its service date.

    Raises `AlreadyReversed`, `PostingInvoiced`, and `NotThere` for a posting of another folio.
    """
    own_hand_only()
    folio, day = folio_held(folio_id)
    old = _standing(folio, posting_id)
    posting = Posting(
        property_id=folio.property_id,
        folio=folio,
        window=old.window,
        transaction_code=old.transaction_code,
        description=old.description,
        service_date=old.service_date,
        business_date=day,
        quantity=-old.quantity,
        unit_price=old.unit_price,
        gross=-old.gross,
        net=-old.net,
        tax=-old.tax,
        tax_code=old.tax_code,
        tax_percent=old.tax_percent,
        source=old.source,
        reverses=old,
        reason=reason.strip()[:200],
        user_id=acting().user_id,
    )
    posting.save(force_insert=True)
    Leg.objects.bulk_create(
        Leg(posting=posting, account=leg.account, code=leg.code, debit=leg.credit, credit=leg.debit)
        for leg in old.legs.all()
    )
    settle(folio)
    _night_opened(folio, old)
    publish(PostingReversed(**_facts(folio, day, posting)))
    return posting


def _night_opened(folio: Folio, taken_back: Posting) -> None:
    """A night of which nothing stands on the folio any more is as open to changes as before it was posted."""
    stay, night = folio.reservation_id, taken_back.service_date
    if stay and taken_back.source == Posting.Source.AUDIT and not has_nights_posted(stay, [night]):
        reservation_night_posted_set(reservation_id=stay, night=night, posted=False)


def _standing(folio: Folio, posting_id: int) -> Posting:
    """Return the posting if it can be taken back."""
    found = Posting.objects.filter(pk=posting_id, folio=folio)
    old: Posting | None = found.select_related("transaction_code", "window", "invoice_line").first()
    if old is None:
        raise NotThere(_("That posting"))
    if old.reverses_id is not None or Posting.objects.filter(reverses=old).exists():
        raise AlreadyReversed(_("That posting was taken back already. Nothing was posted."), posting=posting_id)
    if old.gross > 0 and hasattr(old, "invoice_line"):
        raise PostingInvoiced(
            _("That charge stands on an invoice. Nothing was posted; it needs a credit note."), posting=posting_id
        )
    return old


def charges_write(folio: Folio, day: dt.date, lines: Sequence[Line], books: Books, *, window: int = 1) -> list[Posting]:
    """Post charges to a folio whose locks are held (`folio_held`), bring the balances in step and tell of each."""
    chosen = [(books.code(line.code, kinds=CHARGES), line) for line in lines]
    postings = _write(folio, day, chosen, books, window, sign=1)
    settle(folio)
    told = [
        ChargePosted(transaction_code=code.code, **_facts(folio, day, posting))
        for posting, (code, _line) in zip(postings, chosen, strict=True)
    ]
    publish_all(told)
    return postings


def _facts(folio: Folio, day: dt.date, posting: Posting) -> dict[str, Any]:
    """Return what every event of a posting says."""
    return {
        "property_id": folio.property_id,
        "business_date": day,
        "folio_id": folio.pk,
        "window_id": posting.window_id,
        "posting": posting.pk,
    }


def _write(
    folio: Folio,
    day: dt.date,
    lines: Iterable[tuple[TransactionCode, Line]],
    books: Books,
    window: int,
    *,
    sign: int,
) -> list[Posting]:
    own_hand_only()
    where = window_of(folio, window)
    postings, legs = [], []
    for code, line in lines:
        posting, split = _posting(folio, day, code, line, books, where, sign)
        postings.append(posting)
        legs.append((code, split))
    Posting.objects.bulk_create(postings)  # unwatched: the events tell of them
    Leg.objects.bulk_create(
        leg for posting, (code, split) in zip(postings, legs, strict=True) for leg in _legs(posting, code, split)
    )
    return postings


def _posting(
    folio: Folio, day: dt.date, code: TransactionCode, line: Line, books: Books, window: FolioWindow, sign: int
) -> tuple[Posting, Split]:
    unit = quantize(line.unit_price, folio.currency)
    gross = quantize(unit * line.quantity, folio.currency)
    if gross <= 0:
        field = "quantity" if line.quantity <= 0 else "amount"
        raise NothingToPost(_("The amount must be above zero. Nothing was posted."), field=field)
    if gross > MOST or line.quantity > MOST:
        message = _("No bill holds more than %(most)s. Nothing was posted; look for a digit too many.")
        raise NothingToPost(message % {"most": f"{MOST:,}"}, field="amount")
    service_date = line.service_date or day
    if service_date > day:
        message = _("Nothing is charged for a day to come. Nothing was posted.")
        raise InvalidValue(message, field="service_date")
    tax_code = code.tax_code if line.tax_code is None else line.tax_code
    percent = books.taxes.percent(tax_code, service_date) if tax_code else ZERO
    split = split_gross(gross, percent, folio.currency)
    posting = Posting(
        property_id=folio.property_id,
        folio=folio,
        window=window,
        transaction_code=code,
        description=(line.description or code.name)[:200],
        service_date=service_date,
        business_date=day,
        quantity=line.quantity,
        unit_price=unit,
        gross=sign * split.gross,
        net=sign * split.net,
        tax=sign * split.tax,
        tax_code=tax_code,
        tax_percent=percent,
        source=line.source,
        reference=line.reference[:100],
        natural_key=line.natural_key,
        user_id=acting().user_id,
    )
    return posting, split


def _legs(posting: Posting, code: TransactionCode, split: Split) -> list[Leg]:
    """Return the balanced legs: the guest owes the gross; revenue, tax or the passed-through sum stand against it."""
    account = Leg.Account
    if code.kind == Kind.PAYMENT:
        return [
            Leg(posting=posting, account=account.PAYMENT, code=code.code, debit=split.gross),
            Leg(posting=posting, account=account.GUEST_LEDGER, code=code.code, credit=split.gross),
        ]
    against = account.REVENUE if code.kind == Kind.REVENUE else account.PASS_THROUGH
    legs = [Leg(posting=posting, account=account.GUEST_LEDGER, code=code.code, debit=split.gross)]
    if split.net:
        legs.append(Leg(posting=posting, account=against, code=code.code, credit=split.net))
    if split.tax:
        legs.append(Leg(posting=posting, account=account.TAX, code=posting.tax_code, credit=split.tax))
    return legs


def settle(folio: Folio) -> None:
    """Bring the folio's and the stay's balance in step with the books."""
    folio.balance = balance_of(folio.pk)
    folio.save(update_fields=["balance"])
    if folio.reservation_id:
        reservation_balance_set(reservation_id=folio.reservation_id, balance=balance_of_stay(folio.reservation_id))
