"""Tax arithmetic to the cent, with the figures of docs/domain.md 8 and its scenarios 3, 14 and 16."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pms.core.money import minor_digits, quantize
from properties.models import CityTax, TaxRate
from properties.taxes import (
    CityTaxTable,
    LodgingNight,
    TaxRateMissing,
    TaxTable,
    city_tax,
    liable_persons,
    split_gross,
    total,
)

EARLY = dt.date(2020, 1, 1)
D = Decimal


def flat(amount: str = "2.50", *, valid_from: dt.date = EARLY, **fields: object) -> CityTax:
    return CityTax(name="City tax", amount=D(amount), valid_from=valid_from, **{"max_nights": 21, **fields})


def percentage(percent: str, base: str = "net", **fields: object) -> CityTax:
    return CityTax(name="City tax", base=base, percent=D(percent), valid_from=EARLY, **fields)


def nights(count: int, gross: str = "99.00", *, first: dt.date = dt.date(2026, 3, 14)) -> list[LodgingNight]:
    net = split_gross(D(gross), D(7), "EUR").net
    return [LodgingNight(first + dt.timedelta(days=place), D(gross), net) for place in range(count)]


def tax(rules: CityTax | Sequence[CityTax], stay: list[LodgingNight], **party: object) -> Decimal:
    table = CityTaxTable([rules] if isinstance(rules, CityTax) else rules)
    return total(city_tax(table, stay, **{"adults": 1, "currency": "EUR", **party}))  # type: ignore[arg-type]


# --- value added tax --------------------------------------------------------------------------------------------------


def test_three_nights_with_breakfast_sum_their_lines() -> None:
    lodging_and_food = [split_gross(D(amount), D(7), "EUR") for amount in ["150.00", "12.60"] * 3]
    drinks = [split_gross(D("5.40"), D(19), "EUR") for _ in range(3)]

    assert (sum(s.net for s in lodging_and_food), sum(s.tax for s in lodging_and_food)) == (D("455.91"), D("31.89"))
    assert (sum(s.net for s in drinks), sum(s.tax for s in drinks)) == (D("13.62"), D("2.58"))


@pytest.mark.parametrize(
    ("gross", "percent", "net", "contained"),
    [("120.00", "7", "112.15", "7.85"), ("60.00", "7", "56.07", "3.93"), ("99.00", "7", "92.52", "6.48")],
)
def test_a_gross_amount_is_split_half_up(gross: str, percent: str, net: str, contained: str) -> None:
    split = split_gross(D(gross), D(percent), "EUR")

    assert (split.net, split.tax) == (D(net), D(contained))


def test_a_credit_is_split_as_its_charge() -> None:
    charge, credit = split_gross(D("60.00"), D(7), "EUR"), split_gross(D("-60.00"), D(7), "EUR")

    assert (credit.net, credit.tax) == (-charge.net, -charge.tax)


def test_currencies_without_and_with_three_minor_digits_round_to_theirs() -> None:
    assert split_gross(D(10000), D(10), "JPY").net == D(9091)
    assert split_gross(D("12.345"), D(10), "BHD").net == D("11.223")
    assert tax(percentage("5"), [LodgingNight(EARLY, D(10000), D(9091))], currency="JPY") == D(455)
    assert tax(percentage("5"), [LodgingNight(EARLY, D("12.345"), D("11.223"))], currency="BHD") == D("0.561")


@given(
    units=st.integers(min_value=-(10**9), max_value=10**9),
    percent=st.decimals(min_value=0, max_value=D("99.999"), places=3),
    currency=st.sampled_from(["EUR", "JPY", "BHD"]),
)
def test_net_and_tax_always_make_the_gross(units: int, percent: Decimal, currency: str) -> None:
    gross = D(units).scaleb(-minor_digits(currency))

    split = split_gross(gross, percent, currency)

    assert split.net + split.tax == gross
    assert split.net == quantize(split.net, currency)
    assert abs(split.net) <= abs(gross)


def test_each_date_takes_the_rate_valid_on_it() -> None:
    table = TaxTable(
        [
            TaxRate(code="reduced", percent=D(5), valid_from=dt.date(2020, 7, 1)),
            TaxRate(code="reduced", percent=D(7), valid_from=EARLY),
            TaxRate(code="reduced", percent=D(7), valid_from=dt.date(2021, 1, 1)),
            TaxRate(code="standard", percent=D(19), valid_from=EARLY),
        ]
    )

    asked = [dt.date(2020, 6, 30), dt.date(2020, 7, 1), dt.date(2020, 12, 31), dt.date(2021, 1, 1)]
    assert [table.percent("reduced", on) for on in asked] == [D(7), D(5), D(5), D(7)]
    assert table.percent("standard", asked[1]) == D(19)


def test_a_missing_rate_says_which_code_and_date() -> None:
    table = TaxTable([TaxRate(code="reduced", percent=D(7), valid_from=EARLY)])

    with pytest.raises(TaxRateMissing) as refusal:
        table.percent("reduced", dt.date(2019, 12, 31))
    assert refusal.value.facts == {"tax_code": "reduced", "date": "2019-12-31"}
    with pytest.raises(TaxRateMissing):
        table.percent("standard", EARLY)


# --- city tax ---------------------------------------------------------------------------------------------------------


def test_a_percentage_is_rounded_per_night() -> None:
    taxed = city_tax(CityTaxTable([percentage("5")]), nights(2), adults=1, currency="EUR")

    assert [(night.persons, night.amount) for night in taxed] == [(1, D("4.63")), (1, D("4.63"))]
    assert total(taxed) == D("9.26")


def test_two_adults_and_a_child_of_twelve_pay_for_twenty_one_nights_of_twenty_five() -> None:
    party = {"adults": 2, "children": (12,)}

    assert tax(flat(), nights(25), **party) == D("105.00")
    assert tax(flat(), nights(30), **party) == D("105.00")
    assert len(city_tax(CityTaxTable([flat()]), nights(25), adults=2, children=(12,), currency="EUR")) == 21


@pytest.mark.parametrize(("before", "owed"), [(0, "52.50"), (20, "2.50"), (21, "0"), (40, "0")])
def test_nights_of_linked_stays_use_up_the_cap(before: int, owed: str) -> None:
    assert tax(flat(), nights(25), nights_before=before) == D(owed)


@pytest.mark.parametrize(("ages", "persons"), [((17,), 1), ((18,), 2), ((0, 17, 18, 30), 3), ((), 1)])
def test_a_child_is_liable_from_the_age_of_the_rule_on(ages: tuple[int, ...], persons: int) -> None:
    assert liable_persons(flat(), adults=1, children=ages) == persons


def test_children_who_are_not_liable_take_their_share_out_of_a_percentage() -> None:
    two_of_three = tax(percentage("5", "gross"), nights(1, "90.00"), adults=2, children=(9,))

    assert two_of_three == D("3.00")  # 5 % of two thirds of 90.00
    assert tax(percentage("5", "gross"), nights(1, "90.00"), adults=2, children=(18,)) == D("4.50")


def test_without_a_rule_or_a_liable_person_nothing_is_owed() -> None:
    assert tax([], nights(2)) == 0
    assert tax(flat(min_age=18), nights(2), adults=0, children=(4,)) == 0
    assert tax(flat(valid_from=dt.date(2027, 1, 1)), nights(2)) == 0


def test_each_night_takes_the_city_tax_valid_on_it() -> None:
    rules = [flat("2.50"), flat("3.00", valid_from=dt.date(2027, 1, 1))]

    stay = city_tax(CityTaxTable(rules), nights(3, first=dt.date(2026, 12, 30)), adults=2, currency="EUR")

    assert [night.amount for night in stay] == [D("5.00"), D("5.00"), D("6.00")]


def test_a_city_tax_that_begins_during_the_stay_is_owed_from_its_first_night() -> None:
    stay = nights(4, first=dt.date(2026, 12, 30))

    assert tax(flat(valid_from=dt.date(2027, 1, 1)), stay) == D("5.00")
    assert tax(flat(valid_from=dt.date(2027, 1, 1), max_nights=3), stay) == D("2.50")


@pytest.mark.parametrize("first", [dt.date(2026, 3, 28), dt.date(2026, 10, 24)])
def test_a_night_of_twenty_three_or_twenty_five_hours_is_one_night(first: dt.date) -> None:
    assert tax(flat(), nights(2, first=first)) == D("5.00")
