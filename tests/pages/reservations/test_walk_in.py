"""Somebody stands at the desk: booked, housed and checked in by one button, or nothing at all."""

from __future__ import annotations

from typing import Any

from django.test import Client

from properties.models import Property, Room
from properties.services import room_mark
from reservations.models import Booking, Reservation
from tests.clients import signed_in
from tests.factories.properties import make_member

NEW = "/h/SEA/bookings/new/"
TONIGHT = {"arrival": "2026-03-14", "departure": "2026-03-15", "adults": "1", "children": "", "offer": "DBL:BAR"}
GUEST = {"first_name": "Ida", "last_name": "Falk", "email": "ida@falk.example", "phone": "", "country": "de"}


def walk_in(client: Client, htmx: dict[str, Any], **changes: str) -> Any:
    """Press "Walk in" for a double tonight."""
    return client.post(NEW, {**TONIGHT, **GUEST, "notes": "Late", "walk_in": "1"} | changes, headers=htmx)


def test_a_walk_in_ends_checked_in(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    answer = walk_in(desk, htmx)

    stay = Reservation.objects.get()
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/h/SEA/reservations/{stay.pk}/")
    assert (stay.status, stay.walk_in, stay.notes) == (Reservation.Status.IN_HOUSE, True, "Late")
    assert "Ida Falk is booked and checked in" in desk.get(answer["HX-Redirect"]).content.decode()


def test_the_button_is_there_today_and_for_who_may_check_in(desk: Client, sea: Property) -> None:
    rosa = make_member(hotel=sea, name="Rosa Lima", role="reservations").user
    later = TONIGHT | {"arrival": "2026-03-16", "departure": "2026-03-17"}

    assert 'data-key="w"' in desk.get(NEW, TONIGHT).content.decode()
    assert 'data-key="w"' not in desk.get(NEW, later).content.decode()
    assert 'data-key="w"' not in signed_in(rosa).get(NEW, TONIGHT).content.decode()


def test_without_a_ready_room_nothing_is_booked_and_everything_typed_stays(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    for room in Room.objects.filter(property=sea, room_type__code="DBL"):
        room_mark(room_id=room.pk, condition=Room.Condition.DIRTY)

    answer = walk_in(desk, htmx)

    html = answer.content.decode()
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#offers")
    assert "No room of this type is ready" in html
    assert "book without checking in" in html
    assert 'id="guest-form"' not in html  # the fields are not touched
    assert not Booking.objects.exists()


def test_without_a_name_nothing_is_booked(desk: Client, htmx: dict[str, Any]) -> None:
    answer = walk_in(desk, htmx, last_name="")

    assert answer.status_code == 422
    assert 'value="ida@falk.example"' in answer.content.decode()
    assert not Booking.objects.exists()


def test_a_later_arrival_is_no_walk_in(desk: Client, htmx: dict[str, Any]) -> None:
    answer = walk_in(desk, htmx, arrival="2026-03-16", departure="2026-03-17")

    assert answer.status_code == 409
    assert "A walk-in arrives today." in answer.content.decode()
    assert not Booking.objects.exists()


def test_who_may_not_check_in_may_not_walk_somebody_in(sea: Property, htmx: dict[str, Any]) -> None:
    rosa = make_member(hotel=sea, name="Rosa Lima", role="reservations").user

    assert walk_in(signed_in(rosa), htmx).status_code == 403
    assert not Booking.objects.exists()


def test_a_new_booking_belongs_to_the_reservations_and_not_to_today(desk: Client, sea: Property) -> None:
    def section(path: str) -> list[str]:
        return [item["code"] for item in desk.get(path).context["nav"] if item["current"]]

    assert section(NEW) == ["reservations"]
    assert section("/h/SEA/reservations/") == ["reservations"]
    assert section("/h/SEA/") == ["today"]
