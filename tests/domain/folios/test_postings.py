"""Postings balance, are never changed, and keep the balance of folio and stay in step."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from folios.errors import AlreadyReversed, FolioNotSettled, NothingToPost, UnknownTransactionCode
from folios.models import Leg, Posting
from folios.selectors.folios import balance_of
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from properties.models import Property
from reservations.services.front_desk import reservation_check_out
from tests.committed import commit, committed
from tests.factories.folios import make_guest_in_house


def test_a_charge_splits_into_revenue_and_tax(sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea)

    with committed():
        posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    assert (posting.gross, posting.net, posting.tax) == (Decimal("9.50"), Decimal("7.98"), Decimal("1.52"))
    legs = {(leg.account, leg.code): leg.debit - leg.credit for leg in posting.legs.all()}
    assert legs == {
        ("guest_ledger", "minibar"): Decimal("9.50"),
        ("revenue", "minibar"): Decimal("-7.98"),
        ("tax", "standard"): Decimal("-1.52"),
    }
    stay.refresh_from_db()
    folio.refresh_from_db()
    assert stay.balance == folio.balance == balance_of(folio.pk) == Decimal("9.50")


def test_nobody_leaves_with_an_open_balance(sea: Property) -> None:
    stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with pytest.raises(FolioNotSettled):
        reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])
    stay.refresh_from_db()
    assert stay.status == "in_house"

    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("9.50"))
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted=["early_departure"])
    stay.refresh_from_db()
    assert (stay.status, stay.balance) == ("checked_out", Decimal(0))


def test_a_posting_is_taken_back_once_by_its_opposite(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with committed():
        back = posting_reverse(folio_id=folio.pk, posting_id=posting.pk, reason="Not taken")

    assert (back.gross, back.reverses_id, balance_of(folio.pk)) == (Decimal("-9.50"), posting.pk, Decimal(0))
    with pytest.raises(AlreadyReversed):
        posting_reverse(folio_id=folio.pk, posting_id=posting.pk, reason="Again")
    with pytest.raises(AlreadyReversed):
        posting_reverse(folio_id=folio.pk, posting_id=back.pk, reason="Back and forth")
    assert Posting.objects.filter(folio=folio).count() == 2


@pytest.mark.parametrize("statement", ["UPDATE folios_posting SET gross = 1", "DELETE FROM folios_leg"])
def test_the_ledger_refuses_change_by_raw_sql(sea: Property, statement: str) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_unbalanced_posting_is_refused_at_commit(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))

    @transaction.atomic
    def add_a_leg_too_many() -> None:
        Leg.objects.create(posting=posting, account="revenue", code="minibar", credit=Decimal(1))
        commit()

    with pytest.raises(DatabaseError, match="not balanced"):
        add_a_leg_too_many()


def test_senseless_postings_are_refused(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    with pytest.raises(NothingToPost):
        charge_post(folio_id=folio.pk, line=Line("minibar", Decimal(0)))
    with pytest.raises(UnknownTransactionCode):
        charge_post(folio_id=folio.pk, line=Line("cash", Decimal(5)))
    with pytest.raises(UnknownTransactionCode):
        payment_take(folio_id=folio.pk, method="minibar", amount=Decimal(5))

    assert not Posting.objects.exists()


def test_a_card_in_a_remark_on_the_bill_is_never_stored(sea: Property) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50"), description="4111 1111 1111 1111"))

    assert posting.description == Posting.objects.get(pk=posting.pk).description == "************1111"


@pytest.mark.parametrize(
    ("amount", "said"), [("0", "above zero"), ("9999999.99", ""), ("10000000.00", "more than 9,999,999.99")]
)
def test_an_amount_is_refused_for_what_is_wrong_with_it(sea: Property, amount: str, said: str) -> None:
    _stay, folio = make_guest_in_house(hotel=sea)

    if not said:
        assert charge_post(folio_id=folio.pk, line=Line("minibar", Decimal(amount))).gross == Decimal(amount)
        return
    with pytest.raises(NothingToPost, match=said):
        charge_post(folio_id=folio.pk, line=Line("minibar", Decimal(amount)))
