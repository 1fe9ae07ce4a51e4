"""Every hotel page × who comes: the holder of exactly its right, a colleague without it, a stranger, nobody.

The table is read from the URLconf and from the right that each view says of itself, so a new page is in it at once.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.registry import all_codes
from pms.core.models import AuditEntry
from tests.committed import rolled_back
from tests.permissions.house import BODIES, FILLERS, NO_ROWS, House, browser, values_for, writes, written_since
from tests.permissions.routes import ALSO, DOCUMENTS, Route, addresses, cases, name_of, pages, unlisted

EVERY_WAY = pytest.mark.parametrize("case", cases(), ids=name_of)
Case = tuple[Route, str]


def send(client: Client, case: Case, url: str, **headers: str) -> Any:
    """Send the request of the case; a form with nothing in it unless the view needs it to look at the row."""
    route, method = case
    if method == "GET":
        return client.get(url, headers=headers)
    return client.post(url, BODIES.get(route.name, {}), headers=headers)


def test_every_address_is_a_hotel_page_or_says_why_not() -> None:
    assert unlisted() == [], (
        "Put the page below /h/<code>/ and let its view wear @at_hotel(<right>), "
        "or add its beginning to NOT_HOTEL_PAGES with what guards it."
    )


def test_every_hotel_page_says_which_right_it_asks_for() -> None:
    without = [route.name for route in pages() if not route.right or not route.methods]

    assert without == [], "Let the view wear @at_hotel(<right>): nothing below /h/<code>/ may be open."
    assert {route.right for route in pages()} <= all_codes()


def test_every_argument_of_an_address_has_a_row_that_fills_it() -> None:
    kinds = {kind for route in pages() for kind in route.arguments().values()}

    assert kinds <= set(FILLERS), "Say in FILLERS of tests/permissions/house.py which row of a hotel it names."


def test_control_the_matrix_is_not_empty() -> None:
    assert len(pages()) >= 35
    assert len(cases("GET")) >= 20 and len(cases("POST")) >= 15
    assert len(list(addresses())) > len(pages())


@EVERY_WAY
def test_who_holds_the_right_comes_in(house: House, case: Case) -> None:
    route, method = case
    user = house.holder_of(route.right, *ALSO.get((route.name, method), ()))
    url = route.url("SEA", values_for(route.arguments(), house.sea, user))

    answer = send(browser(user), case, url)

    assert answer.status_code not in {403, 404, 405} and answer.status_code < 500, answer.content[:2000]


@pytest.mark.parametrize("case", [case for case in cases() if (case[0].name, case[1]) in ALSO], ids=name_of)
def test_a_second_right_is_asked_for_as_well(house: House, case: Case) -> None:
    route, _method = case
    user = house.holder_of(route.right)

    answer = send(browser(user), case, route.url("SEA", values_for(route.arguments(), house.sea, user)))

    assert answer.status_code == 403


@EVERY_WAY
def test_everybody_else_is_kept_out_and_changes_nothing(house: House, case: Case) -> None:
    route, _method = case
    colleague, values = house.all_but(route.right), values_for(route.arguments(), house.sea, house.olga)
    url = route.url("SEA", values)
    doors = [browser(colleague), browser(house.eve), browser(None)]
    before = writes()

    refused, unknown, nobody = (send(client, case, url) for client in doors)
    typing = send(doors[2], case, url, hx_request="true")

    assert refused.status_code == 403
    assert unknown.status_code == 404
    assert nobody.status_code == 302 and nobody["Location"].startswith("/account/login/?next=")
    assert typing.status_code == 401 and not typing.content
    assert written_since(before) == []


WITH_ROWS = [case for case in cases() if set(case[0].arguments().values()) - NO_ROWS]


@pytest.mark.parametrize("case", WITH_ROWS, ids=name_of)
def test_rows_of_another_hotel_are_not_there(house: House, case: Case) -> None:
    """The owner of SEA holds every right, but at her own hotel: each argument in turn names a row of LAK."""
    route, _method = case
    own = values_for(route.arguments(), house.sea, house.olga)
    foreign = values_for(route.arguments(), house.lak, house.eve)
    client = browser(house.olga)
    before = writes()

    for argument, kind in route.arguments().items():
        if kind in NO_ROWS:
            continue
        answer = send(client, case, route.url("SEA", own | {argument: foreign[argument]}))
        assert answer.status_code == 404, (argument, answer.status_code, answer.content[:500])

    assert written_since(before) == []


@pytest.mark.parametrize("case", cases("POST"), ids=name_of)
def test_a_form_without_its_token_is_refused(house: House, case: Case) -> None:
    route, _method = case
    url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
    client = browser(house.olga, careful=True)
    before = writes()

    answer = send(client, case, url)

    assert answer.status_code == 403
    assert written_since(before) == []


def test_looking_at_every_page_changes_nothing(house: House) -> None:
    client = browser(house.olga)
    looks = [route for route, _ in cases("GET") if route.name not in DOCUMENTS]
    urls = [route.url("SEA", values_for(route.arguments(), house.sea, house.olga)) for route in looks]
    before = writes()

    answers = {url: client.get(url).status_code for url in urls}

    assert {url: status for url, status in answers.items() if status not in {200, 302}} == {}
    assert written_since(before) == []


@pytest.mark.parametrize("case", [case for case in cases("GET") if case[0].name in DOCUMENTS], ids=name_of)
def test_reading_a_document_leaves_an_entry_and_nothing_else(house: House, case: Case) -> None:
    route, _method = case
    client = browser(house.olga)
    before = writes()

    answer = client.get(route.url("SEA", values_for(route.arguments(), house.sea, house.olga)))

    assert answer.status_code == 200
    assert written_since(before) == ["core_auditentry"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.property_id) == (AuditEntry.Action.ACCESS, house.olga, house.sea.row.pk)


def test_control_one_changed_letter_is_seen_even_if_it_is_taken_back(house: House) -> None:
    before = writes()

    with rolled_back():
        house.sea.row.name = "Hotel Sea"
        house.sea.row.save()

    assert "properties_property" in written_since(before)
