"""`Call` is what a view gets of a request, `Reply` what it may answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from pms.accounts.access import rights_at
from pms.accounts.models import User

from .authentication import Grant
from .operations import Operation
from .paging import Page, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One permitted, readable request.

    `hotel` is the property of the address (None where it names none), `data` the validated body, `query` the validated
    parameters, `seen` the version the client names, `key` its Idempotency-Key ("" for none). `told_once` collects what
    the answer says this time only and the record of a repeat must not hold (a secret).
    """

    request: Request
    user: User
    grant: Grant
    operation: Operation
    hotel: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    seen: int | None = None
    key: str = ""
    told_once: dict[str, Any] = field(default_factory=dict)

    @property
    def property_id(self) -> uuid.UUID | None:
        """Return the id of the hotel of the address."""
        return self.hotel.pk if self.hotel is not None else None

    @property
    def rights(self) -> frozenset[str]:
        """Return what the token may do at the hotel: the rights of its scopes, as far as the user holds them."""
        return rights_at(self.user, self.hotel.pk)

    @property
    def dry_run(self) -> bool:
        """Tell whether everything is to be tried only."""
        return bool(self.query.get("dry_run", False))

    @property
    def values(self) -> dict[str, Any]:
        """Return the body without `version`: the fields a PATCH wants to change."""
        return {name: value for name, value in self.data.items() if name != "version"}

    @property
    def context(self) -> dict[str, Any]:
        """Return what serializers may ask for."""
        return {"call": self, "hotel": self.hotel, "currency": getattr(self.hotel, "currency", None)}

    def page(self, rows: QuerySet[Any] | Sequence[Any], *, order: Sequence[str]) -> Page:
        """Return the page of `rows` that was asked for; see `pms.api.paging.page_of`."""
        return page_of(
            rows, order=order, request=self.request, limit=self.query["limit"], cursor=self.query.get("cursor", "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that says more than its content: another status, where the new object is, more headers.

    `version` makes the ETag; by default it is the content's own. `told_once` are members of the first answer that no
    repeat and no trial shows: a secret, which is stored nowhere.
    """

    content: Any = None
    status: int | None = None
    location: str = ""
    version: int | None = None
    told_once: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
