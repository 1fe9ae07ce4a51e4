"""The page of one stay: its parts are pieces, its notes merge, its history tells who did what."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.test import Client

from pms.accounts.models import User
from pms.live.pages import audience_of
from properties.models import Property, Room
from reservations.fragments import PAGE, STAY_CARD
from reservations.selectors.detail import stay_rows
from reservations.selectors.history import history_of
from reservations.services.front_desk import reservation_check_in, reservation_check_out
from reservations.services.notes import reservation_notes_change
from reservations.services.stays import reservation_assign_room
from tests.factories.reservations import make_reservation


def address(stay: Any, *steps: str) -> str:
    """Return the address of the stay's page or of something below it."""
    return "/".join(["/h/SEA/reservations", str(stay.pk), *steps]) + "/"


def test_every_part_of_the_page_is_the_piece_that_would_be_pushed(desk: Client, sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea, nights=2, rate_plan="BB", adults=2)
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)

    html = desk.get(address(stay)).content.decode()

    for fragment in PAGE:
        assert fragment.render(stay.pk, audience_of(hugo, sea.pk)) in html
    assert "gave the stay room 101" in html
    assert "€322.00" in html


def test_who_left_on_the_day_of_arrival_is_shown_no_night_and_no_sum(sea: Property, hugo: User) -> None:
    stay = make_reservation(hotel=sea, nights=2)
    room = Room.objects.get(property=sea, number="101")
    reservation_assign_room(hotel=sea, reservation_id=stay.pk, room_id=room.pk)
    reservation_check_in(hotel=sea, reservation_id=stay.pk)
    before = stay_rows([stay.pk], audience_of(hugo, sea.pk))[stay.pk]

    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})

    card = stay_rows([stay.pk], audience_of(hugo, sea.pk))[stay.pk]
    assert (len(before.lines), before.total, before.contained > 0) == (2, Decimal(245), True)  # city tax included
    assert (len(card.lines), card.total, card.contained) == (0, 0, 0)
    assert "No night is charged" in STAY_CARD.render(stay.pk, audience_of(hugo, sea.pk))


def test_the_page_costs_the_same_however_many_nights(
    desk: Client, sea: Property, django_assert_max_num_queries: Any
) -> None:
    short, long = make_reservation(hotel=sea), make_reservation(hotel=sea, nights=14)
    desk.get(address(short))

    with django_assert_max_num_queries(45) as few:
        desk.get(address(short))
    with django_assert_max_num_queries(len(few.captured_queries)):
        desk.get(address(long))


def test_notes_are_saved_and_told_in_the_history(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = make_reservation(hotel=sea)

    answer = desk.post(
        address(stay, "notes"), {"stay-notes": "Cot", "stay-seen_notes": "", "stay-version": stay.version}, headers=htmx
    )

    assert answer.status_code == 204
    html = desk.get(address(stay)).content.decode()
    assert "Cot" in html
    assert "Hugo Lindt" in html


def test_the_history_tells_sums_as_people_write_them(desk: Client, sea: Property) -> None:
    stay = make_reservation(hotel=sea)
    stay.total = Decimal("180")
    stay.save()

    (change,) = next(line for line in history_of(stay, ()) if line.changes).changes

    assert (change.old, change.new) == ("€120.00", "€180.00")


def test_the_same_notes_changed_by_two_are_shown_to_the_second(
    desk: Client, sea: Property, htmx: dict[str, Any]
) -> None:
    stay = make_reservation(hotel=sea, notes="Early")
    reservation_notes_change(hotel=sea, reservation_id=stay.pk, seen=stay.version, values={"notes": "Early\nCot"})

    answer = desk.post(
        address(stay, "notes"),
        {"stay-notes": "Early\nFlowers", "stay-seen_notes": "Early", "stay-version": stay.version},
        headers=htmx,
    )

    html = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="Early\nCot\nFlowers"' in html
    assert 'value="Early\nFlowers"' in html
    assert 'value="Early\nCot"' in html
    stay.refresh_from_db()
    assert stay.notes == "Early\nCot"


def test_the_choice_after_a_conflict_is_saved(desk: Client, sea: Property, htmx: dict[str, Any]) -> None:
    stay = make_reservation(hotel=sea, notes="Early")
    now = reservation_notes_change(hotel=sea, reservation_id=stay.pk, seen=stay.version, values={"notes": "Cot"})

    answer = desk.post(
        address(stay, "notes"),
        {"stay-notes": "Cot\r\nFlowers", "stay-seen_notes": "Cot", "stay-version": now.version},
        headers=htmx,
    )

    assert answer.status_code == 204
    stay.refresh_from_db()
    assert stay.notes == "Cot\nFlowers"
