"""The house: its lists, the forms of its rows with their conflicts, single rooms, and rooms from a file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pms.accounts.models import User
from properties.models import Feature, Floor, Property, Room, RoomConnection, RoomType, RoomTypeSpan, Section
from properties.services import places, room_add, room_type_archive, room_type_change
from properties.services.connections import room_connect
from tests.factories.properties import make_room_type

HOUSE = "/h/SEA/house/"


def typed(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """Return what the open form would send, with `changes`."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (values | changes).items() if value is not None}


@pytest.fixture
def manager(client: Client, hotel: Property, anna: User) -> Client:
    client.force_login(anna)
    return client


def test_the_lists_of_the_house(manager: Client, hotel: Property) -> None:
    places.section_add(property_id=hotel.pk, name="North wing")

    html = manager.get(HOUSE).content.decode()

    assert "North wing" in html
    assert "Suite" in html


@pytest.mark.parametrize(
    ("part", "values", "model"),
    [
        ("buildings", {"name": "Annex", "order": 10}, None),
        ("floors", {"name": "G", "order": 5}, Floor),
        ("sections", {"name": "North", "order": 10}, Section),
        ("features", {"name": "Sea view", "order": 10}, Feature),
        (
            "room-types",
            {
                "name": "Family",
                "code": "FAM",
                "rank": 40,
                "max_adults": 2,
                "max_children": 2,
                "extra_beds": 1,
                "cots": 1,
            },
            RoomType,
        ),
    ],
)
def test_rows_are_added_changed_and_archived(
    manager: Client, hotel: Property, part: str, values: dict[str, Any], model: Any
) -> None:
    assert manager.post(f"/h/SEA/{part}/add/", values).status_code == 302
    assert manager.post(f"/h/SEA/{part}/add/", values).status_code == 422
    if model is None:
        return
    row = model.objects.filter(property=hotel).latest("created_at")
    url = f"/h/SEA/{part}/{row.pk}/"

    assert manager.post(url, typed(manager, url, name="Other")).status_code == 302
    assert model.objects.get(pk=row.pk).name == "Other"
    assert manager.post(f"{url}archive/").status_code == 302
    assert model.objects.get(pk=row.pk).archived_at is not None


@pytest.mark.parametrize("part", ["buildings", "floors", "sections", "features", "room-types"])
def test_an_archived_row_is_taken_back_from_the_message_or_from_below_its_list(
    manager: Client, hotel: Property, part: str
) -> None:
    row = {
        "buildings": lambda: places.building_add(property_id=hotel.pk, name="Annex"),
        "floors": lambda: places.floor_add(property_id=hotel.pk, name="Roof"),
        "sections": lambda: places.section_add(property_id=hotel.pk, name="North"),
        "features": lambda: places.feature_add(property_id=hotel.pk, name="Piano", code="piano"),
        "room-types": lambda: make_room_type(hotel=hotel),
    }[part]()
    url = f"/h/SEA/{part}/{row.pk}/"

    page = manager.post(f"{url}archive/", follow=True).content.decode()
    assert f'data-undo-url="{url}restore/"' in page
    assert "1 archived" in page
    answer = manager.post(f"{url}restore/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert f"{row} is in use again." in answer["HX-Trigger"]
    assert type(row).objects.get(pk=row.pk).archived_at is None

    manager.post(f"{url}archive/")
    assert "Take back into use" in manager.get(url).content.decode()
    page = manager.post(f"{url}restore/", follow=True).content.decode()
    assert f"{row} is in use again." in page
    assert "1 archived" not in page


def test_the_same_name_of_two_people_is_shown_to_choose(manager: Client, hotel: Property) -> None:
    row = places.section_add(property_id=hotel.pk, name="North")
    url = f"/h/SEA/sections/{row.pk}/"
    form = typed(manager, url, name="Mine")
    places.section_change(section_id=row.pk, values={"name": "Theirs"})

    answer = manager.post(url, form)

    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode() and "Mine" in answer.content.decode()
    offered = answer.context["form"]
    again = {name: offered[name].value() for name in offered.fields}
    assert manager.post(url, again).status_code == 302
    assert Section.objects.get(pk=row.pk).name == "Mine"


def test_different_fields_of_two_people_are_both_kept(manager: Client, hotel: Property) -> None:
    kind = RoomType.objects.get(property=hotel, code="DBL")
    url = f"/h/SEA/room-types/{kind.pk}/"
    form = typed(manager, url, cots=1)
    room_type_change(room_type_id=kind.pk, values={"name": "Double room"})

    assert manager.post(url, form).status_code == 302
    after = RoomType.objects.get(pk=kind.pk)
    assert (after.name, after.cots) == ("Double room", 1)


def test_what_is_in_use_is_not_archived_and_says_why(manager: Client, hotel: Property) -> None:
    kind = RoomType.objects.get(property=hotel, code="DBL")

    answer = manager.post(f"/h/SEA/room-types/{kind.pk}/archive/")

    assert answer.status_code == 409
    assert "2 rooms are of this type" in answer.content.decode()
    assert f'action="/h/SEA/room-types/{kind.pk}/"' in answer.content.decode()  # what is saved there is no second try


def test_a_room_is_added_with_its_place(manager: Client, hotel: Property) -> None:
    kind = RoomType.objects.get(property=hotel, code="SGL")
    floor = places.floor_add(property_id=hotel.pk, name="7")

    answer = manager.post("/h/SEA/rooms/add/", {"number": "701", "room_type": kind.pk, "on_floor": floor.pk})

    assert answer.status_code == 302
    room = Room.objects.get(property=hotel, number="701")
    assert (room.floor, room.on_floor, room.room_type) == ("7", floor, kind)
    assert str(floor.pk) in answer["Location"]  # the next one begins there
    assert manager.post("/h/SEA/rooms/add/", {"number": "701", "room_type": kind.pk}).status_code == 422


def test_doors_of_a_room_merge_with_what_a_colleague_did(manager: Client, hotel: Property) -> None:
    kind = RoomType.objects.get(property=hotel, code="SGL")
    one, two, three = (
        room_add(property_id=hotel.pk, room_type_id=kind.pk, number=number, floor="8")
        for number in ("801", "802", "803")
    )
    url = f"/h/SEA/rooms/{one.pk}/"
    form = typed(manager, url)
    room_connect(room_id=one.pk, to=[three.pk])  # a colleague, meanwhile

    answer = manager.post(url, {**form, "connects": [str(two.pk)], "seen": ""})

    assert answer.status_code == 302
    pairs = {frozenset((door.first.number, door.second.number)) for door in RoomConnection.objects.all()}
    assert pairs == {frozenset(("801", "802")), frozenset(("801", "803"))}
    answer = manager.post(url, {**typed(manager, url), "connects": [], "seen": str(three.pk)})
    assert [door.second.number for door in RoomConnection.objects.all()] == ["802"]


def test_a_room_gets_another_type_from_a_day_on(manager: Client, hotel_for_sale: Property) -> None:
    room = Room.objects.get(property=hotel_for_sale, number="102")
    suite = RoomType.objects.get(property=hotel_for_sale, code="SUI")
    since = hotel_for_sale.business_date + dt.timedelta(days=3)

    answer = manager.post(f"/h/SEA/rooms/{room.pk}/type/", {"room_type": suite.pk, "since": since.isoformat()})

    assert answer.status_code == 302
    assert RoomTypeSpan.objects.get(room=room, room_type=suite).days.lower == since
    assert "Suite" in manager.get(f"/h/SEA/rooms/{room.pk}/").content.decode()
    past = since - dt.timedelta(days=30)
    refused = manager.post(f"/h/SEA/rooms/{room.pk}/type/", {"room_type": suite.pk, "since": past.isoformat()})
    assert refused.status_code == 409


def test_a_room_is_archived(manager: Client, hotel: Property) -> None:
    room = Room.objects.get(property=hotel, number="501")

    assert manager.post(f"/h/SEA/rooms/{room.pk}/archive/").status_code == 302
    assert Room.objects.get(pk=room.pk).archived_at is not None


def test_a_room_is_taken_back_from_the_message_or_from_below_the_rooms(manager: Client, hotel: Property) -> None:
    room = Room.objects.get(property=hotel, number="501")

    page = manager.post(f"/h/SEA/rooms/{room.pk}/archive/", follow=True).content.decode()
    assert f'data-undo-url="/h/SEA/rooms/{room.pk}/restore/"' in page
    assert "1 archived" in page
    answer = manager.post(f"/h/SEA/rooms/{room.pk}/restore/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "Room 501 is in the house again" in answer["HX-Trigger"]
    assert Room.objects.get(pk=room.pk).archived_at is None

    manager.post(f"/h/SEA/rooms/{room.pk}/archive/")
    assert "Take back into the house" in manager.get(f"/h/SEA/rooms/{room.pk}/").content.decode()
    assert manager.post(f"/h/SEA/rooms/{room.pk}/restore/").status_code == 302
    assert "1 archived" not in manager.get("/h/SEA/rooms/").content.decode()


def test_a_room_whose_type_is_gone_says_why_it_does_not_come_back(manager: Client, hotel: Property) -> None:
    room = Room.objects.get(property=hotel, number="501")
    manager.post(f"/h/SEA/rooms/{room.pk}/archive/")
    room_type_archive(room_type_id=room.room_type_id)

    assert manager.post(f"/h/SEA/rooms/{room.pk}/restore/").status_code == 409
    refused = manager.post(f"/h/SEA/rooms/{room.pk}/restore/", headers={"HX-Request": "true"})
    assert 400 <= refused.status_code < 500
    assert Room.objects.get(pk=room.pk).archived_at is not None


def send(client: Client, text: str, **more: Any) -> Any:
    """Send a file of rooms."""
    file = SimpleUploadedFile("rooms.csv", text.encode("cp1252"), "text/csv")
    return client.post("/h/SEA/rooms/import/", {"file": file, **more})


def test_a_file_is_shown_before_anything_is_written(manager: Client, hotel: Property) -> None:
    before = Room.objects.count()

    answer = send(manager, "Zimmer;Kategorie;Etage\n901;Suite;9\n902;DBL;9\n")

    assert answer.status_code == 200
    assert Room.objects.count() == before
    assert (answer.context["right_count"], answer.context["wrong_count"]) == (2, 0)
    kept = {"kept": answer.context["kept"], "confirm": "1"}
    assert manager.post("/h/SEA/rooms/import/", kept).status_code == 302
    made = Room.objects.get(property=hotel, number="901")
    assert (made.room_type.code, made.floor) == ("SUI", "9")
    assert Room.objects.count() == before + 2


def test_wrong_lines_are_named_and_stop_the_rest(manager: Client, hotel: Property) -> None:
    text = "room,type\n101,DBL\n901,Igloo\n=1+1,DBL\n902,DBL\n902,DBL\n,DBL\n"
    answer = send(manager, text)

    told = {row["line"]: row["problems"][0] for row in answer.context["wrong"]}
    assert sorted(told) == [2, 3, 4, 5, 6, 7]
    assert "already" in told[2][1] and "Igloo" in told[3][1] and "formula" in told[4][1]
    assert "more than once" in told[5][1]
    refused = manager.post("/h/SEA/rooms/import/", {"kept": answer.context["kept"], "confirm": "1"})
    assert refused.status_code == 200 and refused.context["wrong_count"] == 6
    assert not Room.objects.filter(number__startswith="90").exists()


def test_a_mended_file_keeps_the_choices(manager: Client, hotel: Property) -> None:
    first = send(manager, "A;B\n901;Loft\n")
    assert [column for _head, column in first.context["heads"]] == ["", ""]
    chosen = {"head-0": "A", "column-0": "number", "head-1": "B", "column-1": "type", "new_types": "on"}

    second = send(manager, "B;A\nLoft;901\nLoft;902\n", **chosen)

    assert [column for _head, column in second.context["heads"]] == ["type", "number"]
    assert (second.context["right_count"], second.context["wrong_count"]) == (2, 0)
    fields = {f"head-{at}": head for at, (head, _column) in enumerate(second.context["heads"])}
    fields |= {f"column-{at}": column for at, (_head, column) in enumerate(second.context["heads"])}
    kept = {"kept": second.context["kept"], "confirm": "1", "new_types": "on"}
    assert manager.post("/h/SEA/rooms/import/", {**fields, **kept}).status_code == 302
    assert Room.objects.filter(room_type__name="Loft").count() == 2


@pytest.mark.parametrize("text", ["", "number;type\n", "\0\0;\0\n1;2\n", "x\n" * 10_002])
def test_what_is_no_list_is_refused_in_words(manager: Client, hotel: Property, text: str) -> None:
    answer = send(manager, text or "\n")

    assert answer.status_code == 422
    assert answer.context["form"].errors
