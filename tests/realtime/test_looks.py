"""What several audiences are drawn from is read once, and only while they are drawn together."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pms.accounts.models import User
from pms.live.batches import draw
from pms.live.looks import one_look, read_once
from pms.live.pages import audience_of
from properties.models import Property, Room

TOPICS = frozenset({"room_card", "room_counts"})


def test_the_rooms_are_read_once_for_all_audiences(hotel: Property, hugo: User, anna: User, sara: User) -> None:
    touched = [f"room_card:{pk}" for pk in Room.objects.filter(property=hotel).values_list("pk", flat=True)]
    audiences = [audience_of(user, hotel.pk) for user in (hugo, anna, sara)]
    assert len(set(audiences)) == 3

    def reads() -> int:
        with CaptureQueriesContext(connection) as asked:
            for audience in audiences:
                assert any(piece.html for piece in draw([*touched, f"room_counts:{hotel.pk}"], audience, TOPICS))
        return len(asked)

    with one_look():
        together = reads()
    apart = reads()  # the control

    assert together * 2 < apart


def test_a_later_look_reads_anew() -> None:
    asked: list[int] = []

    @read_once
    def answer(number: int) -> int:
        asked.append(number)
        return number

    with one_look():
        assert [answer(1), answer(1), answer(2)] == [1, 1, 2]
    with one_look():
        answer(1)
    answer(1)
    answer(1)

    assert asked == [1, 2, 1, 1, 1]
