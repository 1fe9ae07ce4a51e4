"""Lists in pages: the cursor names the last row shown, so rows that come or go never shift a page (api.md)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from pms.events.base import as_json

from .errors import CursorInvalid

DEFAULT_LIMIT, MAX_LIMIT = 50, 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows (model instances or dicts) and the address of the next one, None at the end."""

    rows: Sequence[Any]
    next: str | None = None


def page_of(
    rows: QuerySet[Any] | Sequence[Any],
    *,
    order: Sequence[str],
    request: Request,
    limit: int = DEFAULT_LIMIT,
    cursor: str = "",
) -> Page:
    """Return one page of `rows` in `order`: field names, `-` for descending, the last one unique, none of them null.

    A computed list (rows or dicts, not a queryset) is sorted here, ascending only.
    Raises `CursorInvalid` for a cursor that was not given by this very list with these very filters.
    """
    last_seen = _open(cursor, request, len(order)) if cursor else None
    if isinstance(rows, QuerySet):
        rows = rows.filter(_after(order, last_seen)) if last_seen else rows
        found = list(rows.order_by(*order)[: limit + 1])
    else:
        keyed = sorted(((_key(row, order), row) for row in rows), key=lambda pair: pair[0])
        found = [row for key, row in keyed if last_seen is None or key > last_seen][: limit + 1]
    shown = found[:limit]
    if len(found) <= limit:
        return Page(shown)
    return Page(shown, _address(request, _seal(_key(shown[-1], order), request)))


def _after(order: Sequence[str], last: Sequence[Any]) -> Q:
    """Return the condition "stands after `last`", compared field by field."""
    condition = Q()
    for index in reversed(range(len(order))):
        name = order[index].lstrip("-")
        beyond = Q(**{f"{name}__{'lt' if order[index].startswith('-') else 'gt'}": last[index]})
        condition = beyond | (Q(**{name: last[index]}) & condition) if condition else beyond
    first = order[0].lstrip("-")
    # Says the same again for the first field alone, which an index can use.
    return Q(**{f"{first}__{'lte' if order[0].startswith('-') else 'gte'}": last[0]}) & condition


def _key(row: Any, order: Sequence[str]) -> list[Any]:
    """Return where `row` stands, in JSON's types; not by Django's encoder, which cuts moments to milliseconds."""
    key: list[Any] = as_json([_value(row, name.lstrip("-")) for name in order])
    return key


def _value(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = row[step] if isinstance(row, dict) else getattr(row, step)
    return row


def _filters(request: Request) -> list[tuple[str, str]]:
    given = request.query_params.items()
    return sorted((name, str(value)) for name, value in given if name not in {"cursor", "limit"})


def _signer(request: Request) -> signing.Signer:
    """Return a signer for this list with these filters: a cursor of another list is no cursor here."""
    return signing.Signer(salt=f"api.cursor:{request.path}?{urlencode(_filters(request))}")


def _seal(values: Sequence[Any], request: Request) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return _signer(request).sign(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))


def _open(cursor: str, request: Request, length: int) -> list[Any]:
    try:
        text = _signer(request).unsign(cursor)
        values: list[Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (signing.BadSignature, binascii.Error, ValueError) as error:
        raise CursorInvalid from error
    if len(values) != length:
        raise CursorInvalid
    return values


def _address(request: Request, cursor: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**kept, 'cursor': cursor})}")
