"""What can be posted: codes that a hotel adds, changes and puts away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from folios.errors import TransactionCodeNeeded
from folios.models import TransactionCode
from folios.selectors.books import codes_of
from folios.services.books import (
    books_open,
    transaction_code_add,
    transaction_code_archive,
    transaction_code_change,
    transaction_code_restore,
)
from pms.core.errors import InvalidValue, StaleVersion
from properties.models import Property
from properties.services import tax_rate_add


@pytest.fixture
def books(hotel: Property) -> Property:
    """A hotel with the codes that no hotel can do without, and one rate of tax."""
    books_open(hotel=hotel)
    tax_rate_add(hotel=hotel, code="extras", name="VAT", percent=Decimal(19), valid_from=hotel.business_date)
    return hotel


def minibar(books: Property, **changes: Any) -> TransactionCode:
    values: dict[str, Any] = {"code": "bar", "name": "Minibar", "tax_code": "extras", "price": Decimal("9.50")}
    return transaction_code_add(hotel=books, **values | changes)


def test_an_extra_is_in_use_once_it_is_added(books: Property) -> None:
    added = minibar(books)

    assert added in codes_of(books.pk)
    assert (added.kind, added.price, added.tax_code) == ("revenue", Decimal("9.50"), "extras")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "cash"}, "code"),
        ({"code": ""}, "code"),
        ({"price": Decimal("-1")}, "price"),
        ({"tax_code": "luxury"}, "tax_code"),
        ({"kind": "payment"}, "tax_code"),
        ({"kind": "gift", "tax_code": ""}, "kind"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(books: Property, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        minibar(books, **changes)

    assert refused.value.field == field
    assert not TransactionCode.objects.filter(property=books, code="bar").exists()


def test_the_code_of_another_hotel_is_no_obstacle(books: Property, other_hotel: Property) -> None:
    tax_rate_add(
        hotel=other_hotel, code="extras", name="VAT", percent=Decimal(19), valid_from=other_hotel.business_date
    )

    assert minibar(books).code == minibar(other_hotel).code


def test_name_and_price_change_for_what_is_posted_next(books: Property) -> None:
    bar = minibar(books)

    changed = transaction_code_change(
        transaction_code_id=bar.pk, values={"price": Decimal(11)}, seen_version=bar.version
    )

    assert (changed.price, changed.name) == (Decimal(11), "Minibar")
    with pytest.raises(InvalidValue):
        transaction_code_change(transaction_code_id=bar.pk, values={"tax_code": "luxury"})
    with pytest.raises(StaleVersion):
        transaction_code_change(transaction_code_id=bar.pk, values={"price": Decimal(12)}, seen_version=bar.version)
    with pytest.raises(TypeError):
        transaction_code_change(transaction_code_id=bar.pk, values={"kind": "payment"})


def test_an_extra_is_put_away_and_taken_out_again(books: Property) -> None:
    bar = minibar(books)

    transaction_code_archive(transaction_code_id=bar.pk)
    assert bar not in codes_of(books.pk)

    transaction_code_restore(transaction_code_id=bar.pk)
    assert bar in codes_of(books.pk)


@pytest.mark.parametrize("code", ["room", "city_tax", "cash"])
def test_what_the_house_posts_itself_stays(books: Property, code: str) -> None:
    row = codes_of(books.pk).get(code=code)

    with pytest.raises(TransactionCodeNeeded):
        transaction_code_archive(transaction_code_id=row.pk)

    assert row in codes_of(books.pk)
