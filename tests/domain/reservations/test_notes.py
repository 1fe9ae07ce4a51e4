"""Notes of a stay: merged with what others wrote, never overwritten."""

from __future__ import annotations

import pytest

from pms.core.errors import InvalidValue, NotThere, StaleVersion
from pms.events.models import StreamEvent
from properties.models import Property
from reservations.models import Reservation
from reservations.services.notes import reservation_notes_change
from reservations.services.stays import reservation_cancel
from reservations.texts import merged
from tests.factories.reservations import make_reservation, open_for_sale


@pytest.fixture
def stay(hotel: Property) -> Reservation:
    """A stay in SEA with a note."""
    return make_reservation(hotel=open_for_sale(hotel), notes="Early")


def test_what_people_write_is_not_told_outside(hotel: Property, stay: Reservation) -> None:
    reservation_notes_change(hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "Allergic to nuts"})

    event = StreamEvent.objects.filter(code="reservation.amended").latest("pk")
    assert event.version == 2 and "Allergic" not in str(event.payload)


def test_notes_are_changed_and_raise_the_version(hotel: Property, stay: Reservation) -> None:
    changed = reservation_notes_change(hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "Cot"})

    assert (changed.notes, changed.version) == ("Cot", 2)


def test_saving_the_same_changes_nothing(hotel: Property, stay: Reservation) -> None:
    same = reservation_notes_change(
        hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "Early"}, originals={"notes": "Early"}
    )

    assert same.version == 1


def test_the_second_of_two_is_told_both_and_nothing_is_saved(hotel: Property, stay: Reservation) -> None:
    reservation_notes_change(hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "Theirs"})

    with pytest.raises(StaleVersion) as conflict:
        reservation_notes_change(
            hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "Mine"}, originals={"notes": "Early"}
        )

    assert conflict.value.conflicts == {"notes": ("Mine", "Theirs")}
    stay.refresh_from_db()
    assert stay.notes == "Theirs"


def test_too_long_notes_are_refused(hotel: Property, stay: Reservation) -> None:
    with pytest.raises(InvalidValue):
        reservation_notes_change(hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": "x" * 5001})


def test_notes_of_another_hotels_stay_are_not_there(other_hotel: Property, stay: Reservation) -> None:
    with pytest.raises(NotThere):
        reservation_notes_change(hotel=other_hotel, reservation_id=stay.pk, seen=1, values={"notes": "Cot"})


@pytest.mark.parametrize(
    ("original", "mine", "theirs", "both"),
    [
        ("a", "a\nb", "a\nc", "a\nc\nb"),
        ("a\nb", "b", "a\nb\nc", "b\nc"),
        ("", "x", "x", "x"),
        ("a", "", "a\nb", "b"),
        ("a", "b", "c", "c\nb"),
    ],
)
def test_two_texts_become_one(original: str, mine: str, theirs: str, both: str) -> None:
    assert merged(original, mine, theirs) == both


def test_a_card_written_into_a_remark_is_never_stored(hotel: Property, stay: Reservation) -> None:
    card = "pays with 4111 1111 1111 1111"

    booked = make_reservation(hotel=hotel, notes=card)
    changed = reservation_notes_change(hotel=hotel, reservation_id=stay.pk, seen=1, values={"notes": card})
    why = "4111111111111112 is no card; 4111111111111111 is one"
    reservation_cancel(hotel=hotel, reservation_id=stay.pk, reason=why)

    assert changed.notes == booked.notes == "pays with ************1111"
    stored = Reservation.objects.get(pk=stay.pk)
    assert stored.notes == "pays with ************1111"
    assert stored.cancel_reason == "4111111111111112 is no card; ************1111 is one"
