"""The API against its own description, by schemathesis: no fault, and every answer is the one that is described.

It sends what the description allows and what it forbids and checks status, media type, body and headers of each
answer. A few tries of every operation with each change; with `--nightly` thousands, and chains that follow ids from
one answer into the next question.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import missing_required_header, negative_data_rejection

from folios.models import Folio, Invoice, NightAudit
from properties.api import serializers, views
from properties.models import Property
from reservations.models import Booking, Reservation
from tests.api.partner import Partner, make_partner
from tests.committed import rolled_back
from tests.factories.folios import make_guest_in_house

# A body that its schema allows may still break a rule (a full house, a stay in the past, a lost version).
RULES = ["2xx", "400", "404", "409", "410", "412", "422", "423", "428"]
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": RULES},
    # Who may call what is asked of every operation, with and without tokens, by test_matrix.py.
    "ignored_auth": {"enabled": False},
}


def config(*, examples: int, every_edge: bool) -> SchemathesisConfig:
    """Return the settings of a run; `every_edge` tries the bounds of each field of each operation as well."""
    generation = {"max-examples": examples, "database": "none", "with-security-parameters": False, "no-shrink": True}
    phases = {"coverage": {"enabled": every_edge}, "examples": {"enabled": True}}
    return SchemathesisConfig.from_dict(
        {
            "seed": 4711,
            "checks": CHECKS,
            "generation": generation,
            "phases": phases,
            "parameters": {"path.property_code": "SEA"},
        }
    )


def described_with(**options: Any) -> Any:
    """Return the description as schemathesis reads it, from the address where partners read it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config(**options))


QUICK = described_with(examples=6, every_edge=False)
LONG = described_with(examples=400, every_edge=True)


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """SEA with a guest in the house, so that every address has a row it can name."""
    make_guest_in_house(hotel=hotel_with_books)
    return hotel_with_books


@pytest.fixture
def petra(sea: Property) -> Partner:
    """A program with every scope, which is never too fast."""
    return make_partner([sea], rate=10**6)


def at_home(case: Any) -> None:
    """Let a good question name rows that exist: an id made up would only ever meet 404."""
    found = {
        "reservation_id": Reservation.objects.first(),
        "booking_id": Booking.objects.first(),
        "folio_id": Folio.objects.first(),
        "invoice_id": Invoice.objects.first(),
        "audit_id": NightAudit.objects.first(),
    }
    for name in case.path_parameters or {}:
        row = found.get(name)
        if row is not None:
            case.path_parameters[name] = str(row.pk)
        if name == "number":
            case.path_parameters[name] = "101"


@contextmanager
def in_this_transaction() -> Iterator[None]:
    """Keep the connection of the test over the request, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def ask(case: Any, petra: Partner) -> None:
    """Send the question and hold the answer against the description; whatever it did is taken back."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        at_home(case)
    with in_this_transaction(), rolled_back():
        answer = case.call(headers=petra.headers())
        but = [missing_required_header, negative_data_rejection] if is_keyless_trial(case) else None
        case.validate_response(answer, headers=petra.headers(), excluded_checks=but)


def is_keyless_trial(case: Any) -> bool:
    """Tell whether this only tries, without a key: it needs none, which a description cannot say of a header."""
    asked = str((case.query or {}).get("dry_run", "")).casefold()
    return asked in {"true", "1"} and "Idempotency-Key" not in (case.headers or {})


@QUICK.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None, phases=(Phase.explicit, Phase.generate))
def test_every_operation_keeps_to_its_description(case: Any, petra: Partner) -> None:
    ask(case, petra)


@pytest.mark.parametrize("damage", ["fault", "shape"])
def test_control_a_fault_and_a_wrong_answer_are_found(
    petra: Partner, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    def fail(*_arguments: Any) -> Any:
        raise ZeroDivisionError

    def misshapen(*_arguments: Any) -> dict[str, Any]:
        return {"number": 101}

    rooms = QUICK["/api/v1/properties/{property_code}/rooms"]["GET"]
    ask(rooms.Case(path_parameters={"property_code": "SEA"}), petra)
    if damage == "fault":
        monkeypatch.setattr(views, "rooms_of", fail)
    else:
        monkeypatch.setattr(serializers.RoomOutput, "to_representation", misshapen)
    with pytest.raises((FailureGroup, Failure)):
        ask(rooms.Case(path_parameters={"property_code": "SEA"}), petra)


@pytest.mark.nightly
@LONG.parametrize()
@settings(suppress_health_check=list(HealthCheck), deadline=None, phases=(Phase.explicit, Phase.generate))
def test_every_operation_keeps_to_its_description_for_an_hour(case: Any, petra: Partner) -> None:
    ask(case, petra)
