"""Every operation of the API as the program of SEA would use it, and the same with a name of another hotel in it.

A new operation that writes needs its body in `bodies` (and what must be done before it in `BEFORE`); one that reads and
has parameters that name rows needs them in `filters`. A test says so when they are missing.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model

from pms.api.schema import described
from pms.events.selectors import stream_head
from properties.models import Feature, Floor, Property, RoomType, RoomTypePhoto, Section
from reservations.models import OutOfOrder, RatePlan, Reservation
from tests.api.partner import Partner
from tests.permissions.house import House

HOTEL = "/api/v1/properties/{property_code}/"
EUR = {"amount": "1.00", "currency": "EUR"}
NIGHTS = {"from": "2026-03-20", "to": "2026-03-21"}
# What stands in an address and names no row of its own.
NO_ROWS = frozenset({"side"})
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Ask:
    """One call: what it is in the description, and what it names."""

    method: str
    path: str
    at: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def __str__(self) -> str:
        """Say which operation it is."""
        return f"{self.method} {self.path.removeprefix(HOTEL)}"

    @property
    def url(self) -> str:
        """The address with its arguments and parameters."""
        path = re.sub(r"{(\w+)}", lambda found: self.at[found[1]], self.path)
        return f"{path}?{urlencode(self.query)}" if self.query else path

    def send(self, partner: Partner) -> Any:
        """Call it, with a fresh key and the version that stands."""
        headers = {"If-Match": f'"{self._seen(partner)}"'} if self.method == "PATCH" else {}
        body = None if self.method == "GET" else self.body
        return partner.send(self.method, self.url, body, key=str(uuid.uuid4()), **headers)

    def _seen(self, partner: Partner) -> int:
        answer = partner.get(self.url)
        return int(answer["ETag"].strip('"')) if answer.status_code == 200 else 1

    def names(self) -> Iterator[tuple[Place, str]]:
        """Yield every place of the call that can name a row, and what stands there."""
        for part in ("at", "query"):
            for name, value in getattr(self, part).items():
                if name not in NO_ROWS:
                    yield (part, name), value
        for place, value in _leaves(self.body):
            yield ("body", *place), value

    def naming(self, place: Place, value: str) -> Ask:
        """Return the call with another name at the place."""
        part, *path = place
        changed = copy.deepcopy(dict(getattr(self, str(part))))
        inner: Any = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value
        return replace(self, **{str(part): changed})


def _leaves(body: Any, *way: str | int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    parts: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in parts:
        if isinstance(value, str):
            yield (*way, name), value
        yield from _leaves(value, *way, name)


def operations() -> list[tuple[str, str, Any]]:
    """Return method, path and description of every operation at a hotel."""
    return [
        (method.upper(), path, entry)
        for path, found in described()["paths"].items()
        for method, entry in found.items()
        if "{property_code}" in path
    ]


# --- what SEA has -----------------------------------------------------------------------------------------------------


def _first(model: type[Model], hotel: Property, **facts: Any) -> Any:
    """Return the hotel's oldest such row, found without a filter, which a control may have switched off."""
    rows = (row for row in model._default_manager.order_by("pk") if getattr(row, "property_id", None) == hotel.pk)
    return next(row for row in rows if all(getattr(row, name) == value for name, value in facts.items()))


def addressed(house: House, job: uuid.UUID) -> dict[str, str]:
    """Return what fills each argument of an address at SEA; the job is one of the program itself."""
    sea = house.sea
    found = {
        "property_code": sea.row.code, "folio_id": sea.folio.pk, "reservation_id": sea.expected.pk,
        "invoice_id": sea.invoice.pk, "audit_id": sea.audit.pk, "booking_id": sea.expected.booking_id,
        "number": sea.room.number, "client_pk": sea.program.pk, "room_type_id": sea.expected.room_type_id,
        "job_id": job, "side": 480, "rate_plan_id": sea.expected.rate_plan_id,
        "photo_id": _first(RoomTypePhoto, sea.row).pk, "out_of_order_id": _first(OutOfOrder, sea.row).pk,
    }  # fmt: skip
    return {name: str(value) for name, value in found.items()}


def bodies(house: House) -> dict[str, Any]:
    """Return a body for every operation that writes: one that is accepted."""
    sea = house.sea
    ids = {"room_type": str(sea.expected.room_type_id), "rate_plan": str(sea.expected.rate_plan_id)}
    booking = {
        "booker": {"last_name": "Ito", "first_name": "Ken", "email": "ken@ito.example"},
        "reservations": [{**ids, "arrival": "2026-03-20", "departure": "2026-03-21", "adults": 1, "guests": []}],
    }
    price = {**ids, **NIGHTS, "days": ["fr", "sa"], "price": EUR, "single_price": EUR, "extra_adult": EUR}
    room = {"section": str(_first(Section, sea.row).pk), "features": [_first(Feature, sea.row).code]}
    program = {"name": "Kiosk", "scopes": ["rooms.read"]}
    return {
        "PATCH /api/v1/properties/{property_code}": {"city": "Kiel"},
        "POST api-clients": program,
        "POST api-clients/{client_pk}/revoke": {},
        "POST api-clients/{client_pk}/rotate": {"overlap_hours": 1},
        "POST bookings": booking,
        "PATCH bookings/{booking_id}": {"notes": "Late", "source": "desk"},
        "POST folios/{folio_id}/charges": {"transaction_code": "minibar", "amount": EUR},
        "POST folios/{folio_id}/corrections": {"posting": str(sea.posting.pk), "reason": "Mistyped"},
        "POST folios/{folio_id}/invoices": {"window": 1, "recipient": {"name": "ACME"}},
        "POST folios/{folio_id}/payments": {"method": "cash", "amount": EUR},
        "POST jobs/{job_id}/cancel": {},
        "POST jobs/bookings": {"lines": [booking]},
        "POST jobs/rates": {"lines": [price]},
        "POST jobs/room-conditions": {"lines": [{"room": sea.room.number, "condition": "dirty"}]},
        "POST night-audits": {},
        "POST night-audits/{audit_id}/resume": {},
        "POST out-of-order": {**NIGHTS, "room": sea.room.number, "kind": "out_of_order", "reason": "Paint"},
        "PATCH out-of-order/{out_of_order_id}": {"reason": "Painting"},
        "POST out-of-order/{out_of_order_id}/end": {},
        "PATCH rate-plans/{rate_plan_id}": {"name": "Best rate", "code": "BAR2"},
        "PUT rates": {"values": [price]},
        "PATCH reservations/{reservation_id}": {"notes": "Late"},
        "POST reservations/{reservation_id}/assign-room": {"room": sea.room.number},
        "POST reservations/{reservation_id}/cancel": {"reason": "Ill"},
        "POST reservations/{reservation_id}/check-in": {"override": ["room_not_ready"], "reason": "Inspected"},
        "POST reservations/{reservation_id}/check-out": {},
        "POST reservations/{reservation_id}/unassign-room": {},
        "POST reservations/{reservation_id}/undo-check-in": {},
        "POST reservations/{reservation_id}/undo-check-out": {},
        "PATCH room-types/{room_type_id}": {"name": "Suite with a view", "code": "SUV", "features": room["features"]},
        "PATCH rooms/{number}": {**room, "room_type": ids["room_type"], "floor": _first(Floor, sea.row).name},
        "POST rooms/{number}/condition": {"condition": "dirty"},
    }


# What must be done before: which operations, in this order, at the same row.
BEFORE: Mapping[str, tuple[str, ...]] = {
    "POST reservations/{reservation_id}/check-in": ("assign-room",),
    "POST reservations/{reservation_id}/unassign-room": ("assign-room",),
    "POST reservations/{reservation_id}/undo-check-in": ("assign-room", "check-in"),
    "POST reservations/{reservation_id}/undo-check-out": ("check-out",),
}
LEAVING = frozenset({"check-out", "undo-check-out"})  # acts of the guest who leaves today


def filters(house: House) -> dict[str, dict[str, str]]:
    """Return parameters of the reading operations that name something."""
    sea = house.sea
    ids = {"room_type": str(sea.expected.room_type_id), "rate_plan": str(sea.expected.rate_plan_id)}
    plan: Any = RatePlan._base_manager.get(pk=sea.expected.rate_plan_id)
    kind: Any = RoomType._base_manager.get(pk=sea.expected.room_type_id)
    return {
        "GET availability": {**NIGHTS, "room_type": ids["room_type"]},
        "GET bookings": {"number": str(sea.expected.booking.number), "source": "desk", "external": "booking_com:1"},
        "GET events": {"epoch": stream_head(sea.row.pk).epoch},
        "GET folios": {"reservation": str(sea.folio.reservation_id)},
        "GET invoices": {"folio": str(sea.folio.pk), "number": sea.invoice.number},
        "GET ledgers": {"date": str(sea.row.business_date)},
        "GET offers": {**ids, "arrival": "2026-03-20", "departure": "2026-03-21", "adults": "1"},
        "GET rate-plans": {"code": plan.code},
        "GET reservations": {"booking": str(sea.expected.booking_id)},
        "GET room-types": {"code": kind.code},
        "GET rooms": {"room_type": ids["room_type"]},
    }


def asks(house: House, job: uuid.UUID) -> Iterator[tuple[Ask, tuple[Ask, ...]]]:
    """Yield every operation as SEA's program uses it, whose bulk work `job` is, and what it has to do before."""
    at, given, named = addressed(house, job), bodies(house), filters(house)
    leaving = {**at, "reservation_id": str(_first(Reservation, house.sea.row, status="in_house").pk)}
    for method, path, _entry in operations():
        own = leaving if path.rpartition("/")[2] in LEAVING else at
        args = {name: own[name] for name in re.findall(r"{(\w+)}", path)}
        ask = Ask(method, path, args)
        ask = replace(ask, query=named.get(str(ask), {}), body=given.get(str(ask)))
        parent = path.rpartition("/")[0]
        steps = (Ask("POST", f"{parent}/{step}", args) for step in BEFORE.get(str(ask), ()))
        yield ask, tuple(replace(step, body=given[str(step)]) for step in steps)
