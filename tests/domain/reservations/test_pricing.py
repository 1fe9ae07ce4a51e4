"""What a stay costs: parts of a night, and one sum in offer, reservation and nights."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pms.core.money import minor_digits
from properties.models import CityTax, Property, RoomType, TaxRate
from properties.taxes import TaxTable
from reservations.models import DailyRate, PackagePart, RatePlan, ReservationNight
from reservations.pricing import PricedNight, price_night, taxes_contained
from reservations.selectors.offers import Offer, Party, offers
from reservations.services.inventory import inventory_open
from reservations.services.rates import RateValue, rates_set
from tests.domain.reservations.given import kind
from tests.factories.reservations import make_reservation

D = Decimal
NIGHT = dt.date(2026, 3, 14)
PLAN = RatePlan(code="BB", name="Bed and breakfast", tax_code="reduced")
BREAKFAST = [
    PackagePart(code="breakfast_food", amount=D("12.60"), tax_code="reduced"),
    PackagePart(code="breakfast_drinks", amount=D("5.40"), tax_code="standard"),
]
TAXES = TaxTable(
    [
        TaxRate(code="reduced", percent=D(7), valid_from=dt.date(2020, 1, 1)),
        TaxRate(code="standard", percent=D(19), valid_from=dt.date(2020, 1, 1)),
    ]
)


def priced(rate: DailyRate, *, adults: int = 1, children: tuple[int, ...] = (), **options: object) -> PricedNight:
    rooms = RoomType(max_adults=4, max_children=2)
    settled = {"plan": PLAN, "package": (), "kind": rooms, "currency": "EUR", **options}
    return price_night(rate=rate, adults=adults, children=children, **settled)  # type: ignore[arg-type]


def rate(price: str = "150.00", **fields: object) -> DailyRate:
    return DailyRate(night=NIGHT, price=D(price), **fields)


def offer(hotel: Property, *, nights: int, adults: int = 1, code: str = "DBL", plan: str = "BAR") -> Offer:
    """Return the offer for a stay from the business date on."""
    return next(
        found
        for found in offers(
            hotel=hotel,
            arrival=hotel.business_date,
            departure=hotel.business_date + dt.timedelta(days=nights),
            party=Party(adults),
        )
        if (found.room_type.code, found.rate_plan.code) == (code, plan)
    )


def test_breakfast_is_split_into_food_and_drinks_per_adult() -> None:
    night = priced(rate(), package=BREAKFAST, adults=2)

    assert night.parts_json() == [
        {"code": "room", "amount": "150.00", "tax_code": "reduced"},
        {"code": "breakfast_food", "amount": "25.20", "tax_code": "reduced"},
        {"code": "breakfast_drinks", "amount": "10.80", "tax_code": "standard"},
    ]
    assert (night.price, night.room_price) == (D("186.00"), D("150.00"))


def test_three_nights_with_breakfast_contain_the_taxes_of_the_scenario() -> None:
    nights = [priced(rate(), package=BREAKFAST)] * 3

    assert sum(night.price for night in nights) == D("504.00")
    assert taxes_contained(nights, TAXES, "EUR") == {"reduced": D("31.89"), "standard": D("2.58")}


@pytest.mark.parametrize(
    ("adults", "children", "price"),
    [(1, (), "80"), (2, (), "100"), (3, (), "130"), (4, (5, 9), "190"), (1, (5,), "95")],
)
def test_further_people_add_theirs_and_one_alone_pays_less(adults: int, children: tuple[int, ...], price: str) -> None:
    by_people = rate("100", single_price=D(80), extra_adult=D(30), child_price=D(15))

    assert priced(by_people, adults=adults, children=children).price == D(price)


def test_a_single_room_covers_one_adult() -> None:
    single = RoomType(max_adults=1)

    assert priced(rate("90"), kind=single).price == D("90.00")


@pytest.mark.parametrize(("currency", "price"), [("JPY", "12346"), ("EUR", "12345.60"), ("BHD", "12345.600")])
def test_a_price_is_rounded_to_the_currency(currency: str, price: str) -> None:
    night = priced(rate("12345.600"), currency=currency)

    assert night.parts_json()[0]["amount"] == price


@given(
    prices=st.lists(st.integers(min_value=0, max_value=10**7), min_size=1, max_size=8),
    percents=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    adults=st.integers(1, 4),
    currency=st.sampled_from(["EUR", "JPY", "BHD"]),
)
def test_taxes_contained_and_net_make_the_total(
    prices: list[int], percents: tuple[int, int], adults: int, currency: str
) -> None:
    unit = D(1).scaleb(-minor_digits(currency))
    table = TaxTable(
        TaxRate(code=code, percent=D(percent), valid_from=NIGHT)
        for code, percent in zip(("reduced", "standard"), percents, strict=True)
    )
    nights = [priced(rate(str(p * unit)), package=BREAKFAST, adults=adults, currency=currency) for p in prices]

    total = sum((night.price for night in nights), D(0))
    contained = sum(taxes_contained(nights, table, currency).values(), D(0))
    assert 0 <= contained <= total
    assert contained == contained.quantize(unit)
    assert total == sum((part.amount for night in nights for part in night.parts), D(0))


@pytest.mark.parametrize("arrival", [dt.date(2026, 3, 28), dt.date(2026, 10, 24)])
def test_a_weekend_of_a_clock_change_costs_two_nights(sea: Property, arrival: dt.date) -> None:
    far = dt.date(2026, 10, 26)

    inventory_open(hotel=sea, last=far)
    bar = RatePlan.objects.get(property=sea, code="BAR")
    rates_set(hotel=sea, values=[RateValue(kind(sea, "DBL").pk, bar.pk, arrival, far, D(120))])

    reservation = make_reservation(hotel=sea, arrival=arrival, nights=2)
    quote = next(
        found.quote
        for found in offers(
            hotel=sea, arrival=arrival, departure=reservation.departure, party=Party(1), rate_plans=[bar]
        )
        if found.room_type.code == "DBL"
    )

    assert reservation.night_count == 2
    assert reservation.total == D("240.00")
    assert quote is not None
    assert (quote.total, quote.city_tax_total, quote.grand_total) == (D("240.00"), D("5.00"), D("245.00"))


def test_a_percentage_of_net_is_the_same_in_the_offer(sea: Property) -> None:
    CityTax(property=sea, name="Tax", base="net", percent=D(5), max_nights=None, valid_from=dt.date(2026, 1, 1)).save()
    bar = RatePlan.objects.get(property=sea, code="BAR")
    last = sea.business_date + dt.timedelta(days=3)
    rates_set(hotel=sea, values=[RateValue(kind(sea, "DBL").pk, bar.pk, sea.business_date, last, D(99))])

    quote = offer(sea, nights=2).quote

    assert quote is not None
    assert quote.city_tax_total == D("9.26")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.decimals(min_value=1, max_value=999, places=2),
    extra=st.decimals(min_value=0, max_value=99, places=2),
    nights=st.integers(1, 4),
    adults=st.integers(1, 2),
    plan=st.sampled_from(["BAR", "BB"]),
)
def test_offer_reservation_and_nights_have_one_sum(
    sea: Property, price: Decimal, extra: Decimal, nights: int, adults: int, plan: str
) -> None:
    bar = RatePlan.objects.get(property=sea, code="BAR")
    last = sea.business_date + dt.timedelta(days=5)
    value = RateValue(kind(sea, "DBL").pk, bar.pk, sea.business_date, last, price, extra_adult=extra)
    rates_set(hotel=sea, values=[value])

    offered = offer(sea, nights=nights, adults=adults, plan=plan).quote
    reservation = make_reservation(hotel=sea, nights=nights, adults=adults, rate_plan=plan, forced=True)

    assert offered is not None
    stored = ReservationNight.objects.filter(reservation=reservation)
    assert offered.total == reservation.total == sum(night.price for night in stored)
    assert [night.parts for night in stored] == [night.parts_json() for night in offered.nights]
    assert reservation.total == sum(D(part["amount"]) for night in stored for part in night.parts)
