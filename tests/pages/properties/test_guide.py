"""The guide of the first hour: each step once, left out, taken up again, up to what a first booking needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import CityTax, Invitation, Property, Room, TaxRate
from reservations.models import DailyRate, RatePlan
from reservations.services.inventory import inventory_open
from tests.factories.properties import make_hotel

PLACE = {"street": "Hafen 1", "city": "Rostock", "country": "de", "postal_code": "18055"}


@pytest.fixture
def empty(db: Any) -> Property:
    """A hotel that was just opened: no rooms, no taxes, no prices."""
    return make_hotel(code="NEW", name="New Hotel")


@pytest.fixture
def owner(client: Client, empty: Property) -> Client:
    client.force_login(User.objects.get(email="olga@new.example"))
    return client


def step_of(client: Client) -> str:
    """Return the step that the guide goes on with."""
    return client.get("/h/NEW/setup/", follow=True).redirect_chain[-1][0].rstrip("/").rpartition("/")[2]


def typed(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields} | changes
    return {name: value for name, value in values.items() if value is not None}


def lines(*rooms: tuple[str, str, str, int]) -> dict[str, Any]:
    """Return what the lines of types and numbers send."""
    sent: dict[str, Any] = {"form-TOTAL_FORMS": len(rooms), "form-INITIAL_FORMS": 0}
    for at, line in enumerate(rooms):
        sent |= {
            f"form-{at}-{name}": value for name, value in zip(("name", "code", "numbers", "guests"), line, strict=True)
        }
    return sent


def test_the_whole_way(owner: Client, empty: Property) -> None:
    assert step_of(owner) == "hotel"
    url = "/h/NEW/setup/hotel/"
    assert owner.post(url, typed(owner, url, **PLACE))["Location"] == "/h/NEW/setup/rooms/"
    assert Property.objects.get(pk=empty.pk).address == "Hafen 1\n18055 Rostock\nDE"

    rooms = lines(("Double", "DBL", "101–103", 2), ("Single", "SGL", "201", 1))
    assert owner.post("/h/NEW/setup/rooms/", rooms)["Location"] == "/h/NEW/setup/taxes/"
    assert Room.objects.filter(property=empty).count() == 4

    url = "/h/NEW/setup/taxes/"
    proposed = typed(owner, url)
    assert (proposed["lodging"], proposed["other"]) == (Decimal(7), Decimal(19))
    assert owner.post(url, {**proposed, "city_tax": "2,50"})["Location"] == "/h/NEW/setup/prices/"
    assert {rate.code: rate.percent for rate in TaxRate.objects.all()} == {"lodging": 7, "standard": 19}
    assert CityTax.objects.get().amount == Decimal("2.50")

    inventory_open(hotel=empty)  # the worker does so once the hotel is there
    url = "/h/NEW/setup/prices/"
    prices = dict.fromkeys(owner.get(url).context["form"].fields, "100")
    assert owner.post(url, prices)["Location"] == "/h/NEW/setup/people/"
    assert RatePlan.objects.get().tax_code == "lodging"
    assert DailyRate.objects.filter(night=empty.business_date).count() == 2

    url = "/h/NEW/setup/people/"
    hugo = {"name-0": "Hugo Lindt", "email-0": "hugo@new.example", "role-0": "front_desk"}
    assert owner.post(url, typed(owner, url, **hugo))["Location"] == "/h/NEW/setup/booking/"
    assert Invitation.objects.filter(property=empty, email="hugo@new.example", roles=["front_desk"]).exists()
    assert "/h/NEW/bookings/new/" in owner.get("/h/NEW/setup/booking/").content.decode()


def test_a_step_is_left_out_and_taken_up_again(owner: Client) -> None:
    html = owner.get("/h/NEW/setup/hotel/").content.decode()
    assert 'href="/h/NEW/setup/rooms/"' in html  # leave out for now

    assert owner.post("/h/NEW/setup/rooms/", lines(("Double", "DBL", "101", 2))).status_code == 302

    assert step_of(owner) == "hotel"
    assert "This is done already" in owner.get("/h/NEW/setup/rooms/").content.decode()


def test_what_is_wrong_is_told_and_writes_nothing(owner: Client, empty: Property) -> None:
    for step, data in (
        ("hotel", {**PLACE, "country": "Germany"}),
        ("rooms", lines(("Double", "DBL", "101, ?", 2))),
        ("taxes", {"lodging": "lots", "other": "19"}),
        ("people", {"name-0": "Hugo", **{f"role-{at}": "front_desk" for at in range(5)}}),
        ("prices", {}),
    ):
        answer = owner.post(f"/h/NEW/setup/{step}/", data)
        assert answer.status_code == 422, step
    assert not Room.objects.filter(property=empty).exists()
    assert not TaxRate.objects.filter(property=empty).exists()
    assert owner.get("/h/NEW/setup/nothing/").status_code == 404


def test_a_type_that_exists_is_refused_in_words(owner: Client) -> None:
    owner.post("/h/NEW/setup/rooms/", lines(("Double", "DBL", "101", 2)))

    answer = owner.post("/h/NEW/setup/rooms/", lines(("Double", "DBL", "102", 2)))

    assert answer.status_code == 422
    assert "DBL" in str(answer.context["refusal"])
    assert not Room.objects.filter(number="102").exists()


def test_only_who_sets_the_hotel_up_has_the_guide(client: Client, hotel: Property, hugo: User, eve: User) -> None:
    client.force_login(hugo)
    assert client.get("/h/SEA/setup/").status_code == 403
    client.force_login(eve)
    assert client.get("/h/SEA/setup/rooms/").status_code == 404
