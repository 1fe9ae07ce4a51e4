"""Rows kept as text: hotels that stand already, founded once by the real services and written again for each test.

Founding a hotel takes some two hundred queries, writing its rows again a dozen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from properties.models import Property

# Table → its rows as COPY writes them.
Rows = dict[str, str]
KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00\b")
EITHER = re.compile(f"{KEY.pattern}|{MOMENT.pattern}")


def tables() -> list[str]:
    """Return the tables of all models."""
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def read(names: Iterable[str]) -> Rows:
    """Return the rows of those tables that have any."""
    rows = {}
    with connection.cursor() as cursor:
        for name in names:
            with cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                rows[name] = b"".join(copy).decode()
    return {name: text for name, text in rows.items() if text}


def write(rows: Rows) -> None:
    """Write rows into their tables; foreign keys are asked at the commit."""
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for name, text in rows.items():
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                copy.write(text)


def empty(reference: Rows) -> None:
    """Empty the database down to its reference rows, which keep their keys.

    `manage.py flush` makes them anew in some two hundred queries, and with other keys: kept rows would point nowhere.
    """
    for last in (False, False, True):
        try:
            _flush()
            break
        except CommandError as error:
            # A page of the test that was still being drawn reads the same tables in another order.
            if last or not isinstance(error.__cause__, OperationalError):
                raise
    write(reference)


def _flush() -> None:
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)


class Standing:
    """A hotel founded once, in a transaction that was taken back; `rise` puts it into the database of a test.

    Each time with fresh keys, as if it were founded now: what Redis or the process remember of one test never fits
    another. The numbers of its rows are used up, as by any transaction that was taken back, so they are free.

    `later` are acts that only add rows (opening for sale), in their order; `go_on` does the next ones of them.
    """

    def __init__(self, found: Callable[[], Property], **later: Callable[[Property], object]) -> None:
        with transaction.atomic():
            before = read(tables())
            hotel = found()
            self._hotel, self._moment = str(hotel.pk), timezone.now()
            after = read(tables())
            self._founding = _added(before, after)
            assert not self._founding.keys() & before.keys(), "A standing hotel is founded where no hotel is."
            self._later: dict[str, Rows] = {}
            for name, act in later.items():
                act(hotel)
                before, after = after, read(tables())
                self._later[name] = _added(before, after)
            transaction.set_rollback(True)
        text = "".join(text for rows in (self._founding, *self._later.values()) for text in rows.values())
        self._keys, self._moments = sorted(set(KEY.findall(text))), set(MOMENT.findall(text))
        self._fresh: dict[str, str] = {}
        self._ahead: list[str] = []

    def rise(self) -> Property:
        """Write the hotel's rows and return it."""
        # UUIDv7: the order of the keys is the order of birth.
        self._fresh = dict(zip(self._keys, sorted(str(uuid7()) for _ in self._keys), strict=True))
        passed = timezone.now() - self._moment
        self._fresh |= {moment: str(dt.datetime.fromisoformat(moment) + passed) for moment in self._moments}
        self._ahead = list(self._later)
        self._write(self._founding)
        return Property.objects.select_related("organization").get(pk=self._fresh[self._hotel])

    def go_on(self, name: str) -> None:
        """Write what the acts up to this one added to the hotel that rose last."""
        while name in self._ahead:
            self._write(self._later[self._ahead.pop(0)])

    def _write(self, rows: Rows) -> None:
        write({name: EITHER.sub(lambda found: self._fresh[found[0]], text) for name, text in rows.items()})


def _added(before: Rows, after: Rows) -> Rows:
    """Return the rows that are new; none of the others may have changed."""
    added = {}
    for name, text in after.items():
        known = set(before.get(name, "").splitlines())
        lines = text.splitlines()
        assert known <= set(lines), f"Rows of {name} were changed."
        if new := [line for line in lines if line not in known]:
            added[name] = "".join(f"{line}\n" for line in new)
    return added
