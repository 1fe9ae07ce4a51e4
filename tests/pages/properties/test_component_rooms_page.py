"""The page of a room made of others: what it is made of, what it is a part of, and what two people make of it."""

from __future__ import annotations

import pytest
from django.test import Client

from pms.accounts.models import User
from properties.models import Property, Room
from properties.services import room_change
from tests.factories.reservations import make_reservation
from tests.pages.properties.test_house_pages import typed


@pytest.fixture
def manager(client: Client, hotel_for_sale: Property, anna: User) -> Client:
    client.force_login(anna)
    return client


def numbered(hotel: Property, *numbers: str) -> list[Room]:
    return [Room.objects.get(property=hotel, number=number) for number in numbers]


def test_a_room_is_made_of_two_and_taken_apart_again(manager: Client, hotel_for_sale: Property) -> None:
    suite, first, second = numbered(hotel_for_sale, "501", "101", "102")
    room_change(room_id=suite.pk, values={"floor": ""})  # a virtual suite stands nowhere: all rooms are offered
    url = f"/h/SEA/rooms/{suite.pk}/"
    parts = [str(first.pk), str(second.pk)]

    assert manager.post(url, typed(manager, url, parts=parts)).status_code == 302

    assert Room.objects.get(pk=suite.pk).parts == parts
    assert "A part of" in manager.get(f"/h/SEA/rooms/{first.pk}/").content.decode()
    assert manager.post(url, typed(manager, url, parts=[])).status_code == 302
    assert not Room.objects.exclude(part_of=None).exists()


def test_a_single_part_is_refused_at_the_field(manager: Client, hotel_for_sale: Property) -> None:
    suite, first = numbered(hotel_for_sale, "501", "101")
    room_change(room_id=suite.pk, values={"floor": ""})
    url = f"/h/SEA/rooms/{suite.pk}/"

    answer = manager.post(url, typed(manager, url, parts=[str(first.pk)]))

    assert answer.status_code == 422
    assert "A room is made of two others or more." in answer.content.decode()


def test_what_is_sold_is_told_on_the_page(manager: Client, hotel_for_sale: Property) -> None:
    suite, first, second = numbered(hotel_for_sale, "501", "101", "102")
    room_change(room_id=suite.pk, values={"floor": ""})
    make_reservation(hotel=hotel_for_sale, room_type="SUI")
    make_reservation(hotel=hotel_for_sale, room_type="DBL")
    url = f"/h/SEA/rooms/{suite.pk}/"

    answer = manager.post(url, typed(manager, url, parts=[str(first.pk), str(second.pk)]))

    assert answer.status_code == 422
    assert not Room.objects.exclude(part_of=None).exists()


def test_parts_that_somebody_else_set_meanwhile_are_not_overwritten(manager: Client, hotel_for_sale: Property) -> None:
    suite, first, second, single = numbered(hotel_for_sale, "501", "101", "102", "201")
    room_change(room_id=suite.pk, values={"floor": ""})
    url = f"/h/SEA/rooms/{suite.pk}/"
    mine = typed(manager, url, parts=[str(first.pk), str(single.pk)])
    room_change(room_id=suite.pk, values={"parts": [first.pk, second.pk]})

    answer = manager.post(url, mine)

    assert answer.status_code == 409
    assert Room.objects.get(pk=suite.pk).parts == [str(first.pk), str(second.pk)]
