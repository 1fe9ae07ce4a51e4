"""Guests are found without their accents, by any part of the name, however many there are."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations

AT_ONCE = 500
WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def folded(text: str) -> str:
    """Return what pms.core.folding made of a name when this was written."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in parts if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", bare).translate(WHOLE_LETTERS)


def fold(apps: Any, _editor: Any) -> None:
    """Fold the sort keys that stand already, a few at a time: nobody waits for the whole."""
    guests = apps.get_model("reservations", "Guest").objects
    changed = []
    for guest in guests.only("sort_key").iterator(chunk_size=AT_ONCE):
        key = folded(guest.sort_key)[:210]
        if key != guest.sort_key:
            guest.sort_key = key
            changed.append(guest)
        if len(changed) >= AT_ONCE:
            guests.bulk_update(changed, ["sort_key"])
            changed = []
    guests.bulk_update(changed, ["sort_key"])


class Migration(migrations.Migration):
    atomic = False  # the index grows beside the writers

    dependencies = [("reservations", "0006_nights_unposted_by_default")]

    operations = [
        TrigramExtension(),
        migrations.RunPython(fold, migrations.RunPython.noop),
        AddIndexConcurrently("guest", GinIndex(OpClass("sort_key", name="gin_trgm_ops"), name="guests_by_part")),
    ]
