"""The page of prices: a new hotel sells after one form; prices are seen, set, and refused in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property, RoomType, TaxRate
from reservations.models import DailyRate, RatePlan
from reservations.selectors.booking import offer_grid
from reservations.selectors.offers import Party
from reservations.services.inventory import inventory_open
from tests.factories.reservations import open_for_sale

URL = "/h/SEA/rates/"
WEEK = [str(day) for day in range(7)]


def typed(hotel: Property, *, nights: int = 10, **values: Any) -> dict[str, Any]:
    """Return what a manager types: doubles at 120, singles left out."""
    first = hotel.business_date
    double = RoomType.objects.get(property=hotel, code="DBL")
    form = {"first": first, "last": first + dt.timedelta(days=nights - 1), "weekdays": WEEK, str(double.pk): "120"}
    return form | values


def test_a_new_hotel_sells_after_its_first_prices(client: Client, hotel: Property, anna: User) -> None:
    inventory_open(hotel=hotel)
    client.force_login(anna)
    assert f'href="{URL}"' in client.get("/h/SEA/bookings/new/").content.decode()

    answer = client.post(URL, typed(hotel, tax="7"))

    assert answer.status_code == 302
    plan, tax = RatePlan.objects.get(property=hotel), TaxRate.objects.get(property=hotel)
    assert (plan.code, plan.tax_code, tax.code, tax.percent) == ("BAR", "lodging", "lodging", Decimal(7))
    day = hotel.business_date
    grid = offer_grid(hotel=hotel, arrival=day, departure=day + dt.timedelta(days=2), party=Party(2), chosen="")
    (double,) = (line for line in grid.lines if line.kind.code == "DBL")
    assert [cell.offer.quote.grand_total for cell in double.cells if cell.offer.quote] == [Decimal("240.00")]


def test_prices_are_seen_night_by_night_and_set_on_chosen_days(client: Client, hotel: Property, anna: User) -> None:
    sea = open_for_sale(hotel)
    client.force_login(anna)
    saturday = sea.business_date + dt.timedelta(days=(5 - sea.business_date.weekday()) % 7)

    client.post(URL, typed(sea, nights=14, weekdays=["5"]) | {str(kind(sea, "DBL").pk): "155,50"})

    page = client.get(URL).content.decode()
    assert page.count("155.50") == 2  # the two Saturdays
    prices = dict(DailyRate.objects.filter(property=sea, room_type=kind(sea, "DBL")).values_list("night", "price"))
    assert prices[saturday] == Decimal("155.50") and prices[saturday + dt.timedelta(days=1)] == Decimal(120)
    assert "155.50" not in client.get(URL, {"from": "2020-01-01"}).content.decode()
    assert client.get(URL, {"from": "rubbish"}).status_code == 200


def kind(hotel: Property, code: str) -> RoomType:
    return RoomType.objects.get(property=hotel, code=code)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"last": "2020-01-01"}, "lies before the first"),
        ({"weekdays": []}, "required"),
        ({"price": "-1"}, "type a price above 0"),
        ({"price": "0"}, "type a price above 0"),
        ({"first": "2020-01-01"}, "That night is over: begin with"),
        ({"price": "1,234"}, "“1,234” can mean two things. Write 1234, or 2 digits at most behind the “,”."),
        ({"price": "much"}, "Write a number such as 5.50 or 5,50."),
        ({"price": ""}, "Type the price of one room type"),
        ({"first": "soon"}, "valid date"),
    ],
)
def test_a_wrong_form_says_where_and_sets_nothing(
    client: Client, hotel: Property, anna: User, wrong: dict[str, Any], words: str
) -> None:
    sea = open_for_sale(hotel)
    before = list(DailyRate.objects.order_by("pk").values_list("price", flat=True))
    client.force_login(anna)
    form = typed(sea) | {name: value for name, value in wrong.items() if name != "price"}
    if "price" in wrong:
        form[str(kind(sea, "DBL").pk)] = wrong["price"]

    answer = client.post(URL, form)

    assert answer.status_code == 422
    assert words in answer.content.decode() and (wrong.get("price") or "") in answer.content.decode()
    assert list(DailyRate.objects.order_by("pk").values_list("price", flat=True)) == before


def test_the_first_prices_need_their_tax(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answer = client.post(URL, typed(hotel))

    assert answer.status_code == 422
    assert not RatePlan.objects.filter(property=hotel).exists()


def test_the_desk_sees_prices_and_sets_none(client: Client, hotel: Property, hugo: User) -> None:
    sea = open_for_sale(hotel)
    client.force_login(hugo)

    page = client.get(URL).content.decode()

    assert "120.00" in page and "Set prices" not in page
    assert client.post(URL, typed(sea)).status_code == 403
