"""Posting: balanced pairs, written once, taken back only by their opposite (domain.md 6)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from folios.errors import AlreadyReversed, FolioClosed, NothingToPost
from folios.events import ChargePosted, PaymentTaken, PostingReversed
from folios.models import Folio, Leg, Posting, TransactionCode
from folios.selectors.folios import balance_of, code_named, folio_for_update, window_of
from pms.core.acting import acting
from pms.core.errors import NotThere
from pms.core.money import ZERO, quantize
from pms.events.publish import publish
from properties.services import business_day_shared
from properties.taxes import Split, TaxTable, split_gross
from reservations.selectors.stays import reservation_for_update
from reservations.services.front_desk import reservation_balance_set

Kind = TransactionCode.Kind
CHARGES = frozenset({Kind.REVENUE.value, Kind.PASS_THROUGH.value})
PAYMENTS = frozenset({Kind.PAYMENT.value})


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be posted: `unit_price` is gross, in the folio's currency, always positive."""

    code: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    service_date: dt.date | None = None
    description: str = ""
    reference: str = ""
    natural_key: str | None = None
    source: str = Posting.Source.DESK


@transaction.atomic
def charge_post(*, folio_id: uuid.UUID, line: Line, window: int = 1) -> Posting:
    """Charge something to the folio. Raises `FolioClosed`, `NothingToPost`, `UnknownTransactionCode`."""
    folio, day = _held(folio_id)
    code = code_named(folio.property_id, line.code, kinds=CHARGES)
    posting = _write(folio, day, code, line, window, sign=1)
    _settle(folio)
    publish(
        ChargePosted(
            property_id=folio.property_id,
            business_date=day,
            folio_id=folio.pk,
            posting=posting.pk,
            transaction_code=code.code,
        )
    )
    return posting


@transaction.atomic
def payment_take(*, folio_id: uuid.UUID, method: str, amount: Decimal, window: int = 1, reference: str = "") -> Posting:
    """Take money for the folio by a means of payment ("cash"). Payments carry no tax."""
    folio, day = _held(folio_id)
    code = code_named(folio.property_id, method, kinds=PAYMENTS)
    posting = _write(folio, day, code, Line(code.code, amount, reference=reference), window, sign=-1)
    _settle(folio)
    publish(
        PaymentTaken(
            property_id=folio.property_id,
            business_date=day,
            folio_id=folio.pk,
            posting=posting.pk,
            transaction_code=code.code,
        )
    )
    return posting


@transaction.atomic
def posting_reverse(*, folio_id: uuid.UUID, posting_id: int, reason: str) -> Posting:
    """Take a posting back by its opposite on the current business date; it keeps its service date.

    Raises `AlreadyReversed`, and `NotThere` for a posting of another folio.
    """
    folio, day = _held(folio_id)
    old = Posting.objects.filter(pk=posting_id, folio=folio).select_related("transaction_code", "window").first()
    if old is None:
        raise NotThere("That posting")
    if old.reverses_id is not None or Posting.objects.filter(reverses=old).exists():
        raise AlreadyReversed("That posting was taken back already. Nothing was posted.", posting=posting_id)
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
    _settle(folio)
    publish(PostingReversed(property_id=folio.property_id, business_date=day, folio_id=folio.pk, posting=posting.pk))
    return posting


def _held(folio_id: uuid.UUID) -> tuple[Folio, dt.date]:
    """Take the locks of a posting in the house's order and return the open folio and the accounting day."""
    seen = Folio.objects.filter(pk=folio_id).values("property_id", "reservation_id").first()
    if seen is None:
        raise NotThere("That folio")
    day = business_day_shared(property_id=seen["property_id"])
    if seen["reservation_id"]:
        reservation_for_update(seen["reservation_id"])
    folio = folio_for_update(folio_id)
    if folio.status != Folio.Status.OPEN:
        raise FolioClosed(f"Folio {folio.number} is closed. Nothing was posted; open a new one.", folio=folio.number)
    return folio, day


def _write(folio: Folio, day: dt.date, code: TransactionCode, line: Line, window: int, *, sign: int) -> Posting:
    unit = quantize(line.unit_price, folio.currency)
    gross = quantize(unit * line.quantity, folio.currency)
    if gross <= 0:
        raise NothingToPost("The amount must be above zero. Nothing was posted.", field="amount")
    service_date = line.service_date or day
    percent = TaxTable.of(folio.property_id).percent(code.tax_code, service_date) if code.tax_code else ZERO
    split = split_gross(gross, percent, folio.currency)
    posting = Posting(
        property_id=folio.property_id,
        folio=folio,
        window=window_of(folio, window),
        transaction_code=code,
        description=line.description or code.name,
        service_date=service_date,
        business_date=day,
        quantity=line.quantity,
        unit_price=unit,
        gross=sign * split.gross,
        net=sign * split.net,
        tax=sign * split.tax,
        tax_code=code.tax_code,
        tax_percent=percent,
        source=line.source,
        reference=line.reference,
        natural_key=line.natural_key,
        user_id=acting().user_id,
    )
    posting.save(force_insert=True)
    Leg.objects.bulk_create(_legs(posting, code, split))
    return posting


def _legs(posting: Posting, code: TransactionCode, split: Split) -> list[Leg]:
    """Return the balanced legs: the guest owes the gross; revenue, tax or the passed-through sum stand against it."""
    account = Leg.Account
    if code.kind == Kind.PAYMENT:
        return [
            Leg(posting=posting, account=account.PAYMENT, code=code.code, debit=split.gross),
            Leg(posting=posting, account=account.GUEST_LEDGER, code=code.code, credit=split.gross),
        ]
    against = account.REVENUE if code.kind == Kind.REVENUE else account.PASS_THROUGH
    legs = [
        Leg(posting=posting, account=account.GUEST_LEDGER, code=code.code, debit=split.gross),
        Leg(posting=posting, account=against, code=code.code, credit=split.net),
    ]
    if split.tax:
        legs.append(Leg(posting=posting, account=account.TAX, code=code.tax_code, credit=split.tax))
    return legs


def _settle(folio: Folio) -> None:
    """Bring the folio's and the stay's balance in step with the books."""
    folio.balance = balance_of(folio.pk)
    folio.save(update_fields=["balance"])
    if folio.reservation_id:
        reservation_balance_set(reservation_id=folio.reservation_id, balance=folio.balance)
