"""Giving a stay its room from a list: what is offered, what is refused and why, and the way back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.test import Client

from pms.accounts.models import User
from pms.live.pages import audience_of
from properties.models import Property, Room
from reservations.fragments import ARRIVAL_ROW
from reservations.models import Reservation
from reservations.selectors.stays import assignments_of
from reservations.services.out_of_order import out_of_order_set
from reservations.services.stays import reservation_assign_room
from tests.clients import signed_in
from tests.factories.reservations import make_booking, make_reservation

ONE_DAY = dt.timedelta(days=1)


def room(hotel: Property, number: str) -> Room:
    """Return a room of the hotel."""
    return Room.objects.get(property=hotel, number=number)


def url(stay: Reservation, *steps: object) -> str:
    """Return the address of an act on the stay."""
    return "/".join(["/h/SEA/reservations", str(stay.pk), *map(str, steps)]) + "/"


def has(stay: Reservation) -> list[str]:
    """Return the rooms the stay has."""
    return [one.room.number for one in assignments_of(stay.pk)]


def test_the_dialog_offers_the_booked_type_first_then_upgrades_with_their_price(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea, nights=2)

    html = desk.get(url(stay, "room") + "?piece=arrival_row").content.decode()

    assert html.index("as booked") < html.index("Upgrade")
    assert "The price stays €240.00" in html
    assert html.count("piece=arrival_row") == 4  # 101, 102, then 201 and 501


def test_a_room_out_of_service_comes_last_and_warns_of_its_reason_and_may_be_given(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay = make_reservation(hotel=sea, nights=2)
    day = sea.business_date
    rests = {"kind": "out_of_service", "reason": "The <tap> drips"}
    for number, first, last in (("101", day + ONE_DAY, day + 3 * ONE_DAY), ("501", stay.departure, stay.departure)):
        out_of_order_set(hotel=sea, room_id=room(sea, number).pk, first=first, last=last, **rests)

    html = desk.get(url(stay, "room")).content.decode()
    answer = desk.post(url(stay, "room", room(sea, "101").pk), headers=htmx)

    assert html.index(f"/room/{room(sea, '102').pk}/") < html.index(f"/room/{room(sea, '101').pk}/")
    assert html.count("data-rests") == 1, "501 rests only after the stay"
    assert "<b>101</b> Out of service until" in html and "The &lt;tap&gt; drips" in html
    assert answer.status_code == 204 and has(stay) == ["101"]


def test_a_type_without_stock_is_blocked_though_its_room_stands_empty(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    make_reservation(hotel=sea, room_type="SUI")

    html = desk.get(url(stay, "room")).content.decode()

    assert "Every Suite is sold in one of these nights" in html
    assert f"/room/{room(sea, '501').pk}/" not in html


def test_an_assigned_room_answers_with_the_row_of_the_list(
    desk: Client, sea: Property, hugo: User, htmx: dict[str, Any]
) -> None:
    stay = make_reservation(hotel=sea)

    answer = desk.post(url(stay, "room", room(sea, "101").pk) + "?piece=arrival_row", headers=htmx)

    assert answer.content.decode() == ARRIVAL_ROW.render(stay.pk, audience_of(hugo, sea.pk))
    assert answer["HX-Retarget"] == f"#arrival-row-{stay.pk}"
    told = json.loads(answer["HX-Trigger"])
    assert told["dialog:close"] is True
    assert told["toast"]["undo"] == url(stay, "room", "none")
    assert has(stay) == ["101"]


def test_taking_it_back_leaves_the_stay_without_a_room(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = make_reservation(hotel=sea)
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room(sea, "101").pk)

    answer = desk.post(url(stay, "room", "none"), headers=htmx)

    assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"])["toast"]["undo"] == url(stay, "room", room(sea, "101").pk)
    assert has(stay) == []


def test_a_room_taken_meanwhile_is_refused_with_the_reason_and_what_is_free_now(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay, other = make_reservation(hotel=sea), make_reservation(hotel=sea)
    reservation_assign_room(hotel=sea, reservation_id=other.pk, room_id=room(sea, "101").pk)

    answer = desk.post(url(stay, "room", room(sea, "101").pk) + "?piece=arrival_row", headers=htmx)

    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#dialog"
    html = answer.content.decode()
    assert f"Room 101 is taken by {other.number}" in html
    assert f"/room/{room(sea, '102').pk}/" in html
    assert has(stay) == []


def test_when_nothing_is_free_the_dialog_says_so(desk: Client, sea: Property) -> None:
    for kind, number in (("SGL", "201"), ("SUI", "501"), ("DBL", "101"), ("DBL", "102")):
        taken = make_reservation(hotel=sea, room_type=kind)
        reservation_assign_room(hotel=sea, reservation_id=taken.pk, room_id=room(sea, number).pk)
    stay = make_booking(hotel=sea, forced=True).reservations.get()

    assert "No room is free in every night" in desk.get(url(stay, "room")).content.decode()


def test_a_cancellation_asks_for_the_reason_and_names_the_sum(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay = make_reservation(hotel=sea, nights=2)

    assert "€240.00" in desk.get(url(stay, "cancel")).content.decode()
    answer = desk.post(url(stay, "cancel"), {"cancel-reason": ""}, headers=htmx)

    assert answer.status_code == 422
    stay.refresh_from_db()
    assert stay.status == "confirmed"


def test_a_cancelled_stay_leaves_the_list_it_was_cancelled_from(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay = make_reservation(hotel=sea)

    answer = desk.post(url(stay, "cancel") + "?piece=arrival_row", {"cancel-reason": "Ill"}, headers=htmx)

    assert answer.status_code == 204
    stay.refresh_from_db()
    assert (stay.status, stay.cancel_reason) == ("cancelled", "Ill")


def test_a_stay_in_a_final_state_says_why_not(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = make_reservation(hotel=sea)
    desk.post(url(stay, "cancel"), {"cancel-reason": "Ill"}, headers=htmx)

    html = desk.get(url(stay, "cancel")).content.decode()

    assert "it cannot be cancelled" in html
    assert "hx-post" not in html


def test_an_accountant_sees_but_does_not_act(sea: Property) -> None:
    from tests.factories.properties import make_member

    clara = signed_in(make_member(hotel=sea, name="Clara Voss", role="accountant").user)
    stay = make_reservation(hotel=sea)

    page = clara.get("/h/SEA/").content.decode()

    assert str(stay.pk) in page
    assert "choose_room" not in page
    assert "/room/" not in page
    assert clara.get(url(stay, "room")).status_code == 403
    assert clara.post(url(stay, "cancel"), {"cancel-reason": "x"}).status_code == 403


def test_the_stay_of_another_hotel_is_not_there(desk: Client, sea: Property, other_hotel: Property) -> None:
    from tests.factories.reservations import open_for_sale

    theirs = make_reservation(hotel=open_for_sale(other_hotel))

    assert desk.get(url(theirs)).status_code == 404
    assert desk.get(url(theirs, "room")).status_code == 404
    assert desk.post(url(theirs, "cancel"), {"cancel-reason": "x"}).status_code == 404
