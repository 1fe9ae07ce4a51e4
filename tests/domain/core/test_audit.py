"""Every change leaves an entry that says who, where from, in which request, and never shows a secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from pms.accounts.models import User
from pms.core.acting import act_as
from pms.core.audit import audited, record_act, stars
from pms.core.models import AuditEntry
from properties.models import Property, Room
from tests.committed import rolled_back
from tests.domain.core.given import make_hotel, make_room

pytestmark = pytest.mark.django_db


def entries(row: Any) -> list[AuditEntry]:
    """Return the entries of one row, oldest first."""
    return list(AuditEntry.objects.filter(object_pk=str(row.pk)).order_by("id"))


def test_a_created_row_is_told_with_its_hotel() -> None:
    room = make_room(number="101")

    (entry,) = entries(room)

    assert (entry.action, entry.object_repr, entry.property_id) == (AuditEntry.Action.CREATE, "101", room.property_id)
    assert entry.changes["number"] == ["None", "101"]


def test_a_change_names_the_actor_the_address_the_way_and_the_request() -> None:
    room = make_room()
    hugo = User.objects.create_user("hugo@example.com", name="Hugo")

    with act_as(via="web", user=hugo, request_id="request-0001", address="192.0.2.7"):
        room.condition = Room.Condition.DIRTY
        room.save()

    entry = entries(room)[-1]
    assert entry.action == AuditEntry.Action.UPDATE
    assert entry.changes == {"condition": ["clean", "dirty"]}
    assert (entry.actor_id, entry.remote_addr, entry.via) == (hugo.pk, "192.0.2.7", "web")
    assert (entry.request_id, entry.property_id) == ("request-0001", room.property_id)


def test_a_deleted_row_is_told_with_its_last_values() -> None:
    room = make_room(number="101")

    pk = room.pk
    room.delete()

    entry = AuditEntry.objects.filter(object_pk=str(pk)).latest("id")
    assert (entry.action, entry.changes["number"]) == (AuditEntry.Action.DELETE, ["101", "None"])
    assert entry.property_id == room.property_id


def test_a_row_of_the_organization_with_two_hotels_belongs_to_no_single_one() -> None:
    first = make_hotel()
    second = make_hotel(organization=first.organization)

    first.organization.name = "New name"
    first.organization.save()

    entry = entries(first.organization)[-1]
    assert entry.property_id is None
    assert sorted(entry.additional_data["properties"]) == sorted([str(first.pk), str(second.pk)])


def test_card_numbers_are_masked_in_the_changes_and_in_the_name_of_the_row() -> None:
    hotel = make_hotel(name="4111 1111 1111 1111 Hotel")

    (entry,) = entries(hotel)

    assert entry.object_repr == "************1111 Hotel"
    assert entry.changes["name"] == ["None", "************1111 Hotel"]


def test_secrets_are_hidden_and_a_change_stays_a_pair() -> None:
    room = make_room()

    entry = record_act(
        act="channel.connected",
        property_id=room.property_id,
        target=room,
        changes={"api_key": ["old", "new"], "hotel_id": ["1", "2"]},
    )

    assert entry.changes == {"api_key": ["[hidden]", "[hidden]"], "hotel_id": ["1", "2"]}


def test_masked_fields_show_nothing_of_their_value() -> None:
    from auditlog.registry import auditlog

    fields = auditlog.get_model_fields(Room)

    assert fields["mask_callable"] == f"{audited.__module__}.{stars.__name__}"
    assert stars("top-secret") == "*****"


def test_an_act_over_many_rows_is_one_entry_with_its_name() -> None:
    hotel = make_hotel()

    with act_as(via="worker", request_id="request-0002"):
        record_act(act="rates.set", property_id=hotel.pk, target=hotel, changes={"BAR": ["119.00", "129.00"]})

    entry = entries(hotel)[-1]
    assert (entry.act, entry.via, entry.request_id) == ("rates.set", "worker", "request-0002")
    assert (entry.property_id, entry.changes) == (hotel.pk, {"BAR": ["119.00", "129.00"]})


def test_passwords_of_people_are_not_told() -> None:
    user = User.objects.create_user("hugo@example.com", "correct horse battery", name="Hugo")

    assert "password" not in entries(user)[0].changes


class LogIsFull(RuntimeError):
    """The audit could not be written."""


@pytest.mark.django_db(transaction=True)
def test_an_error_in_writing_the_audit_rolls_the_change_back(monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room(number="101")

    def refuse(*_args: Any, **_options: Any) -> None:
        raise LogIsFull

    with monkeypatch.context() as broken:
        broken.setattr(AuditEntry, "save", refuse)
        room.number = "102"
        with pytest.raises(LogIsFull):
            room.save()
        with pytest.raises(LogIsFull):
            Property.objects.create(
                organization=room.property.organization, code="XX", name="X", business_date="2026-11-22"
            )
        with pytest.raises(LogIsFull):
            Room.objects.all().delete()

    assert [room.number for room in Room.objects.all()] == ["101"]
    assert Property.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_rolled_back_leaves_no_entry() -> None:
    room = make_room()
    before = AuditEntry.objects.count()

    with rolled_back():
        room.floor = "3"
        room.save()

    assert AuditEntry.objects.count() == before
    assert not connection.in_atomic_block
