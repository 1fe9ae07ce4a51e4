"""Rows that are written too often to be watched: their writers say when pages are to show them anew.

No audit, no signal: a lease is renewed, a queue grows and empties, and a page need only know what it shows of that.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable

from django.apps import apps
from django.conf import settings
from django.db import models

from pms.core.models import Row

from .recorder import record_changed

# From the watched row they belong to, to the pieces of pages that show the unwatched ones.
Shown = Callable[[Row], Iterable[str]]

_shown: dict[type[models.Model], list[Shown]] = defaultdict(list)


def showing(model: type[models.Model], shown: Shown) -> None:
    """Add a mapping from the row that rows of `model` belong to, to the pieces that show them."""
    _shown[model].append(shown)


def touch(model: type[models.Model], *, of: Row) -> None:
    """Have pages draw anew what shows the rows of `model` that belong to `of`; in the transaction that wrote them."""
    touches = list(dict.fromkeys(name for shown in _shown[model] for name in shown(of)))
    record_changed(row=of, property_ids=of.property_ids(), touches=touches, what="touched")


def touch_tenant(model: type[models.Model], *, property_id: uuid.UUID) -> None:
    """Do the same for rows of the kernel, which belong to a hotel by its id alone."""
    if not _shown[model]:
        return
    hotel = apps.get_model(settings.TENANT_MODEL)._default_manager.filter(pk=property_id).first()
    if hotel is not None:
        touch(model, of=hotel)
