"""People do write card numbers into every field that takes words: none of them is kept."""

from __future__ import annotations

import pytest

from folios.models import Folio
from folios.services.folios import folio_window_add
from properties.models import Property, Room
from reservations.models import Reservation
from tests.api.partner import Partner, make_partner
from tests.cards import tables_with
from tests.factories.folios import open_for_business

PAN = "4111111111111111"
CARD = "4111 1111-1111 1111"
WORDS = f"VISA {PAN}, or {CARD}"


@pytest.fixture
def petra(hotel: Property) -> Partner:
    """A program that may do everything at SEA."""
    return make_partner([open_for_business(hotel)])


def test_a_card_typed_anywhere_lies_nowhere(petra: Partner, room: Room) -> None:
    kinds, plans = (petra.get(name).json()["results"] for name in ("room-types", "rate-plans"))
    stay = {
        "room_type": next(row["id"] for row in kinds if row["code"] == "DBL"),
        "rate_plan": next(row["id"] for row in plans if row["code"] == "BAR"),
        "arrival": "2026-03-14",
        "departure": "2026-03-15",
        "adults": 1,
        "notes": WORDS,
        "guests": [{"first_name": CARD, "last_name": f"Silva {PAN}"}],
    }
    booking = {"booker": {"first_name": "Ana", "last_name": WORDS}, "notes": WORDS, "reservations": [stay, stay]}
    made = _done(petra.post("bookings", booking, key="b"))
    first, second = (f"reservations/{pk}" for pk in made["reservations"])

    _done(petra.patch(first, {"notes": f"again {WORDS}"}, seen=petra.get(first).json()["version"]))
    _done(petra.post(f"{second}/cancel", {"reason": WORDS}))
    _done(petra.post(f"{first}/assign-room", {"room": room.number}))
    _done(petra.post(f"{first}/check-in", {}))
    folio = f"folios/{petra.get('folios').json()['results'][0]['id']}"
    money = {"amount": "9.50", "currency": "EUR"}
    charge = {"transaction_code": "room", "amount": money, "description": WORDS}
    kept = _done(petra.post(f"{folio}/charges", charge, key="c"))
    _done(petra.post(f"{folio}/payments", {"method": "cash", "amount": money, "reference": WORDS}, key="p"))
    folio_window_add(folio_id=Folio.objects.get().pk, name=WORDS)
    _done(petra.post(f"{folio}/invoices", {"window": 1, "recipient": {"name": WORDS, "address": WORDS}}, key="i"))
    again = _done(petra.post(f"{folio}/charges", charge, key="d"))
    _done(petra.post(f"{folio}/corrections", {"posting": again["id"], "reason": WORDS}, key="r"))

    assert tables_with(PAN) == tables_with(CARD) == tables_with("4111 1111") == []
    masked = "VISA ************1111, or ************1111"
    assert kept["description"] == Reservation.objects.latest("number").notes == masked


def _done(answer: object) -> dict:
    assert answer.status_code in {200, 201}, answer.content  # type: ignore[attr-defined]
    return answer.json()  # type: ignore[attr-defined]
