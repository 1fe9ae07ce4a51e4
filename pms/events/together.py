"""`save_together`: many rows saved in one go, with all that saving each alone would leave behind.

The only bulk write of watched rows: each gets its version, its audit entry and its news, so neither a page nor the
history can tell the difference. For acts over a whole house, where one save per row would hold a lock too long.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import models
from django.utils import timezone

from pms.core.audit import record_changes
from pms.core.errors import NotThere
from pms.core.locks import require_transaction
from pms.core.models import VersionedRow

from .recorder import record_all_changed
from .watch import pieces_of


def save_together(rows: Sequence[VersionedRow]) -> None:
    """Save the changed fields of these rows of one model, read under their locks, in a fixed number of queries.

    Raises `StaleVersion`, and `ValueError` for a row that would go to another owner: whose pages show it then is asked
    row by row.
    """
    require_transaction("Saving several rows")
    changed = {row.pk: row.changed_fields() for row in rows if row.changed_fields()}
    rows = [row for row in rows if row.pk in changed]
    if not rows:
        return
    model = type(rows[0])
    if any(model._meta.get_field(name).is_relation for names in changed.values() for name in names):
        raise ValueError(f"{model.__name__} is not given to another owner in bulk; save each row in a service.")
    columns = _versions_raised(rows, changed)
    before = pieces_of([row.as_stored() for row in rows])
    record_changes(rows)
    # A plain queryset: the model's own refuses what leaves no trace, and the traces are written here.
    plain: models.QuerySet[VersionedRow] = models.QuerySet(model)
    plain.bulk_update(rows, sorted(columns))
    after = pieces_of(rows)
    record_all_changed(
        [(row, row.property_ids(), list(dict.fromkeys([*before[row.pk], *after[row.pk]]))) for row in rows]
    )
    for row in rows:
        row._remember()


def _versions_raised(rows: Sequence[VersionedRow], changed: dict[uuid.UUID, set[str]]) -> set[str]:
    """Lock the rows in key order, raise the version of each and return the columns to write."""
    locked = type(rows[0])._base_manager.select_for_update(no_key=True, of=("self",))
    now = {row.pk: row for row in locked.filter(pk__in=changed).order_by("pk")}
    columns: set[str] = set()
    for row in rows:
        if row.pk not in now:
            raise NotThere(str(row._meta.verbose_name).capitalize())
        columns |= set(row.next_version(now[row.pk], changed[row.pk], changed[row.pk]))
        row.updated_at = timezone.now()
    return columns
