"""Folios, invoices, night audits and ledgers over the public API."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from folios.models import Folio, Invoice, NightAudit, Posting
from folios.services.night_audit import night_audit_run
from folios.services.postings import Line, charge_post
from properties.models import Property
from tests.api.partner import Partner, problem
from tests.factories.folios import make_guest_in_house

NOON = dt.datetime(2026, 3, 14, 11, tzinfo=dt.UTC)
EUR = {"currency": "EUR"}


def eur(amount: str) -> dict[str, str]:
    """Return the public form of an amount."""
    return {"amount": amount, **EUR}


def key() -> str:
    """Return a fresh Idempotency-Key."""
    return uuid.uuid4().hex


@pytest.fixture
def sea(hotel_with_books: Property) -> Property:
    """The small hotel SEA with prices and books."""
    return hotel_with_books


@pytest.fixture
def folio(sea: Property) -> Folio:
    """The folio of a guest in house."""
    return make_guest_in_house(hotel=sea)[1]


def test_a_folio_is_charged_paid_and_read(petra: Partner, folio: Folio) -> None:
    way = f"folios/{folio.pk}"

    posted = petra.post(f"{way}/charges", {"transaction_code": "minibar", "amount": eur("9.50")}, key=key())
    paid = petra.post(f"{way}/payments", {"method": "cash", "amount": eur("4.00"), "reference": "till 2"}, key=key())

    assert (posted.status_code, paid.status_code) == (201, 201)
    assert posted.json() | {"id": "", "posted_at": ""} == {
        "id": "",
        "posted_at": "",
        "folio": str(folio.pk),
        "window": 1,
        "transaction_code": "minibar",
        "kind": "revenue",
        "description": "Minibar",
        "service_date": "2026-03-14",
        "business_date": "2026-03-14",
        "quantity": "1.000",
        "unit_price": eur("9.50"),
        "gross": eur("9.50"),
        "net": eur("7.98"),
        "tax": eur("1.52"),
        "tax_percent": "19.000",
        "source": "api",
        "reference": "",
        "reverses": None,
        "reversed_by": None,
        "invoice": None,
        "reason": "",
    }
    answer = petra.get(way)
    told = answer.json()
    assert told["balance"] == eur("5.50")
    assert told["windows"] == [{"no": 1, "payer": "Jordi Martí", "balance": eur("5.50")}]
    assert [line["gross"] for line in told["postings"]] == [eur("9.50"), eur("-4.00")]
    assert {one["name"]: one["allowed"] for one in told["actions"]} == dict.fromkeys(
        ("charges", "payments", "corrections", "invoices"), True
    )
    assert answer["ETag"] == f'"{told["version"]}"'
    listed = petra.get("folios", reservation=str(folio.reservation_id)).json()["results"]
    assert [one["id"] for one in listed] == [str(folio.pk)]
    assert "postings" not in listed[0]


def test_money_moves_once_per_key_and_never_without_one(petra: Partner, folio: Folio) -> None:
    way, body, same = f"folios/{folio.pk}/payments", {"method": "cash", "amount": eur("4.00")}, key()

    problem(petra.post(way, body), 400, "idempotency_key_required")
    first, again = petra.post(way, body, key=same), petra.post(way, body, key=same)

    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    problem(petra.post(way, body | {"reference": "x"}, key=same), 409, "idempotency_key_reused")
    assert Posting.objects.count() == 1


def test_trying_writes_nothing(petra: Partner, folio: Folio) -> None:
    tried = petra.post(
        f"folios/{folio.pk}/charges?dry_run=true", {"transaction_code": "minibar", "amount": eur("9.50")}
    )

    assert (tried.status_code, tried["Dry-Run"], tried.json()["gross"]) == (200, "true", eur("9.50"))
    assert not Posting.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"transaction_code": "cash", "amount": eur("1.00")}, 422, "unknown_transaction_code"),
        ({"transaction_code": "minibar", "amount": eur("0.00")}, 422, "nothing_to_post"),
        ({"transaction_code": "minibar", "amount": {"amount": "1.00", "currency": "USD"}}, 422, "wrong_currency"),
        ({"transaction_code": "minibar", "amount": eur("1.00"), "service_date": "2026-03-15"}, 422, "invalid_value"),
        ({"transaction_code": "minibar", "amount": eur("99999999.00")}, 422, "nothing_to_post"),
        ({"transaction_code": "minibar", "amount": eur("1.00"), "window": 2}, 404, "not_found"),
        ({"transaction_code": "minibar", "amount": "1.00"}, 400, "invalid"),
        ({"transaction_code": "minibar", "amount": eur("1.00"), "tip": 1}, 400, "unknown_field"),
    ],
)
def test_senseless_charges_are_refused(petra: Partner, folio: Folio, body: Any, status: int, code: str) -> None:
    answer = petra.post(f"folios/{folio.pk}/charges", body, key=key())

    told = answer.json()
    assert (answer.status_code, code in {told["code"], *(one["code"] for one in told["errors"])}) == (status, True)
    assert not Posting.objects.exists()


def test_a_correction_takes_back_once(petra: Partner, folio: Folio) -> None:
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    way, body = f"folios/{folio.pk}/corrections", {"posting": str(posting.pk), "reason": "Not taken"}

    back = petra.post(way, body, key=key())

    assert (back.status_code, back.json()["reverses"], back.json()["gross"]) == (201, str(posting.pk), eur("-9.50"))
    problem(petra.post(way, body, key=key()), 409, "already_reversed")
    problem(petra.post(way, body | {"posting": "999999999999"}, key=key()), 404, "not_found")


@pytest.mark.parametrize(
    "nonsense", ["x", "-1", "1.5", "9" * 19, "9" * 5000, "01a2032c-4246-763c-a6c2-f4b84bfad119", True]
)
def test_an_id_that_is_none_is_refused_and_breaks_nothing(petra: Partner, folio: Folio, nonsense: Any) -> None:
    body = {"posting": nonsense, "reason": "Not taken"}

    told = problem(petra.post(f"folios/{folio.pk}/corrections", body, key=key()), 400, "unreadable")

    assert [entry["field"] for entry in told["errors"]] == ["posting"]


def test_an_invoice_is_issued_listed_and_downloaded(petra: Partner, folio: Folio) -> None:
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    body = {"window": 1, "recipient": {"name": "ACME GmbH", "address": "Ring 1"}}

    issued = petra.post(f"folios/{folio.pk}/invoices", body, key=key())

    told = issued.json()
    assert (issued.status_code, told["number"], told["due"], told["buyer"]) == (
        201,
        "SEA-00001",
        eur("9.50"),
        "ACME GmbH",
    )
    assert issued["Location"].endswith(f"/invoices/{told['id']}")
    read = petra.get(f"invoices/{told['id']}")
    assert (read.json(), read["ETag"], told["version"]) == (told, '"1"', 1)
    assert petra.get("invoices", folio=str(folio.pk)).json()["results"] == [told]
    pdf = petra.get(f"invoices/{told['id']}/pdf")
    assert (pdf["Content-Type"], pdf["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="SEA-00001.pdf"',
    )
    assert hashlib.sha256(pdf.content).hexdigest() == told["pdf_sha256"]
    problem(petra.get(f"invoices/{uuid.uuid4()}/pdf"), 404, "not_found")
    problem(petra.post(f"folios/{folio.pk}/invoices", {}, key=key()), 409, "nothing_to_invoice")
    tried = petra.post(f"folios/{folio.pk}/invoices?dry_run=true", {})
    problem(tried, 409, "nothing_to_invoice")
    assert Invoice.objects.count() == 1


@time_machine.travel(NOON, tick=True)
def test_the_day_is_closed_and_its_ledger_read(petra: Partner, folio: Folio, sea: Property) -> None:
    started = petra.post("night-audits", {})

    told = started.json()
    assert (started.status_code, told["status"], told["business_date"], told["blockers"]) == (
        202,
        "running",
        "2026-03-14",
        [],
    )
    assert {step["name"] for step in told["steps"]} >= {"post_nights", "roll_date"}
    problem(petra.post("night-audits", {}), 409, "audit_running")
    night_audit_run(audit_id=NightAudit.objects.get().pk)
    done = petra.get(f"night-audits/{told['id']}").json()
    assert (done["status"], done["steps"][2]) == (
        "succeeded",
        {"name": "post_nights", "status": "done", "done": 1, "total": 1},
    )
    assert petra.get("").json()["business_date"] == "2026-03-15"
    ledger = petra.get("ledgers", date="2026-03-14").json()
    assert {name: ledger[name]["amount"] for name in ("opening", "revenue", "tax", "pass_through", "payments")} == {
        "opening": "0.00",
        "revenue": "112.15",
        "tax": "7.85",
        "pass_through": "2.50",
        "payments": "0.00",
    }
    assert ledger["guest_ledger"] == petra.get("ledgers").json()["opening"] == eur("122.50")
    problem(petra.post(f"night-audits/{told['id']}/resume", {}), 409, "audit_not_failed")
    assert [one["id"] for one in petra.get("night-audits").json()["results"]] == [told["id"]]


def test_scopes_and_hotels_are_kept_apart(
    partner_with: Callable[..., Partner], folio: Folio, other_hotel: Property
) -> None:
    reader = partner_with("folios.read")

    assert reader.get(f"folios/{folio.pk}").status_code == 200
    assert [one["code"] for one in reader.get("transaction-codes").json()["results"]][:2] == [
        "breakfast_drinks",
        "breakfast_food",
    ]
    body = {"transaction_code": "minibar", "amount": eur("9.50")}
    problem(reader.post(f"folios/{folio.pk}/charges", body, key=key()), 403, "insufficient_scope")
    problem(reader.get("ledgers"), 403, "insufficient_scope")
    problem(reader.get("invoices"), 403, "insufficient_scope")
    problem(reader.get(f"/api/v1/properties/LAK/folios/{folio.pk}"), 404, "not_found")
    problem(reader.get(f"folios/{uuid.uuid4()}"), 404, "not_found")
    poster = partner_with("folios.read folios.post", name="poster")
    assert poster.post(f"folios/{folio.pk}/charges", body, key=key()).status_code == 201


def test_lists_cost_the_same_however_long(
    petra: Partner, folio: Folio, sea: Property, django_assert_max_num_queries: Any
) -> None:
    petra.get("folios")
    with django_assert_max_num_queries(30) as few:
        petra.get("folios")
    make_guest_in_house(hotel=sea, room="102")
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(petra.get("folios").json()["results"]) == 2
