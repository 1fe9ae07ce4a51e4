"""`?expand=room_type,booking`: objects shown whole beside their ids, in one question each for all rows of an answer.

An id stays an id, so its type never depends on the question; what was asked for stands in `expanded` of the row:
`{"room_type": "…", "expanded": {"room_type": {…}}}`. Only what the operation lists can be asked for, each needs its own
scope and right, and what is expanded is not expanded further (depth 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from pms.accounts.access import permitted

from .errors import InsufficientScope
from .fields import CommaSeparated, Query

PARAMETER = "expand"
MEMBER = "expanded"
# From the `Call` (pms.api.calls, above this) and the references of all rows to the objects, by reference as text; only
# those of the hotel of the call.
Load = Callable[[Any, Sequence[str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a field that holds an id can be shown as; `many` if it holds a list of ids.

    `load` fetches the objects in a fixed number of queries; `output` writes them. The token needs `scope`, its user
    `right` at the hotel.
    """

    load: Load
    output: type[serializers.BaseSerializer]
    scope: str
    right: str
    many: bool = False


def expand_query(known: Mapping[str, Expansion]) -> type[Query]:
    """Return the reader of the parameter, which knows the names of `known` alone."""
    names = ", ".join(f"`{name}`" for name in sorted(known))
    field = CommaSeparated(
        serializers.ChoiceField(choices=sorted(known)),
        required=False,
        most=len(known),
        help_text=f"What to show whole in `{MEMBER}`, with commas between: {names}. Each needs its own read scope.",
    )
    return type("ExpandQuery", (Query,), {PARAMETER: field, "__doc__": "What is shown whole."})


def allowed(call: Any) -> None:
    """Raise `InsufficientScope` or `NotAllowed` if what is to be expanded may not be read."""
    for name in call.query.get(PARAMETER, ()):
        expansion = call.operation.expand[name]
        if expansion.scope not in call.grant.scopes:
            raise InsufficientScope(expansion.scope)
        if call.hotel is not None:
            permitted(call.user, expansion.right, call.hotel.pk)


def expanded(call: Any, rows: Iterable[Any]) -> None:
    """Add to each written row what was asked for; a reference that leads nowhere (any more) is null."""
    asked = dict.fromkeys(call.query.get(PARAMETER, ()))
    written = list(rows)
    for name in asked:
        expansion = call.operation.expand[name]
        wanted = sorted({ref for row in written for ref in _references(row[name])})
        found = expansion.load(call, wanted) if wanted else {}
        shown = {ref: expansion.output(one, context=call.context).data for ref, one in found.items()}
        for row in written:
            value = row[name]
            whole = [shown[ref] for ref in value if ref in shown] if expansion.many else shown.get(str(value))
            row.setdefault(MEMBER, {})[name] = whole


def by_id(rows: Iterable[Any]) -> dict[str, Any]:
    """Return rows by their id as text, as `load` gives them."""
    return {str(row.pk): row for row in rows}


def _references(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in values if one is not None]
