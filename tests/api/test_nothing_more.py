"""No field but those listed can be written, and a trial writes nothing: every write operation, by introspection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from folios.models import Folio, Invoice, NightAudit, Posting
from pms.api.models import Job
from pms.api.operations import Operation
from properties.models import Property, Room, RoomType, RoomTypePhoto
from reservations.models import Booking, OutOfOrder, RatePlan, Reservation
from tests.api.partner import Partner, make_partner, problem
from tests.api.test_conventions import declared
from tests.architecture import house
from tests.committed import commit
from tests.factories.folios import make_guest_in_house
from tests.factories.pictures import make_photo
from tests.factories.reservations import make_booking

# When a client was last used is noted with any request.
NOTED = {"api_apiuse"}
WRITES = [found for found in declared() if found[2].writes]
AS_TEST = pytest.mark.parametrize(
    ("path", "method", "entry"), [pytest.param(*one[:3], id=f"{one[1]} {one[0]}") for one in WRITES]
)


def model_fields() -> dict[str, Any]:
    """Return every column of every table of the house with a value that would show."""
    models = [model for model in apps.get_models() if house.is_ours(model.__module__)]
    return {field.attname: "1" for model in models for field in model._meta.concrete_fields}


def checksum() -> dict[str, str]:
    """Return a fingerprint of each table."""
    commit(run=False)
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in NOTED]
        found = {}
        for name in names:
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{name}\" t")
            found[name] = cursor.fetchone()[0]
    return found


@pytest.fixture
def petra(hotel_with_books: Property) -> Partner:
    """A program with every scope at SEA, where somebody arrives today and somebody is in the house."""
    make_guest_in_house(hotel=hotel_with_books)
    make_booking(hotel=hotel_with_books, room_type="SUI")
    make_photo(room_type=RoomType.objects.get(property=hotel_with_books, code="SUI"))
    return make_partner([hotel_with_books])


def address(path: str, partner: Partner) -> str:
    """Return the address with rows of the hotel in it."""
    values: dict[str, Any] = {
        "property_code": "SEA",
        "number": Room.objects.filter(number="101").values_list("number", flat=True).first(),
        "reservation_id": _key(Reservation.objects.filter(status="confirmed")),
        "room_type_id": _key(RoomType.objects.all()),
        "rate_plan_id": _key(RatePlan.objects.all()),
        "job_id": _key(Job.objects.all()),
        "booking_id": _key(Booking.objects.all()),
        "folio_id": _key(Folio.objects.all()),
        "audit_id": _key(NightAudit.objects.all()),
        "client_pk": partner.client.pk,
        "photo_id": _key(RoomTypePhoto.objects.all()),
        "out_of_order_id": _key(OutOfOrder.objects.all()),
        "side": 480,
        "invoice_id": _key(Invoice.objects.all()),
    }
    return re.sub(r"{(\w+)}", lambda part: str(values[part[1]]), path)


def _key(rows: Any) -> Any:
    return rows.values_list("pk", flat=True).first() or "01a2032c-4246-763c-a6c2-f4b84bfad119"


def inputs(entry: Operation) -> Iterator[tuple[str, ...]]:
    """Yield where in the body an object stands: () is the body, ("booker",) a part of it."""

    def walk(reader: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name, field in reader.fields.items():
            inner = getattr(field, "child", field)
            if hasattr(inner, "fields"):
                yield from walk(inner, (*path, name))

    if entry.body is not None:
        yield from walk(entry.body(), ())


@AS_TEST
def test_no_column_can_be_written_that_is_not_listed(petra: Partner, path: str, method: str, entry: Operation) -> None:
    """Every column of every table is sent; those the body does not list are refused by name, at every depth."""
    before, columns = checksum(), model_fields()
    url = address(path, petra)
    if entry.body is None:
        problem(petra.send(method, url, columns, key="k"), 400, "unreadable")
        assert checksum() == before
        return
    known = {name for name, field in entry.body().fields.items() if not field.read_only}
    answer = petra.send(method, url, columns, key="k", **{"If-Match": '"1"'})
    refused = {one["field"] for one in problem(answer, 400, "unknown_field")["errors"]}
    assert refused == set(columns) - known
    for place in [found for found in inputs(entry) if found]:
        body: Any = {**columns, "id": "1"}
        for name in reversed(place):
            body = {name: body}
        told = petra.send(method, url, body, key="k", **{"If-Match": '"1"'})
        assert told.status_code == 400, place
    assert checksum() == before


BODIES: dict[str, Any] = {
    "condition": {"condition": "dirty"},
    "assign-room": {"room": "501"},
    "cancel": {"reason": "Changed plans"},
    "charges": {"transaction_code": "minibar", "amount": {"amount": "9.50", "currency": "EUR"}},
    "payments": {"method": "cash", "amount": {"amount": "9.50", "currency": "EUR"}},
    "out-of-order": {
        "room": "501",
        "from": "2026-03-20",
        "to": "2026-03-21",
        "kind": "out_of_service",
        "reason": "Shower drips",
    },
    "api-clients": {"name": "Trial", "scopes": ["rooms.read"]},
}


def body_for(path: str, petra: Partner) -> Any:
    """Return a body that the operation takes."""
    last = path.rpartition("/")[2]
    if path.endswith("{job_id}/cancel"):
        return {}
    kinds = {row["code"]: row["id"] for row in petra.get("room-types").json()["results"]}
    plans = {row["code"]: row["id"] for row in petra.get("rate-plans").json()["results"]}
    if last == "bookings":
        stay = {"room_type": kinds["DBL"], "rate_plan": plans["BAR"], "adults": 1}
        booking = {
            "booker": {"last_name": "Wolf"},
            "reservations": [{**stay, "arrival": "2026-03-20", "departure": "2026-03-21"}],
        }
        return {"lines": [booking]} if "/jobs/" in path else booking
    if last == "room-conditions":
        return {"lines": [{"room": "101", "condition": "dirty"}]}
    if last == "rates":
        price = {"amount": "99.00", "currency": "EUR"}
        value = {"room_type": kinds["DBL"], "rate_plan": plans["BAR"], "from": "2026-03-20", "to": "2026-03-21"}
        return {"lines" if "/jobs/" in path else "values": [{**value, "price": price}]}
    if last == "corrections":
        return {"posting": str(Posting.objects.values_list("pk", flat=True).first() or 1), "reason": "Wrong room"}
    return BODIES.get(last, {})


def test_a_trial_of_every_act_and_create_leaves_the_database_as_it_was(petra: Partner) -> None:
    folio = Folio.objects.get()
    charged = petra.post(f"folios/{folio.pk}/charges", BODIES["charges"], key="charge")
    assert charged.status_code == 201
    before, answers = checksum(), {}
    for path, method, entry, _view in WRITES:
        if not entry.dry_run:
            continue
        answer = petra.send(
            method, f"{address(path, petra)}?dry_run=true", body_for(path, petra), **{"If-Match": '"1"'}
        )
        answers[f"{method} {path}"] = answer.status_code
        assert answer.status_code in {200, 404, 409, 422}, (path, answer.content)
        assert checksum() == before, path
    assert sum(status == 200 for status in answers.values()) >= 10, answers


def test_control_the_same_without_the_trial_changes_something(petra: Partner) -> None:
    before = checksum()
    assert petra.post("rooms/101/condition", {"condition": "dirty"}).status_code == 200
    assert checksum()["properties_room"] != before["properties_room"]


def test_looking_at_everything_changes_nothing(petra: Partner) -> None:
    before, seen = checksum(), 0
    for path, method, _entry, _view in declared():
        if method != "GET":
            continue
        more = {
            "offers": {"arrival": "2026-03-20", "departure": "2026-03-21", "adults": 1},
            "availability": {"from": "2026-03-20", "to": "2026-03-21"},
        }.get(path.rpartition("/")[2], {})
        answer = petra.get(address(path, petra), **more)
        assert answer.status_code in {200, 404}, (path, answer.content)
        seen += answer.status_code == 200
    for page in ("/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs/errors"):
        assert petra.browser.get(page).status_code == 200
    assert seen >= 15
    assert checksum() == before
