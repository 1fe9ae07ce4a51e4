"""`publish`: upper apps react within the transaction or after it, and may refuse."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from pms.core.acting import act_as
from pms.core.errors import DomainError
from pms.events import receivers
from pms.events.base import Event
from pms.events.models import Delivery, StreamEvent
from pms.events.publish import publish
from pms.events.receivers import after, within
from properties.models import Organization
from tests.domain.events.given import RoomLocked, RoomLocking, RoomSwept

pytestmark = pytest.mark.django_db

HERE = uuid.UUID(int=1)


class FolioNotSettled(DomainError, code="test_folio_not_settled"):
    """The veto of the tests."""


DomainError.catalogue.pop("test_folio_not_settled")


def test_receivers_within_run_at_once_and_for_this_event_only() -> None:
    seen: list[Event] = []
    within(RoomSwept)(seen.append)
    event = RoomSwept(property_id=HERE)

    publish(event)
    publish(RoomLocked(property_id=HERE))

    assert seen == [event]


@pytest.mark.django_db(transaction=True)
def test_an_error_within_rolls_everything_back() -> None:
    @within(RoomSwept)
    def refuse(event: RoomSwept) -> None:
        Organization.objects.create(name="reaction")
        raise FolioNotSettled("There is an open folio. Nothing was changed.")

    def act() -> None:
        with transaction.atomic():
            Organization.objects.create(name="act")
            publish(RoomSwept(property_id=HERE))

    with pytest.raises(FolioNotSettled):
        act()

    assert (Organization.objects.count(), StreamEvent.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_a_veto_leaves_no_trace_when_nobody_refuses() -> None:
    seen: list[Event] = []
    within(RoomLocking)(seen.append)

    publish(RoomLocking(property_id=HERE))

    assert len(seen) == 1
    assert not StreamEvent.objects.exists()


def test_nothing_can_happen_after_a_veto() -> None:
    with pytest.raises(TypeError, match="RoomLocking is a veto"):
        after(RoomLocking)(lambda event: None)


def test_receivers_after_are_owed_the_event_and_not_called() -> None:
    called: list[Any] = []

    @after(RoomSwept, RoomLocked)
    def remember(event: StreamEvent) -> None:
        called.append(event)

    publish(RoomSwept(property_id=HERE))

    delivery = Delivery.objects.get()
    name = f"{__name__}.remember"
    assert (delivery.receiver, delivery.property_id, delivery.state) == (name, HERE, Delivery.State.PENDING)
    assert (delivery.tries, delivery.lease_until) == (0, None)
    assert called == []
    assert receivers.receiver_named(name) is remember
    assert receivers.registered()["after"] == {"test_room.swept": [name], "test_room.locked": [name]}


def test_an_event_is_stored_with_its_facts_as_json() -> None:
    room = uuid.uuid4()
    with act_as(via="api", request_id="request-0001"):
        publish(
            RoomSwept(
                property_id=HERE,
                room_id=room,
                business_date=dt.date(2026, 11, 22),
                version=7,
                price=Decimal("119.00"),
                nights=(dt.date(2026, 11, 22), dt.date(2026, 11, 23)),
                changes={"condition": ("dirty", "clean")},
            )
        )

    stored = StreamEvent.objects.get()
    assert (stored.kind, stored.code, stored.object_type) == (StreamEvent.Kind.HAPPENED, "test_room.swept", "room")
    assert (stored.object_id, stored.version, stored.business_date) == (room, 7, dt.date(2026, 11, 22))
    assert (stored.via, stored.request_id) == ("api", "request-0001")
    assert stored.payload == {
        "room_id": str(room),
        "price": "119.00",
        "nights": ["2026-11-22", "2026-11-23"],
        "changes": {"condition": ["dirty", "clean"]},
    }


def test_an_event_cannot_be_changed_and_its_code_is_its_own() -> None:
    with pytest.raises(AttributeError):
        RoomSwept(property_id=HERE).version = 2  # type: ignore[misc]

    @dataclass(frozen=True, kw_only=True)
    class First(Event, code="test_room.first"):
        pass

    try:
        with pytest.raises(TypeError, match=r"'test_room\.first' is already used by First"):
            type("Second", (Event,), {}, code="test_room.first")
    finally:
        Event.catalogue.pop("test_room.first")
    assert First.object_type == "test_room"
