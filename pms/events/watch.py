"""`watch`: every change of a row of this model is news, whoever makes it.

The only place where a model signal becomes a record (architecture.md 4). It covers services, the admin and the shell
alike; writes that send no signals are refused by `RowQuerySet`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete, pre_save

from pms.core.audit import audited
from pms.core.models import Row

from .recorder import record_changed

# From a changed row to the pieces of pages that show it: names as "fragment" or "fragment:pk".
Touched = Callable[[Row], Iterable[str]]
# The same for several rows at once, by key: for pieces that have to be looked up.
TouchedByAll = Callable[[Sequence[Any]], Mapping[uuid.UUID, Iterable[str]]]
# The pieces and the properties that show a row.
Shown = tuple[list[str], list[uuid.UUID]]

_touched: dict[type[Row], list[TouchedByAll]] = defaultdict(list)


def watch(*models: type[Row], hide: tuple[str, ...] = (), mask: tuple[str, ...] = ()) -> None:
    """Record each change of these models in the stream and in the audit log.

    `hide` and `mask` name fields whose values the audit must not show.
    """
    for model in models:
        audited(model, hide=hide, mask=mask)
        if model.watched:
            continue
        model.watched = True
        label = model._meta.label
        pre_save.connect(_before, sender=model, weak=False, dispatch_uid=f"events:before:{label}")
        pre_delete.connect(_before_delete, sender=model, weak=False, dispatch_uid=f"events:before-delete:{label}")
        post_save.connect(_saved, sender=model, weak=False, dispatch_uid=f"events:saved:{label}")
        post_delete.connect(_deleted, sender=model, weak=False, dispatch_uid=f"events:deleted:{label}")


def touching(model: type[Row], touched: Touched) -> None:
    """Add a mapping from a changed row of `model` to the pieces that show it."""
    touching_all(model, lambda rows: {row.pk: touched(row) for row in rows})


def touching_all(model: type[Row], touched: TouchedByAll) -> None:
    """Add a mapping from several changed rows of `model` to the pieces that show each: one look-up for all."""
    _touched[model].append(touched)


def pieces_of(rows: Sequence[Row]) -> dict[uuid.UUID, list[str]]:
    """Return the pieces that show each of these rows, which are of one model."""
    pieces: dict[uuid.UUID, list[str]] = {row.pk: [] for row in rows}
    for touched in _touched[type(rows[0])] if rows else ():
        for pk, names in touched(rows).items():
            pieces[pk].extend(names)
    return pieces


def _pieces(row: Row) -> list[str]:
    return pieces_of([row])[row.pk]


def _before(sender: type[Row], instance: Row, raw: bool = False, **_signal: Any) -> None:  # noqa: FBT001, FBT002
    """Note who shows the row as it is stored: a moved row also changes the piece, or the hotel, that loses it."""
    if instance._state.adding:
        _keep(instance, [], [])
        return
    stored = instance.as_stored()
    moved = any(instance._meta.get_field(name).is_relation for name in instance.changed_fields())
    _keep(instance, _pieces(stored), list(stored.property_ids()) if moved else [])


def _before_delete(sender: type[Row], instance: Row, **_signal: Any) -> None:
    """Note who shows the row while the rows around it are still there to be asked."""
    _keep(instance, *_shown(instance.as_stored()))


def _saved(sender: type[Row], instance: Row, created: bool, **_signal: Any) -> None:  # noqa: FBT001
    _record(instance, _shown(instance), what="added" if created else "changed")


def _deleted(sender: type[Row], instance: Row, **_signal: Any) -> None:
    _record(instance, ([], []), what="removed")


def _shown(row: Row) -> Shown:
    return _pieces(row), list(row.property_ids())


def _keep(row: Row, pieces: list[str], properties: list[uuid.UUID]) -> None:
    row._shown_before = (pieces, properties)  # type: ignore[attr-defined]  # for `_record`, a moment later


def _record(row: Row, now: Shown, *, what: str) -> None:
    before: Shown = getattr(row, "_shown_before", ([], []))
    touches = list(dict.fromkeys([*before[0], *now[0]]))
    record_changed(row=row, property_ids=sorted({*before[1], *now[1]}), touches=touches, what=what)
