"""Who fits: adults, children and infants by the hotel's own age groups."""

from __future__ import annotations

from typing import Any

import pytest

from pms.core.errors import InvalidValue
from properties.capacity import check_bands, fits, heads
from properties.models import Property, RoomType
from properties.services import hotel_change, room_type_add, room_type_change
from properties.services.places import feature_add

GROUPS = [
    {"name": "Infants", "from": 0, "to": 2, "cot": True},
    {"name": "Children", "from": 3, "to": 12, "cot": False},
]


def kind(**facts: Any) -> RoomType:
    return RoomType(**{"max_adults": 2, "max_children": 1, **facts})


def test_a_hotel_without_groups_takes_every_declared_child_for_one() -> None:
    assert heads([], adults=2, ages=[1, 15]) == heads([], adults=2, ages=[9, 9])
    assert fits(kind(), [], adults=2, ages=[15])
    assert not fits(kind(), [], adults=3, ages=[])
    assert fits(kind(), [], adults=1, ages=[4, 5])
    assert not fits(kind(), [], adults=2, ages=[4, 5])


def test_groups_say_who_is_an_adult_and_who_sleeps_in_a_cot() -> None:
    party = heads(GROUPS, adults=2, ages=[1, 7, 14])

    assert (party.adults, party.children, party.infants) == (3, 1, 1)
    assert not fits(kind(), GROUPS, adults=2, ages=[14])
    assert fits(kind(), GROUPS, adults=1, ages=[14])


@pytest.mark.parametrize(
    ("figures", "ages", "fitting"),
    [
        ({"cots": 1}, [1, 7], True),
        ({"cots": 1}, [1, 2, 7], False),
        ({"cots": 0}, [1], True),
        ({"cots": 0}, [1, 7], False),
        ({"extra_beds": 1}, [6, 7], True),
        ({"extra_beds": 1, "max_occupancy": 3}, [6, 7], False),
        ({"max_occupancy": 2}, [7], False),
        ({"max_occupancy": 2, "cots": 1}, [1], True),
    ],
)
def test_cots_extra_beds_and_the_figure_for_all(figures: dict[str, int], ages: list[int], fitting: bool) -> None:
    assert fits(kind(**figures), GROUPS, adults=2, ages=ages) is fitting


def test_an_extra_bed_takes_an_adult_too() -> None:
    assert fits(kind(extra_beds=1), GROUPS, adults=3, ages=[])
    assert not fits(kind(extra_beds=1), GROUPS, adults=4, ages=[])


@pytest.mark.parametrize(
    "bands",
    [
        [{"name": "A", "from": 0, "to": 5}, {"name": "B", "from": 5, "to": 9}],
        [{"name": "", "from": 0, "to": 5}],
        [{"name": "A", "from": 6, "to": 5}],
        [{"name": "A", "from": 0, "to": 99}],
        [{"name": "A", "to": "x"}],
        "text",
    ],
)
def test_groups_that_are_none_are_refused(hotel: Property, bands: Any) -> None:
    with pytest.raises(InvalidValue) as refusal:
        hotel_change(property_id=hotel.pk, values={"age_bands": bands})
    assert refusal.value.field == "age_bands"
    assert Property.objects.get(pk=hotel.pk).age_bands == []


def test_groups_are_kept_youngest_first(hotel: Property) -> None:
    assert hotel_change(property_id=hotel.pk, values={"age_bands": GROUPS[::-1]}).age_bands == check_bands(GROUPS)


def test_a_type_has_figures_features_and_words(hotel: Property) -> None:
    feature_add(property_id=hotel.pk, code="balcony", name="Balcony")
    made = room_type_add(
        property_id=hotel.pk, code="FAM", name="Family", cots=1, extra_beds=1, features=["balcony"], description="Big."
    )
    assert (made.cots, made.extra_beds, made.features, made.max_occupancy) == (1, 1, ["balcony"], None)

    changed = room_type_change(room_type_id=made.pk, values={"max_occupancy": 4, "features": []})
    assert (changed.max_occupancy, changed.features) == (4, [])
    for values, field in (({"max_occupancy": 0}, "max_occupancy"), ({"features": ["moon"]}, "features")):
        with pytest.raises(InvalidValue) as refusal:
            room_type_change(room_type_id=made.pk, values=values)
        assert refusal.value.field == field


def test_the_address_is_written_from_its_parts(hotel: Property) -> None:
    parts = {"street": "Strandweg 1", "postal_code": "18055", "city": "Rostock", "country": "DE"}

    changed = hotel_change(property_id=hotel.pk, values=parts)

    assert changed.address == "Strandweg 1\n18055 Rostock\nDE"
    assert hotel_change(property_id=hotel.pk, values={"address": "As we like"}).address == "As we like"
    with pytest.raises(InvalidValue):
        hotel_change(property_id=hotel.pk, values={"country": "Germany"})
