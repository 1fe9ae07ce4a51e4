"""A hotel's day by the public API alone: from a guest's booking on a channel to her departure.

The whole house runs as `manage.py up --seed --sandbox` starts it: servers, worker, beat and the pretended booking site,
each in a process of its own, speaking HTTP.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.concurrency.open_hotel import OpenHotel, open_hotel
from tests.runtime.helpers import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHotel]:
    """The trial hotel with the pretended booking site."""
    with open_hotel(tmp_path_factory.mktemp("story"), "--sandbox") as hotel:
        eventually(lambda: site(hotel)["hotels"], 60)
        yield hotel


def site(house: OpenHotel) -> dict[str, Any]:
    """Return what the pretended booking site knows."""
    answer = httpx.get(f"{house.sandbox}/control/state", timeout=30)
    found: dict[str, Any] = answer.json()
    return found


def post(house: OpenHotel, path: str, body: dict[str, Any] | None = None) -> Any:
    """Act by the API, with a fresh key."""
    headers = house.headers(**{"Idempotency-Key": str(uuid.uuid4())})
    answer = httpx.post(f"{house.api}/{path}", json=body or {}, headers=headers, timeout=60)
    assert answer.status_code < 300, answer.text
    return answer.json()


def money(amount: str) -> dict[str, str]:
    """Return an amount in the hotel's currency."""
    return {"amount": amount, "currency": "EUR"}


def doubles_left(house: OpenHotel, night: dt.date) -> int:
    """Return how many doubles can be sold."""
    kinds = {row["code"]: row["id"] for row in house.get("room-types")["results"]}
    rows = house.get("availability", **{"from": night.isoformat(), "to": night.isoformat()})["results"]
    found: int = next(row["sellable"] for row in rows if row["room_type"] == kinds["DBL"])
    return found


def test_from_the_booking_on_a_channel_to_the_departure(house: OpenHotel) -> None:
    today = dt.date.fromisoformat(httpx.get(house.api, headers=house.headers(), timeout=60).json()["business_date"])
    rooms = site(house)["hotels"]["900100"]["rooms"]
    double = next(number for number, name in rooms.items() if "ouble" in name)
    before = doubles_left(house, today)

    # A guest books on the channel: the stay stands at the desk within seconds, and there is one room less everywhere.
    stay = {"room": double, "arrival": today.isoformat(), "departure": (today + dt.timedelta(days=1)).isoformat()}
    httpx.post(f"{house.sandbox}/control/book", json={"guest": "Ada Muster", "rooms": [stay]}, timeout=30)
    booked = eventually(lambda: house.get("reservations", arrival=today.isoformat())["results"], 10)[0]
    assert (booked["status"], booked["guest"]["last_name"]) == ("confirmed", "Muster")
    assert doubles_left(house, today) == before - 1
    eventually(lambda: told(house, double, today) == before - 1, 15)
    path = f"reservations/{booked['id']}"

    # The desk gives a room, housekeeping makes it ready, the guest gets the key.
    assert post(house, f"{path}/assign-room", {"room": "104"})["room"] == "104"
    post(house, "rooms/104/condition", {"condition": "dirty"})
    refused = httpx.post(f"{house.api}/{path}/check-in", json={}, headers=house.headers(), timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (409, "room_not_ready")
    post(house, "rooms/104/condition", {"condition": "clean"})
    assert post(house, f"{path}/check-in")["status"] == "in_house"

    # A folio opened with the key; a minibar charge; the night audit posts the night and moves the date.
    folio = house.get("folios", reservation=booked["id"])["results"][0]
    post(house, f"folios/{folio['id']}/charges", {"transaction_code": "minibar", "amount": money("9.50")})
    audit = post(house, "night-audits")
    assert audit["status"] in {"running", "succeeded"}, audit
    eventually(lambda: house.get(f"night-audits/{audit['id']}")["status"] == "succeeded", 30)
    now = httpx.get(house.api, headers=house.headers(), timeout=60).json()["business_date"]
    assert now == (today + dt.timedelta(days=1)).isoformat()
    postings = house.get(f"folios/{folio['id']}")["postings"]
    codes = sorted(posting["transaction_code"] for posting in postings)
    assert codes == ["city_tax", "minibar", "room"] or "breakfast_food" in codes

    # She pays cash and leaves; the room is dirty.
    due = house.get(f"folios/{folio['id']}")["balance"]
    refused = httpx.post(f"{house.api}/{path}/check-out", json={}, headers=house.headers(), timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (409, "folio_not_settled")
    post(house, f"folios/{folio['id']}/payments", {"method": "cash", "amount": due})
    invoice = post(house, f"folios/{folio['id']}/invoices", {"window": 1})
    assert invoice["gross"] == due
    left = post(house, f"{path}/check-out")
    assert (left["status"], left["balance"]) == ("checked_out", money("0.00"))
    room = house.get("rooms/104")
    assert (room["condition"], room["occupancy"]) == ("dirty", "vacant")

    # Everything that happened is in the public feed, in order.
    codes = [event["type"] for event in house.get("events", after=0, limit=500)["results"]]
    order = ["reservation.created", "reservation.assigned", "reservation.checked_in", "night_audit.succeeded"]
    places = [codes.index(code) for code in [*order, "reservation.checked_out"]]
    assert places == sorted(places)


def told(house: OpenHotel, room: str, night: dt.date) -> Any:
    """Return how many rooms the channel may sell, as the hotel told it."""
    cells = {(kind, day): value for kind, day, value in site(house)["hotels"]["900100"]["available"]}
    return cells.get((room, night.isoformat()))
