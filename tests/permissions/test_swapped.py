"""Keys of another hotel in everything that is sent: forms, filters, orders, searches and bodies of the API.

The owner of SEA opens every page, and sends every form and every link again with each key of SEA replaced by the key of
the like row of LAK. Nothing of LAK may be told, changed, or pointed to.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet, UUIDField
from django.test import Client

from pms.accounts import access
from pms.accounts.registry import all_codes
from pms.api.schema import described
from properties.models import Property, RoomTypePhoto
from reservations.models import Guest, OutOfOrder
from tests.api.partner import Partner, make_partner
from tests.committed import rolled_back
from tests.permissions.house import House, browser
from tests.permissions.sendings import KEY, Sending, Swaps, all_swapped, harvest

# What the guests and the house of LAK are called, and no page of SEA says.
MARKED = {"first_name": "Zebedee", "last_name": "Quagga", "email": "zq@lak-guests.example", "phone": "+41 555 777001"}
TOLD = re.compile(r"Zebedee|zq@lak-guests|777001|Hotel LAK")
# So many requests there are at the least; fewer would mean that the pages are not read any more.
# What no furnished hotel has a row of: the address then is nobody's, and only the body is foreign.
NOWHERE = uuid.UUID(int=1)
READ_AT_ALL = 0.6
FEWEST_SWAPPED, FEWEST_ASKED, FEWEST_CALLS = 15, 40, 100


def tenant_models() -> list[type[Model]]:
    """Return the models whose rows belong to a hotel."""
    return [model for model in apps.get_models() if getattr(model, "tenant_path", "")]


def rows_of(model: type[Model], hotel: Property) -> QuerySet[Any]:
    """Return the rows of a hotel."""
    return model._base_manager.filter(**{model.tenant_path: hotel.pk})  # type: ignore[attr-defined]


def keys_of(hotel: Property) -> dict[type[Model], list[str]]:
    """Return the keys of all rows of a hotel that have one of their own kind (UUID), the oldest first."""
    return {
        model: [str(pk) for pk in rows_of(model, hotel).order_by("pk").values_list("pk", flat=True)]
        for model in tenant_models()
        if isinstance(model._meta.pk, UUIDField)
    }


def swaps_between(house: House) -> Swaps:
    """Return, for each key of SEA, the key of a like row of LAK; guests belong to no hotel but to those they visit."""
    own, foreign = keys_of(house.sea.row), keys_of(house.lak.row)
    found = {pk: foreign[model][0] for model, pks in own.items() if foreign[model] for pk in pks}
    guests = Guest.objects.exclude(organization_id=house.lak.row.organization_id).values_list("pk", flat=True)
    found |= {str(pk): str(house.lak.expected.guest_id) for pk in guests}
    return found | {str(house.sea.row.pk): str(house.lak.row.pk)}


def state_of(hotel: Property) -> dict[str, Any]:
    """Return a digest of all rows of a hotel, by table."""
    found = {}
    with connection.cursor() as cursor:
        for model in tenant_models():
            sql, params = rows_of(model, hotel).values("pk").query.sql_with_params()
            table, key = model._meta.db_table, model._meta.pk.column
            digest = "count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text))"
            cursor.execute(f'SELECT {digest} FROM "{table}" t WHERE "{key}" IN ({sql})', params)
            found[table] = cursor.fetchone()
    return found


def crossing(house: House) -> list[str]:
    """Return the columns of SEA's rows that point to a row of LAK."""
    theirs = {pk for pks in keys_of(house.lak.row).values() for pk in pks}
    found = set()
    for model in tenant_models():
        columns = [field.attname for field in model._meta.concrete_fields if isinstance(field, ForeignKey | UUIDField)]
        for row in rows_of(model, house.sea.row).values_list(*columns):
            pairs = zip(columns, row, strict=True)
            found |= {f"{model.__name__}.{name}" for name, value in pairs if str(value) in theirs}
    return sorted(found)


def amiss(answer: Any, *, but: str = "") -> str:
    """Return what is wrong with an answer: it tells of LAK otherwise than by what was asked, or broke."""
    text = answer.content.decode(errors="replace") + str(dict(answer.headers))
    if TOLD.search(text.replace(but, "") if but else text):
        return "told"
    return "broke" if answer.status_code >= 500 else ""


def leaks(client: Client, sent: Iterable[Sending]) -> list[str]:
    """Send everything; return which answers tell of LAK, or broke."""
    found = ((amiss(one.send(client)), str(one)) for one in sent)
    return sorted({f"{what}: {one}" for what, one in found if what})


@pytest.fixture(scope="module")
def sent(shared_house: House) -> list[Sending]:
    """What the pages of SEA would send to its owner."""
    with rolled_back():
        return harvest(shared_house, browser(shared_house.olga))


@pytest.fixture
def marked(house: House) -> House:
    """The house; the guests of LAK carry marks."""
    for guest in Guest.objects.filter(organization_id=house.lak.row.organization_id):
        for name, value in MARKED.items():
            setattr(guest, name, value)
        guest.save()
    return house


@contextmanager
def unscoped(hotel: Property) -> Iterator[None]:
    """The guard off: rows are read whosesoever they are, and rights asked for count for every hotel."""
    real = QuerySet.filter
    keys = {str(hotel.pk), f"[{hotel.pk}]"}

    def bare(rows: Any, *args: Any, **lookups: Any) -> Any:
        kept = {name: value for name, value in lookups.items() if str(getattr(value, "pk", value)) not in keys}
        return real(rows, *args, **kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "filter", bare)
        patch.setattr(access, "rights_at", lambda _user, _property_id: all_codes())
        yield


# --- pages ------------------------------------------------------------------------------------------------------------


def test_foreign_keys_in_forms_and_links_tell_and_change_nothing(marked: House, sent: list[Sending]) -> None:
    swapped = all_swapped(sent, swaps_between(marked))
    before = state_of(marked.lak.row)
    assert crossing(marked) == []

    assert leaks(browser(marked.olga), swapped) == []

    assert state_of(marked.lak.row) == before
    assert crossing(marked) == []
    assert len(swapped) >= FEWEST_SWAPPED


def test_control_without_the_scope_forms_and_links_tell(marked: House, sent: list[Sending]) -> None:
    swapped = all_swapped(sent, swaps_between(marked))
    client, before = browser(marked.olga), state_of(marked.lak.row)

    with unscoped(marked.sea.row):
        found = leaks(client, swapped)

    seen = {"told": found, "changed": state_of(marked.lak.row) != before, "crossing": crossing(marked)}
    assert any(seen.values()), seen


def questions(house: House, sent: Iterable[Sending]) -> Iterator[tuple[str, str, str]]:
    """Yield path, field and text: every field of every list is asked for names, numbers and keys of LAK."""
    stay = house.lak.expected
    asked = ("Quagga", stay.number, str(stay.pk), str(house.lak.room.pk), "-property__reservation__guest", "LAK")
    names = {(one.path, name) for one in sent if one.method == "GET" for name, _value in one.fields}
    for path, name in sorted(names | {("/h/SEA/find/", "q"), ("/h/SEA/reservations/", "q"), ("/h/SEA/staff/", "q")}):
        for text in asked:
            yield path, name, text


def answers(client: Client, asked: Iterable[tuple[str, str, str]], stay: str) -> list[tuple[str, str, str, str]]:
    """Ask; return the questions whose answer tells of LAK, names its stay, or broke."""
    found = []
    for path, name, text in asked:
        answer = client.get(path, {name: text}, headers={"hx-request": "true"})
        what = amiss(answer, but=text) or ("named" if stay in answer.content.decode().replace(text, "") else "")
        if what:
            found.append((what, path, name, text))
    return found


def test_searches_filters_and_orders_find_nothing_of_another_hotel(marked: House, sent: list[Sending]) -> None:
    asked = list(questions(marked, sent))

    assert answers(browser(marked.olga), asked, str(marked.lak.expected.pk)) == []
    assert len(asked) >= FEWEST_ASKED


def test_control_without_the_scope_searches_find_it(marked: House) -> None:
    client = browser(marked.olga)

    with unscoped(marked.sea.row):
        found = answers(client, questions(marked, ()), str(marked.lak.expected.pk))

    assert {what for what, *_ in found} & {"told", "named"}


# --- the API ----------------------------------------------------------------------------------------------------------


def calls(house: House) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """Yield method, address and body of every operation: with each key of LAK in its address, its query, its body."""
    lak = house.lak
    rows = (lak.expected, lak.room, lak.folio, lak.invoice, lak.audit, lak.program, lak.expected.booking)
    theirs = [str(row.pk) for row in rows] + [str(lak.expected.guest_id), str(lak.posting.pk)]
    for path, operations in described()["paths"].items():
        if "{property_code}" not in path:
            continue
        for method, operation in operations.items():
            for where in _addresses(house, path, theirs):
                for key in theirs if "{" not in path.replace("{property_code}", "") else theirs[:1]:
                    yield _call(method, where, operation, key)


def own_address(house: House, path: str) -> str:
    """Return a described path with the rows of SEA in it; a kind of row that the house has none of is nobody's."""
    sea = house.sea
    own = {
        "folio_id": sea.folio.pk, "reservation_id": sea.expected.pk, "invoice_id": sea.invoice.pk,
        "audit_id": sea.audit.pk, "booking_id": sea.expected.booking_id, "number": sea.room.number,
        "client_pk": sea.program.pk, "room_type_id": sea.expected.room_type_id,
        "job_id": sea.job.pk, "side": 480, "rate_plan_id": sea.expected.rate_plan_id,
        "photo_id": _first(RoomTypePhoto, sea.row),
        "out_of_order_id": _first(OutOfOrder, sea.row),
    }  # fmt: skip
    here = path.replace("{property_code}", "SEA")
    return re.sub(r"{(\w+)}", lambda found: str(own.get(found[1], NOWHERE)), here)


def _first(model: type[Model], hotel: Property) -> Any:
    """Return the key of the hotel's oldest row, found without a filter, which a control may have switched off."""
    return next(
        row.pk for row in model._default_manager.order_by("pk") if getattr(row, "property_id", None) == hotel.pk
    )


def _addresses(house: House, path: str, theirs: Iterable[str]) -> Iterator[str]:
    """Yield the address with each foreign key, and with the row of SEA itself: then only what is sent is foreign."""
    yield own_address(house, path)
    here = path.replace("{property_code}", "SEA")
    if "{" in here:
        yield from (re.sub(r"{\w+}", key, here) for key in theirs)


def _call(method: str, url: str, operation: Any, key: str) -> tuple[str, str, dict[str, Any] | None]:
    if method != "get":
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        return method.upper(), url, _filled(content.get("schema", {}), key, 0) or {}
    named = [one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"]
    query = "&".join(f"{name}={key}" for name in named if name not in {"limit", "cursor", "expand", "format"})
    return "GET", f"{url}?{query}" if query else url, None


# What stands in a body beside the keys, so that it is read at all: by the name of the field, else by its form.
NAMED: Mapping[str, Any] = {
    "currency": "EUR", "country": "DE", "method": "cash", "transaction_code": "minibar", "room": "501",
    "scopes": ["rooms.read"], "redirect_uris": [], "locale": "de", "from": "2026-03-20", "to": "2026-03-21",
    "arrival": "2026-03-20", "departure": "2026-03-21", "days": ["mo"], "version": 1, "window": 1, "amount": "1.00",
}  # fmt: skip
FORMED: Mapping[str, Any] = {
    "date": "2026-03-20", "date-time": "2026-03-20T12:00:00Z", "email": "a@b.example", "decimal": "1.00",
    "uri": "https://a.example/", "time": "15:00",
}  # fmt: skip
# Left out: what needs rights or rows of its own, and a walk-in, which is one room of today.
LEFT_OUT = frozenset({"override", "check_in", "version", "children", "rate_per_minute", "external_ref"})


def _filled(schema: Mapping[str, Any], key: str, depth: int, name: str = "") -> Any:
    """Return a value of the schema that can be read, in which every key is the foreign one."""
    if depth > 8:
        return None
    if reference := schema.get("$ref"):
        return _filled(described()["components"]["schemas"][reference.rpartition("/")[2]], key, depth + 1, name)
    for way in ("allOf", "oneOf", "anyOf"):
        if way in schema:
            return _filled(schema[way][0], key, depth + 1, name)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        parts = schema.get("properties", {}).items()
        return {part: _filled(one, key, depth + 1, part) for part, one in parts if part not in LEFT_OUT}
    if schema.get("format") == "uuid":
        return key
    if name in NAMED:
        return NAMED[name]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "array":
        return [_filled(schema.get("items", {}), key, depth + 1, name)]
    text = FORMED.get(schema.get("format", ""), key[: schema.get("maxLength", 99)])
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}.get(kind, text)


def told_by(partner: Partner, house: House) -> list[tuple[str, str, str]]:
    """Call everything with foreign keys; return what told of LAK, gave a row of LAK, or broke."""
    found, count, sent, unread = set(), 0, 0, Counter[str]()
    theirs = {pk for pks in keys_of(house.lak.row).values() for pk in pks}
    for method, url, body in calls(house):
        answer = partner.send(method, url, body, key=str(uuid.uuid4()), **{"If-Match": '"1"'})
        count += 1
        if method != "GET":
            sent += 1
            unread[KEY.sub("…", url) if answer.status_code == 400 else ""] += 1
        what = amiss(answer)
        if any(key in url.partition("?")[0] for key in theirs) and answer.status_code < 400:
            what = what or "given"
        if what:
            found.add((what, method, url))
    assert count >= FEWEST_CALLS
    # A body that is refused for its form says nothing about the keys in it: at least so large a part is read.
    assert unread[""] >= READ_AT_ALL * sent, {url: n for url, n in unread.items() if url}
    return sorted(found)


def test_foreign_keys_in_calls_of_the_api_tell_and_change_nothing(marked: House) -> None:
    partner = make_partner([marked.sea.row])
    before = state_of(marked.lak.row)

    assert told_by(partner, marked) == []

    assert state_of(marked.lak.row) == before
    assert crossing(marked) == []


def test_control_without_the_scope_the_api_gives_it(marked: House) -> None:
    partner = make_partner([marked.sea.row])

    with unscoped(marked.sea.row):
        found = told_by(partner, marked)

    assert {"told", "given"} <= {what for what, *_ in found}
