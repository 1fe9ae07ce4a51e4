"""Rooms from a file: read in any usual form, judged line by line, taken all or not at all."""

from __future__ import annotations

import pytest

from pms.core.errors import InvalidValue
from pms.events.models import StreamEvent
from properties.models import Floor, Property, Room, RoomType
from properties.places.selectors import known_for_import
from properties.room_file import MOST_BYTES, RoomLine, guess, lines_of, table_of, text_of
from properties.services.places import feature_add
from properties.services.room_import import rooms_import
from reservations.selectors.recount import recount
from reservations.selectors.stays import nights_open
from reservations.services.inventory import inventory_open


def read(hotel: Property, text: str, *, new_types: bool = False) -> list[RoomLine]:
    table = table_of(text.encode())
    return lines_of(table, guess(table.heads), known_for_import(hotel.pk), new_types=new_types)


@pytest.mark.parametrize(
    "content",
    [
        "Zimmer;Kategorie;Etage\n12;Süd;1\n".encode("cp1252"),
        "\ufeffroom,type,floor\r\n12,Süd,1\r\n".encode(),
        "Room No.\tRoom Type\tLevel\n12\tSüd\t1\n".encode("utf-16"),
        '\n\n"number"|"type"|"floor"\n"12"|"Süd"|"1"\n'.encode(),
    ],
)
def test_usual_files_are_read(content: bytes) -> None:
    table = table_of(content)

    assert guess(table.heads) == ["number", "type", "floor"]
    assert [list(row) for row in table.rows] == [["12", "Süd", "1"]]
    assert table_of(text_of(table).encode()) == table_of(text_of(table).encode())


@pytest.mark.parametrize(
    "content", [b"", b"number;type\n", b"a\0b;c\n1;2\n", b"x" * (MOST_BYTES + 1), b"n\n1\n" * 6000]
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidValue) as refusal:
        table_of(content)
    assert refusal.value.field == "file"


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1", "-1", "@sum", "\t=1"])
def test_cells_that_a_spreadsheet_would_run_are_refused(hotel: Property, cell: str) -> None:
    lines = read(hotel, f'number;type;section\n901;DBL;"{cell}"\n')

    assert lines[0].problems or not lines[0].cells["section"].startswith(("=", "+", "-", "@"))


def test_rooms_come_with_their_places_and_are_counted_once(hotel: Property) -> None:
    inventory_open(hotel=hotel)
    feature_add(property_id=hotel.pk, code="sea_view", name="Sea view")
    text = (
        "number;type;floor;building;section;features\n"
        "901;DBL;9;;North;Sea view\n902;double;9;;North;\nA1;Loft;1;Annex;;sea_view\n"
    )
    lines = read(hotel, text, new_types=True)
    assert not any(line.problems for line in lines)

    made = rooms_import(property_id=hotel.pk, lines=lines, new_types=True)

    one, two, three = (Room.objects.get(pk=room.pk) for room in made)
    assert (one.room_type.code, one.floor, one.features) == ("DBL", "9", ["sea_view"])
    assert one.section == two.section and one.section is not None and one.section.name == "North"
    assert three.on_floor is not None and three.on_floor.building is not None
    assert (three.on_floor.building.name, three.room_type.name) == ("Annex", "Loft")
    assert Floor.objects.filter(property=hotel, name="9").count() == 1
    assert (
        StreamEvent.objects.filter(kind="happened", code="room.added", object_id__in=[one.pk, two.pk, three.pk]).count()
        == 3
    )
    assert len(nights_open(hotel)) > 700
    assert recount(hotel) == []


def test_a_wrong_line_stops_all_of_them(hotel: Property) -> None:
    lines = read(hotel, "number;type\n901;DBL\n902;Igloo\n")

    with pytest.raises(InvalidValue):
        rooms_import(property_id=hotel.pk, lines=lines)
    with pytest.raises(InvalidValue):  # judged with another answer than it is taken with
        rooms_import(property_id=hotel.pk, lines=read(hotel, "number;type\n902;Igloo\n", new_types=True))
    assert not Room.objects.filter(number__in=["901", "902"]).exists()
    assert not RoomType.objects.filter(name="Igloo").exists()


def test_the_floor_is_told_by_the_number_where_the_file_is_silent(hotel: Property) -> None:
    made = rooms_import(property_id=hotel.pk, lines=read(hotel, "number;type\n1204;DBL\n"))

    assert made[0].floor == "12"
