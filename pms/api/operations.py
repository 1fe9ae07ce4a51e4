"""`@operation`: what an HTTP method of a view is for, who may call it, and what goes in and out.

The base view, the description of the API and the tests all read this one declaration, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from .fields import DryRunQuery, Input, PageQuery, Patch, Query

Key = Literal["required", "optional"]
Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The declaration of one operation.

    - `scope` the token must have; `right` the service user must hold at the hotel of the address. Every operation
      has a scope; the right may be empty only where the address names no hotel.
    - `body`, `query`, `output`: serializers; `paged` lists answer `{results, next}` with rows of `output`.
    - `status` of success; `key` whether an Idempotency-Key must be there (for what creates or moves money);
      `versioned` whether the version seen must be named; `dry_run` whether the act can be tried.
    - `refusals`: codes of rules that a client should expect here, for the description.
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
    method: str = field(default="", compare=False)

    @property
    def writes(self) -> bool:
        """Tell whether the operation changes anything."""
        return self.method != "GET"

    def parameters(self) -> list[type[Query]]:
        """Return the serializers that together know all parameters of the address."""
        own = [self.query] if self.query else []
        return [*own, *([PageQuery] if self.paged else []), *([DryRunQuery] if self.dry_run else [])]


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
) -> Callable[[Handler], Handler]:
    """Declare the decorated method `get`, `post`, `put`, `patch` or `delete` of an `ApiView`; see `Operation`.

    The method is called as `method(call, **parts of the address)` and returns what `output` writes, a `Reply`, or a
    `Page`. A POST can be tried with `?dry_run=true` unless it says otherwise.
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
            dry_run=method == "POST" if dry_run is None else dry_run,
            description=description,
            refusals=refusals,
            examples=examples,
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
    if declared.method == "GET" and (declared.body or declared.dry_run):
        raise TypeError(f"{where}: a GET has no body and changes nothing.")
