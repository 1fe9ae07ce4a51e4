"""Taxes and extras in the administration: found from the settings page, own hotels only, refusals at their field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from folios.models import TransactionCode
from folios.services.books import books_open
from pms.accounts.models import User
from properties.models import CityTax, Property, TaxRate
from properties.services.staff import staff_add_user

LISTS = ("properties_taxrate", "properties_citytax", "folios_transactioncode")
RATE = {"code": "extras", "name": "VAT", "percent": "19", "valid_from": "2026-01-01"}
CITY_TAX = {
    "name": "Kurtaxe",
    "base": "flat",
    "amount": "2.50",
    "percent": "0",
    "min_age": "18",
    "valid_from": "2026-01-01",
}
EXTRA = {"code": "bar", "name": "Minibar", "kind": "revenue", "tax_code": "extras", "price": "9.50"}


def add(client: Client, table: str, hotel: Property, **values: str) -> Any:
    return client.post(reverse(f"admin:{table}_add"), {"property": hotel.pk, **values})


def test_the_settings_page_shows_the_way(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    page = client.get(reverse("properties:change_hotel", args=[hotel.code])).content.decode()

    for kind in LISTS:
        address = reverse(f"admin:{kind}_changelist")
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_a_new_hotel_gets_its_taxes_and_extras(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answers = [
        add(client, "properties_taxrate", hotel, **RATE),
        add(client, "properties_citytax", hotel, **CITY_TAX),
        add(client, "folios_transactioncode", hotel, **EXTRA),
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert TaxRate.objects.get(property=hotel, code="extras").percent == 19
    assert CityTax.objects.get(property=hotel).name == "Kurtaxe"
    assert TransactionCode.objects.get(property=hotel, code="bar").tax_code == "extras"


def test_an_only_hotel_is_chosen_already(client: Client, hotel: Property, other_hotel: Property, anna: User) -> None:
    client.force_login(anna)

    for table in LISTS:
        page = client.get(reverse(f"admin:{table}_add")).content.decode()
        assert f'<option value="{hotel.pk}" selected>' in page


def test_among_several_hotels_none_is_chosen(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    staff_add_user(property_id=other_hotel.pk, user_id=anna.pk, roles=["manager"])
    client.force_login(anna)

    page = client.get(reverse("admin:properties_taxrate_add")).content.decode()

    assert f'<option value="{other_hotel.pk}">' in page and f'<option value="{hotel.pk}">' in page


def test_a_refusal_stands_at_its_field(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answer = add(client, "folios_transactioncode", hotel, **EXTRA | {"tax_code": "luxury"})

    form = answer.context["adminform"].form
    assert "no tax rate “luxury”" in str(form.errors["tax_code"])
    assert form["name"].value() == "Minibar"


def test_the_code_of_a_rate_is_fixed_and_its_percentage_is_not(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    add(client, LISTS[0], hotel, **RATE)
    rate = TaxRate.objects.get(property=hotel, code="extras")
    address = reverse("admin:properties_taxrate_change", args=[rate.pk])
    shown = {"initial-name": "VAT", "initial-percent": "19.000", "initial-valid_from": "2026-01-01"}

    answer = client.post(
        address, {**RATE, **shown, "code": "other", "percent": "20", "seen_version": rate.version}, follow=True
    )

    assert answer.redirect_chain
    rate.refresh_from_db()
    assert (rate.code, rate.percent) == ("extras", 20)


@pytest.mark.parametrize(("kind", "values"), [(LISTS[0], RATE), (LISTS[1], CITY_TAX), (LISTS[2], EXTRA)])
def test_another_hotel_is_out_of_reach(
    client: Client, hotel: Property, other_hotel: Property, anna: User, eve: User, kind: str, values: dict[str, str]
) -> None:
    client.force_login(eve)
    add(client, LISTS[0], other_hotel, **RATE | {"code": "extras", "valid_from": "2025-01-01"})
    model = {LISTS[0]: TaxRate, LISTS[1]: CityTax, LISTS[2]: TransactionCode}[kind]
    theirs = model.objects.filter(property=other_hotel, name=values["name"])
    before = theirs.count()

    client.force_login(anna)
    add(client, kind, other_hotel, **values)

    assert theirs.count() == before
    client.force_login(eve)
    add(client, kind, other_hotel, **values)
    assert theirs.count() == before + 1
    client.force_login(anna)
    for row in theirs:
        assert client.get(reverse(f"admin:{kind}_change", args=[row.pk])).status_code == 404


def test_chosen_codes_are_put_away_but_not_those_the_house_needs(client: Client, hotel: Property, anna: User) -> None:
    books_open(hotel=hotel)
    client.force_login(anna)
    add(client, LISTS[0], hotel, **RATE)
    add(client, LISTS[2], hotel, **EXTRA)
    chosen = [str(row.pk) for row in TransactionCode.objects.filter(property=hotel)]

    address = reverse("admin:folios_transactioncode_changelist")
    page = client.post(address, {"action": "archive", "_selected_action": chosen}, follow=True).content.decode()

    used = set(TransactionCode.objects.filter(property=hotel, archived_at=None).values_list("code", flat=True))
    assert used == {"room", "city_tax", "cash"}
    assert "posted by the house itself" in page
    client.post(address, {"action": "restore", "_selected_action": chosen})
    assert TransactionCode.objects.filter(property=hotel, archived_at=None).count() == 4
