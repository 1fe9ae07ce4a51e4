"""Two people save different fields of one room at the same moment: both changes survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models, transaction

from pms.core.errors import StaleVersion
from properties.models import Room
from tests.domain.core.given import make_room
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 15


def saving(room: Room, save: Callable[[Room], Any], **values: str) -> Callable[[], Any]:
    """Load the row as a request of its own would, and save it when the race begins."""
    mine = Room.objects.get(pk=room.pk)
    for name, value in values.items():
        setattr(mine, name, value)
    return lambda: save(mine)


def test_different_fields_saved_in_parallel_both_survive() -> None:
    room = make_room()
    for number in range(ROUNDS):
        calls = [saving(room, Room.save, floor=f"f{number}"), saving(room, Room.save, number=f"n{number}")]

        assert together(*calls) == [None, None]

        room.refresh_from_db()
        assert (room.floor, room.number) == (f"f{number}", f"n{number}")
    assert room.version == 1 + 2 * ROUNDS


def test_the_same_field_saved_in_parallel_is_saved_once_and_refused_for_the_others() -> None:
    room = make_room()

    results = together(*(saving(room, Room.save, floor=f"f{number}") for number in range(6)))

    room.refresh_from_db()
    winner = results.index(None)
    assert (room.floor, room.version) == (f"f{winner}", 2)
    assert [type(result) for result in results if result is not None] == [StaleVersion] * 5


def test_control_a_plain_save_without_lock_and_version_loses_a_change() -> None:
    """The guard off: Django's own save writes every field as it was loaded."""

    def plain(row: Room) -> None:
        with transaction.atomic():
            models.Model.save(row)

    room = make_room()
    lost = 0
    for number in range(ROUNDS):
        together(saving(room, plain, floor=f"f{number}"), saving(room, plain, number=f"n{number}"))
        room.refresh_from_db()
        lost += (room.floor, room.number) != (f"f{number}", f"n{number}")
    assert lost == ROUNDS
