"""What a request with something of another hotel in it is held against: the same one, naming what nobody has.

A foreign row must not be there at all. So the two answers are the same, byte for byte but for the names themselves, and
the database was asked the same questions on the way to both: then neither words, counts, order nor time tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext

from folios.models import TransactionCode
from pms.accounts import access
from pms.accounts.registry import all_codes
from properties.models import Feature, Floor, Property, Role, Room, RoomType
from reservations.models import Guest, RatePlan
from tests.permissions.house import House

# What the guests and the house of LAK are called, and no page of SEA says.
MARKED = {"first_name": "Zebedee", "last_name": "Quagga", "email": "zq@lak-guests.example", "phone": "+41 555 777001"}
TOLD = re.compile(r"Zebedee|zq@lak-guests|777001|Hotel LAK")
KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# The names of rows that are asked for by name: which rows of LAK, and what they are called there.
NAMES: Sequence[tuple[type[Model], Mapping[str, str], Mapping[str, str]]] = (
    (Room, {"number": "501"}, {"number": "LAK5"}),
    (RoomType, {"code": "DBL"}, {"code": "LAKDBL"}),
    (RatePlan, {"code": "BAR"}, {"code": "LAKBAR"}),
    (TransactionCode, {"code": "minibar"}, {"code": "lakbar"}),
    (Feature, {"code": "balcony"}, {"code": "lak_view"}),
    (Floor, {"name": "5"}, {"name": "LAK5"}),
    (Role, {"code": "own_night_porter"}, {"code": "own_lak_porter"}),
)
# What differs between any two answers, and what stands for it.
ALWAYS_NEW = (
    re.compile(r"\b[A-Za-z0-9]{64}\b"),  # a CSRF token in its mask
    re.compile(r"(?<=nonce-)[\w+/=-]+|(?<=nonce=\")[\w+/=-]+"),
    re.compile(r'(?<=data-clock-now=")[^"]+'),
    re.compile(r"\b[0-9a-f]{32}\b"),  # the id of the request
)
SAID_ANEW = frozenset({"X-Request-ID", "Date", "Expires", "Server-Timing", "Set-Cookie", "Content-Length"})
LITERAL = re.compile(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?|\b\d+\b|\bs\d+_x\d+\b|_django_curs_\w+")


# --- the rows of a hotel ----------------------------------------------------------------------------------------------


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


def swaps_between(house: House) -> dict[str, str]:
    """Return, for each key of SEA, the key of a like row of LAK; guests belong to no hotel but to those they visit."""
    own, foreign = keys_of(house.sea.row), keys_of(house.lak.row)
    found = {pk: foreign[model][0] for model, pks in own.items() if foreign[model] for pk in pks}
    guests = Guest.objects.exclude(organization_id=house.lak.row.organization_id).values_list("pk", flat=True)
    found |= {str(pk): str(house.lak.expected.guest_id) for pk in guests}
    return found | {str(house.sea.row.pk): str(house.lak.row.pk)}


def nobodys(key: str) -> str:
    """Return a key or a name of the same form and length that nobody has."""
    if KEY.fullmatch(key):
        return key[:-8] + f"{int(key[-8:], 16) ^ 0xA5A5A5A5:08x}"
    return key.replace("LAK", "NOB").replace("lak", "nob")


def marked_of(house: House) -> House:
    """Name what is LAK's as nothing of SEA is named."""
    lak = house.lak.row
    called = [(row, MARKED) for row in Guest.objects.filter(organization_id=lak.organization_id)]
    called += [(row, names) for model, facts, names in NAMES for row in rows_of(model, lak).filter(**facts)]
    for row, names in called:
        for name, value in names.items():
            setattr(row, name, value)
        row.save()
    return house


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


# --- two answers ------------------------------------------------------------------------------------------------------


class Heard:
    """An answer as it can be compared: status, headers and words without the names asked for, and what it took."""

    def __init__(self, answer: Any, queries: Iterable[str], names: Iterable[str]) -> None:
        self.status = answer.status_code
        self.amiss = amiss(answer)
        self.text = _plain(answer.getvalue().decode(errors="replace"), names)
        self.headers = {
            name: _plain(value, names)
            for name, value in answer.headers.items()
            if name not in SAID_ANEW and not name.startswith("RateLimit")
        }
        self.asked = [LITERAL.sub("?", sql) for sql in queries]

    def differs(self, other: Heard) -> str:
        """Return in what the two answers differ, "" in nothing."""
        if self.status != other.status:
            return f"status {self.status}, of nobody's {other.status}"
        if self.text != other.text:
            return f"words {_first(self.text.splitlines(), other.text.splitlines())}"
        if self.headers != other.headers:
            return f"headers {_first(sorted(self.headers.items()), sorted(other.headers.items()))}"
        if self.asked != other.asked:
            return f"questions {_first(self.asked, other.asked)}"
        return ""


def _first(these: Sequence[Any], those: Sequence[Any]) -> str:
    """Return where two lists differ first."""
    one, other = next((str(a), str(b)) for a, b in zip_longest(these, those, fillvalue="-") if a != b)
    alike = next((n for n, (a, b) in enumerate(zip_longest(one, other)) if a != b), 0)
    begin = max(0, alike - 40)
    return f"{one[begin : begin + 120]} ≠ {other[begin : begin + 120]}"


def heard(ask: Callable[[], Any], *names: str) -> Heard:
    """Ask, and return the answer without these names."""
    with CaptureQueriesContext(connection) as taken:
        answer = ask()
    return Heard(answer, [one["sql"] for one in taken.captured_queries], [name for name in names if name])


def _plain(text: str, names: Iterable[str]) -> str:
    for pattern in ALWAYS_NEW:
        text = pattern.sub("…", text)
    for name in names:
        text = text.replace(name, "…")
    return text


def amiss(answer: Any, *, but: str = "") -> str:
    """Return what is wrong with an answer: it tells of LAK otherwise than by what was asked, or broke."""
    text = answer.getvalue().decode(errors="replace") + str(dict(answer.headers))
    if TOLD.search(text.replace(but, "") if but else text):
        return "told"
    return "broke" if answer.status_code >= 500 else ""


# --- the guard off ----------------------------------------------------------------------------------------------------


@contextmanager
def unscoped(hotel: Property) -> Iterator[None]:
    """The guard off: rows are read whosesoever they are, and rights asked for count for every hotel."""
    with _unfiltered(hotel, None), pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "rights_at", lambda _user, _property_id: all_codes())
        yield


@contextmanager
def one_hole(hotel: Property, model: type[Model]) -> Iterator[None]:
    """One guard off: rows of this model are found whosesoever they are, and nobody asks for the hotel of a row."""
    with _unfiltered(hotel, model), pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "property_ids", lambda _row: [hotel.pk], raising=False)
        yield


@contextmanager
def _unfiltered(hotel: Property, model: type[Model] | None) -> Iterator[None]:
    """Leave out of every filter, of one model or of all, that a row is the hotel's."""
    real, keys = QuerySet.filter, {str(hotel.pk), f"[{hotel.pk}]"}

    def bare(rows: Any, *args: Any, **lookups: Any) -> Any:
        kept = {name: value for name, value in lookups.items() if str(getattr(value, "pk", value)) not in keys}
        return real(rows, *args, **(kept if model in {None, rows.model} else lookups))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "filter", bare)
        yield
