"""A suite made of other rooms: one stock for it and its parts, one bed for one guest, one state (scenario 7)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pms.core.errors import InvalidValue
from properties.errors import RoomMadeOfOthers
from properties.models import Property, Room
from properties.services import room_archive, room_change, room_mark
from properties.services.room_type_spans import room_type_plan
from properties.services.setup import RoomPlan
from reservations.drafts import GuestDraft
from reservations.errors import NotAvailable, RoomClosed, RoomNeeded, RoomTaken
from reservations.models import Reservation, RoomAssignment
from reservations.selectors.stays import rooms_free
from reservations.services.bookings import booking_create
from reservations.services.front_desk import reservation_check_in, reservation_check_out
from reservations.services.house import room_parts_counted
from reservations.services.out_of_order import out_of_order_end, out_of_order_set
from reservations.services.stays import reservation_assign_room, reservation_cancel, reservation_unassign_room
from tests.domain.reservations.given import (
    after,
    assert_counts_are_right,
    counter,
    happened,
    kind,
    left,
    lefts,
    nothing_changed,
    room,
)
from tests.factories.properties import make_hotel, make_room
from tests.factories.reservations import make_reservation, make_stay, open_for_sale

pytestmark = pytest.mark.django_db
ALL = ("SUI", "DBL", None)


@pytest.fixture
def house() -> Property:
    """Five doubles, one suite of its own, and S599 made of 104 and 105."""
    rooms = [
        RoomPlan(code="DBL", name="Double", numbers=["101", "102", "103", "104", "105"]),
        RoomPlan(code="SUI", name="Suite", numbers=["501"], max_adults=4),
    ]
    hotel = open_for_sale(make_hotel(code="CMP", rooms=rooms), nights=6)
    make_room(hotel=hotel, number="S599", room_type=kind(hotel, "SUI"))
    made_of(hotel, "S599", ["104", "105"])
    return hotel


def made_of(hotel: Property, number: str, parts: Sequence[str]) -> Room:
    keys = [room(hotel, part).pk for part in parts]
    return room_change(room_id=room(hotel, number).pk, values={"parts": keys})


def assign(hotel: Property, stay: Reservation, number: str) -> Reservation:
    return reservation_assign_room(hotel=hotel, reservation_id=stay.pk, room_id=room(hotel, number).pk)


def sold_out(hotel: Property, room_type: str) -> bool:
    try:
        make_reservation(hotel=hotel, room_type=room_type)
    except NotAvailable:
        return True
    return False


def test_an_empty_night_counts_the_suite_in_its_type_and_its_beds_once(house: Property) -> None:
    assert lefts(house, *ALL) == [2, 5, 6]
    assert_counts_are_right(house)


def test_the_suite_takes_its_parts_and_giving_it_back_restores_all(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    assert lefts(house, *ALL) == [1, 3, 4]
    assert_counts_are_right(house)

    reservation_cancel(hotel=house, reservation_id=stay.pk, reason="")

    assert lefts(house, *ALL) == [2, 5, 6]
    assert_counts_are_right(house)


def test_a_part_takes_the_suite_and_giving_it_back_restores_all(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="DBL"), "104")
    assert lefts(house, *ALL) == [1, 4, 5]
    assert_counts_are_right(house)

    reservation_unassign_room(hotel=house, reservation_id=stay.pk)

    assert lefts(house, *ALL) == [2, 4, 5]
    assert_counts_are_right(house)


def test_stays_without_a_room_take_what_is_made_of_nothing_first(house: Property) -> None:
    make_reservation(hotel=house, room_type="SUI")
    assert lefts(house, *ALL) == [1, 5, 5]

    make_reservation(hotel=house, room_type="SUI")  # only S599 is left for it

    assert lefts(house, *ALL) == [0, 3, 3]
    assert [sold_out(house, "DBL") for _ in range(4)] == [False, False, False, True]
    assert sold_out(house, "SUI")
    assert_counts_are_right(house)


def test_doubles_that_need_a_part_take_the_suite_from_sale(house: Property) -> None:
    assert [sold_out(house, "DBL") for _ in range(3)] == [False] * 3
    assert lefts(house, *ALL) == [2, 2, 3]

    make_reservation(hotel=house, room_type="DBL")

    assert lefts(house, *ALL) == [1, 1, 2]
    assert [sold_out(house, "SUI") for _ in range(2)] == [False, True]
    assert_counts_are_right(house)


def test_two_rooms_in_one_booking_are_judged_together(house: Property) -> None:
    for _ in range(3):
        make_reservation(hotel=house, room_type="DBL")
    make_reservation(hotel=house, room_type="SUI")
    both = [make_stay(hotel=house, room_type=code) for code in ("SUI", "DBL")]

    with nothing_changed(), pytest.raises(NotAvailable):
        booking_create(hotel=house, booker=GuestDraft(last_name="Martí"), stays=both)


def test_a_stay_of_several_nights_binds_each_of_them(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI", nights=3), "S599")
    assert [left(house, "DBL", after(house, night)) for night in range(4)] == [3, 3, 3, 5]
    assert [one.number for one in Room.objects.filter(pk__in=rows(stay)).order_by("sort_key")] == ["104", "105"]


def rows(stay: Reservation) -> list[object]:
    held = RoomAssignment.everywhere.filter(reservation=stay, active=True).exclude(part_of=None)
    return list(held.values_list("room_id", flat=True))


def test_the_suite_is_not_given_while_a_part_is_taken(house: Property) -> None:
    taken = assign(house, make_reservation(hotel=house, room_type="DBL"), "104")
    stay = make_reservation(hotel=house, room_type="SUI")

    with nothing_changed(), pytest.raises(RoomTaken) as refusal:
        assign(house, stay, "S599")
    assert str(refusal.value) == (
        f"Room 104, a part of S599, is taken by {taken.number} in one of these nights. No room was assigned; choose "
        "another."
    )
    assert "S599" not in {one.number for one in free(house)}


def test_a_part_is_not_given_while_the_suite_is_taken(house: Property) -> None:
    taken = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    stay = make_reservation(hotel=house, room_type="DBL")

    with nothing_changed(), pytest.raises(RoomTaken) as refusal:
        assign(house, stay, "105")
    assert str(refusal.value) == (
        f"Room 105 is a part of S599, which is taken by {taken.number} in one of these nights. No room was assigned; "
        "choose another."
    )
    assert {"104", "105", "S599"}.isdisjoint(one.number for one in free(house))


def free(hotel: Property) -> list[Room]:
    return rooms_free(hotel=hotel, first=hotel.business_date, departure=after(hotel, 1))


def test_a_part_is_not_given_while_a_stay_without_a_room_needs_the_suite(house: Property) -> None:
    make_reservation(hotel=house, room_type="SUI")
    make_reservation(hotel=house, room_type="SUI")
    stay = make_reservation(hotel=house, room_type="DBL")

    with nothing_changed(), pytest.raises(NotAvailable, match="Room 104, or a part of it, is needed"):
        assign(house, stay, "104")
    assign(house, stay, "101")


def test_moving_from_the_suite_to_another_room_frees_the_parts(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")

    assign(house, stay, "501")

    assert lefts(house, *ALL) == [1, 5, 5]
    assert rows(stay) == []
    assert_counts_are_right(house)


def test_partners_hear_of_the_types_of_the_parts(house: Property) -> None:
    stay = make_reservation(hotel=house, room_type="SUI")
    assign(house, stay, "S599")

    told = happened("availability.moved")[-1]
    assert set(told.payload["room_type_ids"]) == {str(kind(house, "DBL").pk)}


def test_checking_in_occupies_the_parts_and_checking_out_makes_them_dirty(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    reservation_check_in(hotel=house, reservation_id=stay.pk)
    assert states(house) == {("occupied", "clean")}

    reservation_check_out(hotel=house, reservation_id=stay.pk, accepted=["early_departure"])

    assert states(house) == {("vacant", "dirty")}
    assert lefts(house, *ALL) == [2, 5, 6]
    assert_counts_are_right(house)


def states(hotel: Property) -> set[tuple[str, str]]:
    rooms = Room.objects.filter(property=hotel, number__in=["104", "105", "S599"])
    return set(rooms.values_list("occupancy", "condition"))


def test_the_suite_is_as_the_worst_of_its_parts(house: Property) -> None:
    suite, first, second = (room(house, number).pk for number in ("S599", "104", "105"))
    room_mark(room_id=suite, condition="dirty")
    assert states(house) == {("vacant", "dirty")}

    room_mark(room_id=first, condition="inspected")
    assert room(house, "S599").condition == "dirty"
    room_mark(room_id=second, condition="clean")
    assert room(house, "S599").condition == "clean"


def test_a_guest_in_a_part_occupies_the_suite_until_the_last_is_gone(house: Property) -> None:
    guests = [assign(house, make_reservation(hotel=house, room_type="DBL"), number) for number in ("104", "105")]
    for guest in guests:
        reservation_check_in(hotel=house, reservation_id=guest.pk)
    for guest, occupancy in zip(guests, ("occupied", "vacant"), strict=True):
        reservation_check_out(hotel=house, reservation_id=guest.pk, accepted=["early_departure"])
        assert room(house, "S599").occupancy == occupancy


def test_a_part_out_of_order_takes_the_suite_from_sale(house: Property) -> None:
    closed = close(house, "104")
    assert lefts(house, *ALL) == [1, 4, 5]
    assert_counts_are_right(house)
    with pytest.raises(RoomClosed):
        assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")

    out_of_order_end(hotel=house, out_of_order_id=closed.pk)

    assert lefts(house, *ALL) == [1, 5, 5]
    assert_counts_are_right(house)


def close(hotel: Property, number: str) -> object:
    day = hotel.business_date
    return out_of_order_set(
        hotel=hotel, room_id=room(hotel, number).pk, kind="out_of_order", first=day, last=day, reason="Paint"
    )


def test_a_part_is_not_closed_while_somebody_has_the_suite_or_needs_it(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    with nothing_changed(), pytest.raises(RoomNeeded, match=stay.number):
        close(house, "104")
    reservation_unassign_room(hotel=house, reservation_id=stay.pk)
    make_reservation(hotel=house, room_type="SUI")
    with nothing_changed(), pytest.raises(NotAvailable):
        close(house, "104")
    with pytest.raises(RoomMadeOfOthers):
        close(house, "S599")


def test_it_is_taken_apart_again_unless_somebody_has_it(house: Property) -> None:
    stay = assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    with nothing_changed(), pytest.raises(RoomTaken):
        made_of(house, "S599", [])
    reservation_cancel(hotel=house, reservation_id=stay.pk, reason="")

    made_of(house, "S599", [])

    assert lefts(house, *ALL) == [2, 5, 7]
    assert not Room.objects.exclude(part_of=None).exists()
    assert_counts_are_right(house)


def test_parts_that_are_sold_keep_a_room_from_being_made_of_them(house: Property) -> None:
    made_of(house, "S599", [])
    for _ in range(2):
        make_reservation(hotel=house, room_type="SUI")
    for _ in range(4):
        make_reservation(hotel=house, room_type="DBL")

    with nothing_changed(), pytest.raises(NotAvailable):
        made_of(house, "S599", ["104", "105"])


def test_what_it_is_made_of_must_make_sense(house: Property) -> None:
    for parts in (["104"], ["101", "S599"], ["501", "S599"]):
        with nothing_changed(), pytest.raises(InvalidValue):
            made_of(house, "501", parts)
    with pytest.raises(RoomMadeOfOthers):
        made_of(house, "104", ["101", "102"])
    stranger = make_room(hotel=make_hotel(code="LAX"))
    with pytest.raises(InvalidValue):
        room_change(room_id=room(house, "501").pk, values={"parts": [stranger.pk, room(house, "101").pk]})


@pytest.mark.parametrize("number", ["104", "S599"])
def test_neither_it_nor_a_part_is_archived_or_changes_its_type(house: Property, number: str) -> None:
    one, single = room(house, number), kind(house, "SUI" if number == "104" else "DBL").pk
    for act in (
        lambda: room_archive(room_id=one.pk),
        lambda: room_change(room_id=one.pk, values={"room_type": single}),
        lambda: room_type_plan(room_id=one.pk, room_type_id=single, since=after(house, 2)),
    ):
        with nothing_changed(), pytest.raises(RoomMadeOfOthers):
            act()


def test_counters_that_forgot_the_suite_are_found(house: Property) -> None:
    assign(house, make_reservation(hotel=house, room_type="SUI"), "S599")
    row = counter(house, "DBL")
    row.bound = 0
    row.save()
    from reservations.selectors.recount import recount

    assert [(drift.part, drift.stored, drift.counted) for drift in recount(house)] == [("bound", 0, 2)]


def test_a_change_of_parts_is_counted_once_and_may_be_counted_again(house: Property) -> None:
    with nothing_changed():
        room_parts_counted(hotel=house, room_id=room(house, "S599").pk, beds=0)
