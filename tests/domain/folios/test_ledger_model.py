"""Whatever the desk does in whatever order: every posting balances, and a folio is its charges minus its payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from folios.errors import AlreadyReversed, NothingToInvoice, NothingToPost, PostingInvoiced
from folios.models import Folio, Leg, Posting
from folios.selectors.ledgers import difference_to_books
from folios.services.invoices import invoice_issue
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from pms.core.money import minor_digits, quantize
from tests.committed import commit
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import SMALL_HOUSE, make_hotel

CODES = st.sampled_from(["room", "minibar", "city_tax", "breakfast_food"])
UNITS = st.integers(min_value=0, max_value=50_000)


def machine_for(folio: Folio) -> type[RuleBasedStateMachine]:  # noqa: C901 - one class, its rules one by one
    """Return a machine that works on one folio; each of its runs is taken back at the end."""
    unit = Decimal(1).scaleb(-minor_digits(folio.currency))

    class Desk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.standing: dict[int, Decimal] = {}  # what counts, by posting
            self.gone: list[int] = []
            self.invoiced: set[int] = set()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()

        def teardown(self) -> None:
            commit(run=False)  # the deferred law: every posting balances
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

        @rule(code=CODES, units=UNITS, quantity=st.sampled_from(["1", "2", "0.333", "7"]))
        def charge(self, code: str, units: int, quantity: str) -> None:
            line = Line(code, units * unit, quantity=Decimal(quantity))
            due = quantize(units * unit * Decimal(quantity), folio.currency)
            if not due:
                with pytest.raises(NothingToPost):
                    charge_post(folio_id=folio.pk, line=line)
                return
            posting = charge_post(folio_id=folio.pk, line=line)
            assert (posting.gross, posting.net + posting.tax) == (due, due)
            self.standing[posting.pk] = due

        @rule(units=UNITS.filter(bool))
        def pay(self, units: int) -> None:
            posting = payment_take(folio_id=folio.pk, method="cash", amount=units * unit)
            self.standing[posting.pk] = -units * unit

        @precondition(lambda self: self.standing)
        @rule(data=st.data())
        def take_back(self, data: Any) -> None:
            pk = data.draw(st.sampled_from(sorted(self.standing)))
            if pk in self.invoiced and self.standing[pk] > 0:
                with pytest.raises(PostingInvoiced):
                    posting_reverse(folio_id=folio.pk, posting_id=pk, reason="wrong")
                return
            back = posting_reverse(folio_id=folio.pk, posting_id=pk, reason="wrong")
            assert back.gross == -self.standing.pop(pk)
            self.gone += [pk, back.pk]

        @precondition(lambda self: self.gone)
        @rule(data=st.data())
        def take_back_again(self, data: Any) -> None:
            with pytest.raises(AlreadyReversed):
                posting_reverse(folio_id=folio.pk, posting_id=data.draw(st.sampled_from(self.gone)), reason="again")

        @rule()
        def invoice(self) -> None:
            waiting = {pk for pk, gross in self.standing.items() if gross > 0} - self.invoiced
            if not waiting:
                with pytest.raises(NothingToInvoice):
                    invoice_issue(folio_id=folio.pk)
                return
            issued = invoice_issue(folio_id=folio.pk)
            assert issued.gross == sum(self.standing[pk] for pk in waiting)
            self.invoiced |= set(issued.lines.values_list("posting_id", flat=True))

        @invariant()
        def the_folio_is_charges_minus_payments(self) -> None:
            folio.refresh_from_db()
            folio.reservation.refresh_from_db()
            assert folio.balance == folio.reservation.balance == sum(self.standing.values())
            assert difference_to_books(folio.property_id) == 0

        @invariant()
        def every_posting_balances(self) -> None:
            legs = Leg.objects.filter(posting__folio=folio).values("posting").annotate(d=Sum("debit"), c=Sum("credit"))
            assert len(legs) == Posting.objects.filter(folio=folio).count()
            assert all(row["d"] == row["c"] for row in legs)

    return Desk


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_the_books_hold_whatever_the_desk_does(db: Any, currency: str) -> None:
    hotel = open_for_business(make_hotel(currency=currency, rooms=SMALL_HOUSE), nights=3)
    _stay, folio = make_guest_in_house(hotel=hotel)

    run_state_machine_as_test(
        machine_for(folio),
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
