"""Photos of room types as partners read them: with the types, and as files."""

from __future__ import annotations

import io

from PIL import Image

from properties.models import Property, RoomType
from tests.api.partner import make_partner, problem
from tests.factories.pictures import make_photo


def test_a_partner_reads_the_photos_of_a_type_in_their_order(hotel: Property, other_hotel: Property) -> None:
    suite = RoomType.objects.get(property=hotel, code="SUI")
    make_photo(room_type=suite, alt="A bed", size=(1200, 600))
    make_photo(room_type=suite, alt="A bath")
    petra = make_partner([hotel], scope="rooms.read")

    shown = petra.get("room-types", code="SUI").json()["results"][0]["photos"]

    assert [photo["alt"] for photo in shown] == ["A bed", "A bath"]
    assert [(file["width"], file["height"]) for file in shown[0]["files"]] == [(480, 240), (960, 480), (1200, 600)]
    answer = petra.get(shown[0]["files"][0]["url"])
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "immutable" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (480, 240)

    eve = make_partner([other_hotel], scope="rooms.read")
    problem(eve.get(shown[0]["files"][0]["url"]), 404, "not_found")
    problem(eve.get(shown[0]["files"][0]["url"].replace("SEA", "LAK")), 404, "not_found")
