"""Each floor that rooms name becomes a row, and addresses are taken apart where their parts are plain to see."""

from __future__ import annotations

import re
from typing import Any

from django.db import migrations

PLACE = re.compile(r"(?P<code>[0-9][0-9A-Z -]{2,9}) +(?P<city>[^0-9\n]{2,100})")


def make_floors(apps: Any, _editor: Any) -> None:
    """Make the floors in the order people count them; a room that names none has none.

    Who writes meanwhile with the release before writes texts alone: `floor` keeps its meaning, and the next change of
    that room finds its row.
    """
    rooms, floors = apps.get_model("properties", "Room").objects, apps.get_model("properties", "Floor").objects
    named = rooms.exclude(floor="").values_list("property_id", "floor").distinct()
    counted: dict[Any, int] = {}
    for property_id, name in sorted(named, key=lambda pair: (str(pair[0]), _in_order(pair[1]))):
        counted[property_id] = counted.get(property_id, 0) + 10
        floor, _made = floors.get_or_create(
            property_id=property_id, building=None, name=name, defaults={"order": counted[property_id]}
        )
        rooms.filter(property_id=property_id, floor=name, on_floor=None).update(on_floor=floor)


def take_addresses_apart(apps: Any, _editor: Any) -> None:
    """Find street, postal code and city in addresses of the usual two lines; others keep their text alone."""
    for hotel in apps.get_model("properties", "Property").objects.exclude(address="").filter(city=""):
        lines = [line.strip() for line in hotel.address.splitlines() if line.strip()]
        place = PLACE.fullmatch(lines[1]) if len(lines) == 2 else None
        if place:
            hotel.street, hotel.postal_code, hotel.city = lines[0][:200], place["code"].strip(), place["city"].strip()
            hotel.save(update_fields=["street", "postal_code", "city"])


def _in_order(name: str) -> str:
    return re.sub(r"\d+", lambda digits: digits.group().zfill(8), name.casefold())


class Migration(migrations.Migration):
    dependencies = [("properties", "0004_places_features_type_spans")]

    operations = [
        migrations.RunPython(make_floors, migrations.RunPython.noop),
        migrations.RunPython(take_addresses_apart, migrations.RunPython.noop),
    ]
