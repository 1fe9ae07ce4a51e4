"""`@operation`: what an HTTP method of a view is for, who may call it, and what goes in and out.

The base view, the description of the API and the tests all read this one declaration, so they cannot drift apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from django.utils.http import http_date
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from .expansions import Expansion, expand_query
from .fields import DryRunQuery, Input, PageQuery, Patch, Query

# Partners get at least so long to move from an operation that goes away.
NOTICE = dt.timedelta(days=365)
Key = Literal["required", "optional"]
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deprecated:
    """An operation that goes away: since when that is known, from when on it may be gone, and what to use instead."""

    since: dt.date
    sunset: dt.date
    instead: str

    def headers(self) -> dict[str, str]:
        """Return the headers that each of its answers carries (RFC 9745 and RFC 8594)."""
        return {"Deprecation": f"@{_seconds(self.since)}", "Sunset": http_date(_seconds(self.sunset))}

    def sentence(self) -> str:
        """Return what the description says."""
        return f"Deprecated since {self.since}; it may be gone from {self.sunset} on. Use {self.instead} instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The declaration of one operation.

    - `scope` the token must have; `right` the service user must hold at the hotel of the address. Every operation
      has a scope; the right may be empty only where the address names no hotel.
    - `body`, `query`, `output`: serializers; `paged` lists answer `{results, next}` with rows of `output`.
    - `status` of success; `key` whether an Idempotency-Key must be there (for what creates or moves money);
      `versioned` whether the version seen must be named; `dry_run` whether the act can be tried.
    - `refusals`: codes of rules that a client should expect here, for the description.
    - `expand`: what may be shown whole beside its id (`?expand=room_type`); `deprecated` if it goes away.
    """

    summary: str
    scope: str
    right: str = ""
    body: type[Input] | None = None
    query: type[Query] | None = None
    output: type[serializers.BaseSerializer] | None = None
    paged: bool = False
    status: int = 200
    key: Key = "optional"
    versioned: bool = False
    dry_run: bool = False
    description: str = ""
    refusals: Sequence[str] = ()
    examples: Sequence[OpenApiExample] = ()
    expand: Mapping[str, Expansion] = field(default_factory=dict)
    deprecated: Deprecated | None = None
    method: str = field(default="", compare=False)

    @property
    def writes(self) -> bool:
        """Tell whether the operation changes anything."""
        return self.method != "GET"

    def parameters(self) -> list[type[Query]]:
        """Return the serializers that together know all parameters of the address."""
        own = [self.query] if self.query else []
        shared = [PageQuery] * self.paged + [DryRunQuery] * self.dry_run
        return [*own, *shared, *([expand_query(self.expand)] if self.expand else [])]


def operation(  # noqa: PLR0913 - a declaration, read by name
    *,
    summary: str,
    scope: str,
    right: str = "",
    body: type[Input] | None = None,
    query: type[Query] | None = None,
    output: type[serializers.BaseSerializer] | None = None,
    paged: bool = False,
    status: int = 200,
    key: Key = "optional",
    versioned: bool = False,
    dry_run: bool | None = None,
    description: str = "",
    refusals: Sequence[str] = (),
    examples: Sequence[OpenApiExample] = (),
    expand: Mapping[str, Expansion] | None = None,
    deprecated: Deprecated | None = None,
) -> Callable[[Handler], Handler]:
    """Declare the decorated method `get`, `post`, `put`, `patch` or `delete` of an `ApiView`; see `Operation`.

    It is called as `method(call, **parts of the address)`. POST, PUT and PATCH can be tried unless it says otherwise.
    """

    def declare(handler: Handler) -> Handler:
        method = handler.__name__.upper()
        declared = Operation(
            summary=summary,
            scope=scope,
            right=str(right),
            body=body,
            query=query,
            output=output,
            paged=paged,
            status=status,
            key=key,
            versioned=versioned,
            dry_run=method in {"POST", "PUT", "PATCH"} if dry_run is None else dry_run,
            description=description,
            refusals=refusals,
            examples=examples,
            expand=expand or {},
            deprecated=deprecated,
            method=method,
        )
        _check(declared, handler)
        handler.operation = declared  # type: ignore[attr-defined]
        return handler

    return declare


def _check(declared: Operation, handler: Callable[..., Any]) -> None:
    where = handler.__qualname__
    if declared.method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise TypeError(f"{where}: an operation is a method named get, post, put, patch or delete.")
    if not declared.scope:
        raise TypeError(f"{where}: an operation needs a scope.")
    if declared.method == "PATCH" and not (declared.versioned and declared.body and issubclass(declared.body, Patch)):
        raise TypeError(f"{where}: a PATCH is versioned and its body is a Patch.")
    if declared.deprecated and declared.deprecated.sunset - declared.deprecated.since < NOTICE:
        raise TypeError(f"{where}: partners get at least {NOTICE.days} days from `since` to `sunset`.")
    if declared.expand and declared.output is None:
        raise TypeError(f"{where}: only what an output shows can be expanded.")
    if declared.method == "GET" and (declared.body or declared.dry_run):
        raise TypeError(f"{where}: a GET has no body and changes nothing.")


def _seconds(date: dt.date) -> int:
    return int(dt.datetime.combine(date, dt.time(), dt.UTC).timestamp())
