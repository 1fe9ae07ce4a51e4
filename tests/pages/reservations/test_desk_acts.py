"""Check-in, check-out and taking either back, from the rows of the day and from the page of the stay."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark, room_set_occupancy
from properties.services.business_day import business_date_roll
from reservations.fragments import ARRIVAL_ROW, DEPARTURE_ROW, RESERVATION_HEAD
from reservations.models import Reservation
from reservations.services.front_desk import reservation_balance_set, reservation_check_in, reservation_check_out
from reservations.services.stays import reservation_assign_room
from reservations.views import desk as desk_views
from tests.clients import signed_in
from tests.factories.properties import make_member
from tests.factories.reservations import make_reservation

Status = Reservation.Status
ACTS = ("check-in", "check-in/undo", "check-out", "check-out/undo")


def address(stay: Any, act: str, piece: str = "") -> str:
    """Return the address of an act on the stay."""
    asked = f"?piece={piece}" if piece else ""
    return f"/h/SEA/reservations/{stay.pk}/{act}/{asked}"


def toast(answer: Any) -> dict[str, str]:
    """Return what the answer says in a few words."""
    said: dict[str, str] = json.loads(answer["HX-Trigger"])["toast"]
    return said


def planned(hotel: Property, number: str = "101", **options: Any) -> Reservation:
    """Book a stay for tonight into a room."""
    stay = make_reservation(hotel=hotel, **options)
    reservation_assign_room(
        hotel=hotel, reservation_id=stay.pk, room_id=Room.objects.get(property=hotel, number=number).pk
    )
    return stay


def in_house(hotel: Property, number: str = "101", **options: Any) -> Reservation:
    """Check a guest in."""
    stay = planned(hotel, number, **options)
    return reservation_check_in(hotel=hotel, reservation_id=stay.pk)


def due_out(hotel: Property) -> Reservation:
    """Return a guest who leaves on the hotel's day, with nothing to pay."""
    stay = in_house(hotel)
    business_date_roll(hotel=hotel)
    hotel.refresh_from_db()
    reservation_balance_set(reservation_id=stay.pk, balance=Decimal(0))
    return stay


def dirty(hotel: Property, number: str = "101") -> None:
    """Let the room be dirty."""
    room_mark(room_id=Room.objects.get(property=hotel, number=number).pk, condition=Room.Condition.DIRTY)


def now(stay: Reservation) -> str:
    """Return the state of the stay as it is stored."""
    return str(Reservation.objects.get(pk=stay.pk).status)


@pytest.fixture
def manager(sea: Property, anna: User) -> Client:
    """Anna's browser: she may override."""
    return signed_in(anna)


# --- check in ---------------------------------------------------------------------------------------------------------


def test_one_tap_checks_in_and_can_be_taken_back(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = planned(sea)

    answer = desk.post(address(stay, "check-in", "arrival_row"), headers=htmx)

    assert answer.status_code == 204  # no arrival any more: the socket takes the row away and counts anew
    assert "is checked in to 101" in toast(answer)["text"]
    assert now(stay) == Status.IN_HOUSE

    undone = desk.post(toast(answer)["undo"], headers=htmx)

    assert undone.status_code == 204
    assert now(stay) == Status.CONFIRMED


def test_the_answer_is_the_piece_that_is_pushed(desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]) -> None:
    stay = planned(sea, nights=2)

    for act in ("check-in", "check-in/undo"):
        answer = desk.post(address(stay, act, "reservation_head"), headers=htmx)

        assert answer.content.decode() == RESERVATION_HEAD.render(stay.pk, audience_of(hugo, sea.pk))
        assert answer["HX-Retarget"] == f"#reservation-head-{stay.pk}"


def test_an_arrival_with_a_ready_room_has_the_key_at_hand(desk: Client, sea: Property, hugo: User) -> None:
    stay = planned(sea)

    row = ARRIVAL_ROW.render(stay.pk, audience_of(hugo, sea.pk))

    assert f'hx-post="{address(stay, "check-in", "arrival_row")}"' in row
    assert "aria-disabled" not in row
    assert row in desk.get("/h/SEA/").content.decode()


def test_a_dirty_room_says_why_and_what_would_help(desk: Client, sea: Property, hugo: User, anna: User) -> None:
    stay = planned(sea)
    dirty(sea)

    row = ARRIVAL_ROW.render(stay.pk, audience_of(hugo, sea.pk))

    assert f'aria-describedby="why-in-{stay.pk}"' in row
    assert f'id="why-in-{stay.pk}"' in row
    assert "101 is dirty" in row
    assert "Choose another room" in row
    assert "Check in anyway" not in row
    assert "Check in anyway" in ARRIVAL_ROW.render(stay.pk, audience_of(anna, sea.pk))


def test_a_stay_without_a_room_is_given_one_first(desk: Client, sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea)

    head = RESERVATION_HEAD.render(stay.pk, audience_of(hugo, sea.pk))

    assert "No room yet" in head
    assert "Assign a room" in head
    assert "Check in" not in ARRIVAL_ROW.render(stay.pk, audience_of(hugo, sea.pk))


def test_a_stay_of_tomorrow_says_when_check_in_opens(sea: Property, hugo: User) -> None:
    stay = planned(sea, arrival=sea.business_date.replace(day=16))

    assert "Check-in opens on Mon 16 Mar" in RESERVATION_HEAD.render(stay.pk, audience_of(hugo, sea.pk))


def test_a_room_that_became_dirty_refuses_with_the_row_as_it_stands(
    desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]
) -> None:
    stay = planned(sea)
    dirty(sea)

    answer = desk.post(address(stay, "check-in", "arrival_row"), headers=htmx)

    assert answer.status_code == 409
    assert answer.content.decode() == ARRIVAL_ROW.render(stay.pk, audience_of(hugo, sea.pk))
    assert "Nobody was checked in" in toast(answer)["text"]
    assert now(stay) == Status.CONFIRMED


def test_who_may_override_checks_in_after_a_question(manager: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = planned(sea)
    dirty(sea)

    asked = manager.get(address(stay, "check-in", "arrival_row"), headers=htmx)
    answer = manager.post(address(stay, "check-in", "arrival_row"), {"accepted": "room_not_ready"}, headers=htmx)

    assert "The guest gets the key of 101 as it is." in asked.content.decode()
    assert answer.status_code == 204
    assert now(stay) == Status.IN_HOUSE


def test_who_may_not_override_is_refused(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = planned(sea)
    dirty(sea)

    assert desk.get(address(stay, "check-in"), headers=htmx).status_code == 403
    assert desk.post(address(stay, "check-in"), {"accepted": "room_not_ready"}, headers=htmx).status_code == 403
    assert now(stay) == Status.CONFIRMED


def test_nobody_is_put_into_a_room_with_somebody_in_it(manager: Client, sea: Property, htmx: dict[str, Any]) -> None:
    in_house(sea)
    business_date_roll(hotel=sea)
    sea.refresh_from_db()
    stay = planned(sea)

    answer = manager.post(address(stay, "check-in"), {"accepted": "room_not_ready"}, headers=htmx)

    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#dialog"
    assert "101 is still occupied" in answer.content.decode()
    assert "Check in anyway</button>" not in answer.content.decode()
    assert now(stay) == Status.CONFIRMED


def test_somebody_who_moved_in_meanwhile_is_not_joined(
    manager: Client, sea: Property, htmx: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was read while the room was only dirty; the service looks again under its lock."""
    stay = planned(sea)
    dirty(sea)
    seen = desk_views.stay_shown(sea, stay.pk, ())
    room_set_occupancy(room_id=Room.objects.get(property=sea, number="101").pk, occupancy="occupied")
    monkeypatch.setattr(desk_views, "stay_shown", lambda *_where: seen)

    answer = manager.post(address(stay, "check-in"), {"accepted": "room_not_ready"}, headers=htmx)

    assert answer.status_code == 409
    assert now(stay) == Status.CONFIRMED


# --- check out --------------------------------------------------------------------------------------------------------


def test_a_settled_departure_leaves_in_one_tap(desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]) -> None:
    stay = due_out(sea)
    assert f'hx-post="{address(stay, "check-out", "departure_row")}"' in DEPARTURE_ROW.render(
        stay.pk, audience_of(hugo, sea.pk)
    )

    answer = desk.post(address(stay, "check-out", "departure_row"), headers=htmx)

    assert answer.status_code == 204
    assert now(stay) == Status.CHECKED_OUT

    assert desk.post(toast(answer)["undo"], headers=htmx).status_code == 204
    assert now(stay) == Status.IN_HOUSE


def test_an_open_balance_says_so_with_the_way_to_the_folio(
    desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]
) -> None:
    stay = due_out(sea)
    reservation_balance_set(reservation_id=stay.pk, balance=Decimal(120))

    row = DEPARTURE_ROW.render(stay.pk, audience_of(hugo, sea.pk))
    asked = desk.get(address(stay, "check-out", "departure_row"), headers=htmx).content.decode()

    assert "Check-out waits: €120.00 is open" in row
    assert f'aria-describedby="why-out-{stay.pk}"' in row
    assert "Check-out waits: €120.00 is open" in asked
    assert 'id="check-out-form"' not in asked


def test_leaving_early_says_in_figures_what_is_given_back(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = in_house(sea, nights=3)
    business_date_roll(hotel=sea)
    sea.refresh_from_db()

    asked = desk.get(address(stay, "check-out", "reservation_head"), headers=htmx).content.decode()
    answer = desk.post(address(stay, "check-out", "reservation_head"), {"accepted": "early_departure"}, headers=htmx)

    assert "2 nights are given back, from Sun 15 Mar" in asked  # the night that was slept stays
    assert "€240.00" in asked
    assert "The stay then ends on Sun 15 Mar and costs €120.00." in asked
    assert answer.status_code == 200
    assert "undo" not in toast(answer)
    left = Reservation.objects.get(pk=stay.pk)
    assert (left.status, left.total) == (Status.CHECKED_OUT, Decimal(120))


def test_leaving_on_the_day_of_arrival_gives_tonight_back_too(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay = in_house(sea, nights=3)

    asked = desk.get(address(stay, "check-out", "reservation_head"), headers=htmx).content.decode()
    answer = desk.post(address(stay, "check-out", "reservation_head"), {"accepted": "early_departure"}, headers=htmx)

    assert "3 nights are given back, from Sat 14 Mar" in asked
    assert "The stay then costs €0.00; to charge for today, post it on the folio first." in asked
    assert answer.status_code == 200
    left = Reservation.objects.get(pk=stay.pk)
    assert (left.status, left.total) == (Status.CHECKED_OUT, Decimal(0))


def test_leaving_early_is_never_one_tap(desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]) -> None:
    stay = in_house(sea, nights=3)

    answer = desk.post(address(stay, "check-out", "reservation_head"), headers=htmx)

    assert answer.status_code == 409
    assert answer.content.decode() == RESERVATION_HEAD.render(stay.pk, audience_of(hugo, sea.pk))
    assert "confirm the early departure" in toast(answer)["text"]
    assert now(stay) == Status.IN_HOUSE


def test_a_check_out_is_taken_back_from_the_head(desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]) -> None:
    stay = due_out(sea)
    reservation_check_out(hotel=sea, reservation_id=stay.pk)
    audience = audience_of(hugo, sea.pk)
    assert "Undo check-out" in RESERVATION_HEAD.render(stay.pk, audience)

    answer = desk.post(address(stay, "check-out/undo", "reservation_head"), headers=htmx)

    assert answer.content.decode() == RESERVATION_HEAD.render(stay.pk, audience)
    assert now(stay) == Status.IN_HOUSE


def test_an_undo_that_came_too_late_says_so(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = in_house(sea, nights=2)
    business_date_roll(hotel=sea)

    answer = desk.post(address(stay, "check-in/undo"), headers=htmx)

    assert (answer.status_code, answer["HX-Reswap"]) == (409, "none")
    assert toast(answer)["tone"] == "amber"
    assert now(stay) == Status.IN_HOUSE


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ACTS)
def test_a_colleague_without_the_right_may_not(sea: Property, act: str) -> None:
    stay = planned(sea)
    rosa = make_member(hotel=sea, name="Rosa Lima", role="reservations").user

    assert signed_in(rosa).post(address(stay, act)).status_code == 403
    assert "check-in" not in RESERVATION_HEAD.render(stay.pk, audience_of(rosa, sea.pk))


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_finds_nothing(sea: Property, eve: User, act: str) -> None:
    assert signed_in(eve).post(address(planned(sea), act)).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_a_stay_of_another_hotel_is_not_found(desk: Client, other_hotel: Property, act: str) -> None:
    from tests.factories.reservations import open_for_sale

    assert desk.post(address(make_reservation(hotel=open_for_sale(other_hotel)), act)).status_code == 404
