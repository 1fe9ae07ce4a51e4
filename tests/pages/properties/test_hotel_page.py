"""Settings of the hotel: merged when two people change different things, shown when they change the same."""

from __future__ import annotations

from typing import Any

from django.test import Client

from pms.accounts.models import User
from properties import services
from properties.models import Property

URL = "/h/SEA/settings/"


def typed(client: Client, **changes: Any) -> dict[str, Any]:
    """Return what the open form would send, with `changes`."""
    form = client.get(URL).context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_settings_are_saved(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answer = client.post(URL, typed(client, name="Sea View", check_in_time="16:00", accent_hue=150))

    assert answer.status_code == 302
    after = Property.objects.get(pk=hotel.pk)
    assert (after.name, after.check_in_time.hour, after.accent_hue) == ("Sea View", 16, 150)


GROUPS = [
    {"name": "Infants", "from": 0, "to": 2, "cot": True},
    {"name": "Children", "from": 3, "to": 12, "cot": False},
]


def test_age_groups_are_lines_and_count_as_untouched_when_they_are(client: Client, hotel: Property, anna: User) -> None:
    services.hotel_change(property_id=hotel.pk, values={"age_bands": GROUPS, "tax_number": "DE1"})
    client.force_login(anna)
    form = {name: str(value).replace("\n", "\r\n") for name, value in typed(client, name="Sea View").items()}
    assert form["age_bands"] == "Infants 0–2, cot\r\nChildren 3–12"
    services.hotel_change(property_id=hotel.pk, values={"age_bands": GROUPS[:1]})

    assert client.post(URL, form).status_code == 302

    after = Property.objects.get(pk=hotel.pk)
    assert (after.name, after.age_bands, after.tax_number) == ("Sea View", GROUPS[:1], "DE1")


def test_an_address_is_written_from_its_parts(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    parts = {"street": "Strandweg 1", "postal_code": "18055", "city": "Rostock", "country": "de"}

    assert client.post(URL, typed(client, **parts)).status_code == 302

    assert Property.objects.get(pk=hotel.pk).address == "Strandweg 1\n18055 Rostock\nDE"
    for wrong in ({"country": "D1"}, {"age_bands": "Children"}, {"email": "nobody"}):
        answer = client.post(URL, typed(client, **wrong))
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, set(wrong))


def test_a_housekeeper_has_no_settings(client: Client, hotel: Property, maria: User) -> None:
    client.force_login(maria)

    assert client.get(URL).status_code == 403


def test_a_stranger_finds_no_settings(client: Client, hotel: Property, eve: User) -> None:
    client.force_login(eve)

    assert client.post(URL, {"name": "Mine"}).status_code == 404
    assert Property.objects.get(pk=hotel.pk).name == "Seaside Hotel"


def test_different_fields_of_two_people_are_both_kept(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    form = typed(client, accent_hue=150)
    services.hotel_change(property_id=hotel.pk, values={"name": "Sea View"})

    answer = client.post(URL, form)

    assert answer.status_code == 302
    after = Property.objects.get(pk=hotel.pk)
    assert (after.name, after.accent_hue) == ("Sea View", 150)


def test_the_same_field_of_two_people_is_shown_to_choose(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    form = typed(client, name="Seaside Inn", accent_hue=150)
    services.hotel_change(property_id=hotel.pk, values={"name": "Sea View"})

    answer = client.post(URL, form)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Seaside Inn" in html
    assert "Sea View" in html
    assert Property.objects.get(pk=hotel.pk).accent_hue == 210


def test_keep_mine_saves_mine_and_leaves_their_other_fields(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)
    form = typed(client, name="Seaside Inn")
    services.hotel_change(property_id=hotel.pk, values={"name": "Sea View", "accent_hue": 300})
    offered = client.post(URL, form).context["form"]

    answer = client.post(URL, {name: offered[name].value() for name in offered.fields})

    assert answer.status_code == 302
    after = Property.objects.get(pk=hotel.pk)
    assert (after.name, after.accent_hue) == ("Seaside Inn", 300)


def test_a_wrong_value_keeps_what_was_typed(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answer = client.post(URL, typed(client, name="", check_in_time="25:99"))

    assert answer.status_code == 422
    assert "25:99" in answer.content.decode()


def test_a_hue_that_is_none_of_ours_is_kept(client: Client, hotel: Property, anna: User) -> None:
    services.hotel_change(property_id=hotel.pk, values={"accent_hue": 33})
    client.force_login(anna)

    assert client.post(URL, typed(client, name="Sea View")).status_code == 302
    assert Property.objects.get(pk=hotel.pk).accent_hue == 33


def test_a_colour_that_is_none_is_refused_at_its_field(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    for hue in ("²", "9" * 5000):
        answer = client.post(URL, typed(client, accent_hue=hue, seen_accent_hue=hue))
        assert answer.status_code == 422 and "accent_hue" in answer.context["form"].errors
