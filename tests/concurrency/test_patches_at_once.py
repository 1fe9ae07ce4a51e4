"""Two programs, or a program and a page, change one object at the same moment: no keystroke is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.core.models import VersionedRow
from properties.models import Property, Room, RoomType
from reservations.models import Reservation
from tests.api.partner import Partner, make_partner
from tests.api.patched import PATCHED, addresses
from tests.clients import signed_in
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member
from tests.factories.reservations import open_for_sale
from tests.race import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
EVERY_OBJECT = pytest.mark.parametrize("kind", sorted(PATCHED))


@pytest.fixture
def sea(transactional_db: Any) -> Property:
    return open_for_sale(make_hotel(rooms=SMALL_HOUSE), nights=10)


@pytest.fixture
def petra(sea: Property) -> Partner:
    return make_partner([sea])


@pytest.fixture
def anna(sea: Property) -> User:
    """A manager at a browser."""
    return make_member(hotel=sea, name="Anna", role="manager").user


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: whatever version was seen, all that was sent is written."""
    monkeypatch.setattr(VersionedRow, "merge", lambda _row, *, seen, values, originals=None: dict(values))


def race(petra: Partner, path: str, *bodies: dict[str, Any]) -> list[int]:
    seen = petra.get(path).json()["version"]
    calls = [lambda body=body: petra.patch(path, body, seen=seen).status_code for body in bodies]
    return together(*calls)


def same_field(petra: Partner, path: str, kind: str) -> list[int]:
    field = PATCHED[kind].names[1]  # in a room the first one is its address
    return sorted(race(petra, path, *({field: value} for value in PATCHED[kind].fields[field])))


@EVERY_OBJECT
def test_two_fields_at_once_are_both_saved(petra: Partner, sea: Property, kind: str) -> None:
    path = addresses(sea)[kind]
    bodies = [{name: values[0]} for name, values in PATCHED[kind].fields.items() if name != "number"]
    if kind == "room":
        bodies.append({"features": []})

    assert race(petra, path, *bodies) == [200, 200]

    now = petra.get(path).json()
    assert all(now[name] == value for body in bodies for name, value in body.items())


@EVERY_OBJECT
def test_one_field_at_once_is_saved_once_and_the_other_is_told(petra: Partner, sea: Property, kind: str) -> None:
    assert same_field(petra, addresses(sea)[kind], kind) == [200, 412]


@EVERY_OBJECT
def test_control_without_the_merging_one_change_is_lost(
    petra: Partner, sea: Property, unguarded: None, kind: str
) -> None:
    assert same_field(petra, addresses(sea)[kind], kind) == [200, 200]


# --- a page and a program ---------------------------------------------------------------------------------------------


Page = tuple[str, str, str]  # the address of the page, the field typed there, the field that the program sends


def pages(sea: Property) -> dict[str, Page]:
    kind, room = RoomType.objects.get(property=sea, code="DBL"), Room.objects.get(property=sea, number="101")
    return {
        "property": (f"/h/{sea.code}/settings/", "phone", "name"),
        "room_type": (f"/h/{sea.code}/room-types/{kind.pk}/", "name", "max_children"),
        "room": (f"/h/{sea.code}/rooms/{room.pk}/", "number", "floor"),
    }


def opened(client: Client, url: str) -> dict[str, Any]:
    """Return what the page would send if nobody touched it."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def page_and_patch(
    petra: Partner, user: User, sea: Property, kind: str, *, typed: Any, sent: Any, same: bool
) -> list[int]:
    """Send the page's form and a PATCH at once, both from what stood there before; return both answers."""
    url, field, other = pages(sea)[kind]
    path = addresses(sea)[kind]
    client = signed_in(user)
    form = {**opened(client, url), field: typed}
    seen = petra.get(path).json()["version"]
    body = {field if same else other: sent}
    save: Callable[[], int] = lambda: client.post(url, form).status_code  # noqa: E731
    return together(save, lambda: petra.patch(path, body, seen=seen).status_code)


WAYS = {"property": ("+49 40 1", "Seaside"), "room_type": ("Twin", 2), "room": ("111", "4")}


@pytest.mark.parametrize("kind", sorted(WAYS))
def test_a_page_and_a_program_at_once_lose_nothing(petra: Partner, anna: User, sea: Property, kind: str) -> None:
    typed, sent = WAYS[kind]
    _url, field, other = pages(sea)[kind]

    page, patch = page_and_patch(petra, anna, sea, kind, typed=typed, sent=sent, same=False)

    # A room that got another number meanwhile has another address; then the program is told so, and nothing is lost.
    assert (page, patch) == (302, 200) or (kind == "room" and patch == 404)
    path = f"rooms/{typed}" if kind == "room" else addresses(sea)[kind]
    now = petra.get(path).json()
    assert now[field] == typed
    assert patch == 404 or now[other] == sent


@pytest.mark.parametrize("kind", sorted(set(WAYS) - {"room"}))
def test_a_page_and_a_program_in_one_field_one_of_them_is_asked(
    petra: Partner, anna: User, sea: Property, kind: str
) -> None:
    typed, _sent = WAYS[kind]

    found = page_and_patch(petra, anna, sea, kind, typed=typed, sent=f"{typed}0", same=True)

    assert tuple(found) in {(302, 412), (409, 200)}


def test_control_without_the_merging_the_page_overwrites_the_program(
    petra: Partner, anna: User, sea: Property, unguarded: None
) -> None:
    typed, _sent = WAYS["property"]

    assert page_and_patch(petra, anna, sea, "property", typed=typed, sent="+49 40 2", same=True) == [302, 200]


def test_notes_typed_on_a_page_and_sent_by_a_program_at_once(petra: Partner, anna: User, sea: Property) -> None:
    addresses(sea)
    stay = Reservation.objects.get()
    client = signed_in(anna)
    form = {"stay-notes": "Feather pillow", "stay-seen_notes": "", "stay-version": stay.version}

    found = together(
        lambda: client.post(f"/h/SEA/reservations/{stay.pk}/notes/", form, headers={"hx-request": "true"}).status_code,
        lambda: petra.patch(f"reservations/{stay.pk}", {"notes": "Cot"}, seen=stay.version).status_code,
    )

    assert tuple(found) in {(204, 412), (409, 200)}
    stay.refresh_from_db()
    assert stay.notes == ("Feather pillow" if found[0] == 204 else "Cot")
