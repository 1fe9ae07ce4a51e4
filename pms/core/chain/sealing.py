"""Gives committed audit entries their place in the chain of their hotel.

Never in the writing transaction: a writer, however long, neither waits for the chain nor holds it. A task is rung after
commits and a sweep runs every few seconds; entries are sealed in the order of their ids as far as they are committed,
so one that commits late gets a later place.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from pms.core.locks import Lock, try_lock
from pms.core.models import INSTALLATION, AuditEntry, AuditSeal

from .hashes import COLUMNS, beginning, digest_of, hash_of

log = structlog.get_logger(__name__)

BATCH = 2000
# No transaction lasts this long (docs/concurrency.md): an entry that is still to come is younger.
LONGEST_TRANSACTION = dt.timedelta(minutes=15)
# An entry that waits longer is an alarm.
OVERDUE = dt.timedelta(minutes=1)

UNSEALED = "NOT EXISTS (SELECT 1 FROM core_auditseal AS seal WHERE seal.entry_id = entry.id)"
# The first unsealed entry of each chain, and the oldest moment among them.
WAITING = f"""
    SELECT entry.property_id, min(entry.id), min(entry.timestamp) FROM core_auditentry AS entry
    WHERE (%(since)s::timestamptz IS NULL OR entry.timestamp > %(since)s) AND {UNSEALED}
    GROUP BY entry.property_id
"""  # noqa: S608 - constants of this module
DUE = f"""
    SELECT {COLUMNS} FROM core_auditentry AS entry
    JOIN django_content_type AS kind ON kind.id = entry.content_type_id
    WHERE {{chain}} AND entry.id >= %(first)s AND {UNSEALED}
    ORDER BY entry.id LIMIT %(batch)s
"""  # noqa: S608 - constants of this module
COPY = "COPY core_auditseal (entry_id, property_id, seq, salt, digest, hash, sealed_at) FROM STDIN"

# Called with the chain inside the sealing transaction: upper apps tell their pages.
_told: list[Callable[[uuid.UUID], object]] = []


def on_sealed(listen: Callable[[uuid.UUID], object]) -> None:
    """Call `listen` with the id of the chain in every transaction that seals entries of it or ends a check."""
    if listen not in _told:
        _told.append(listen)


def tell(chain: uuid.UUID) -> None:
    """Say that something about the chain is new, inside the transaction that made it so."""
    for listen in _told:
        listen(chain)


def of_chain(chain: uuid.UUID) -> str:
    """Return the condition that says which entries belong to the chain; takes the parameter `chain`."""
    return "entry.property_id IS NULL" if chain == INSTALLATION else "entry.property_id = %(chain)s"


def seal_due(*, full: bool = False) -> int:
    """Seal what is committed and has no seal, chain by chain, and return how many entries that were.

    `full` looks through the whole log, for what a sweep can miss: it looks back from the newest seal only.
    """
    sealed = 0
    for chain, (first, _oldest) in _waiting(None if full else _since()).items():
        try:
            sealed += seal_chain(chain, first=first)
        except Exception as error:  # one chain that cannot go on must not stop the others
            log.exception("audit.not_sealed", chain=str(chain), error=str(error))
    return sealed


def seal_chain(chain: uuid.UUID, *, first: int = 0) -> int:
    """Seal the entries of one chain from the id `first` on; 0 if somebody else is at it now."""
    sealed = 0
    while rows := _seal_batch(chain, first):
        sealed += len(rows)
        first = int(rows[-1][0]) + 1
        if len(rows) < BATCH:
            break
    return sealed


@transaction.atomic
def _seal_batch(chain: uuid.UUID, first: int) -> list[tuple[Any, ...]]:
    """Seal one batch in a transaction of its own; one at a time per chain, or it would fork."""
    if not try_lock(Lock.AUDIT_CHAIN, chain):
        return []
    seq, before = head_of(chain)
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(chain=of_chain(chain)), {"chain": chain, "first": first, "batch": BATCH})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        if not rows:
            return rows
        now = timezone.now()
        with cursor.copy(COPY) as copy:
            for row in rows:
                seq, salt = seq + 1, os.urandom(16)
                digest = digest_of(salt, row)
                before = hash_of(before, chain, seq, row, digest)
                copy.write_row((int(row[0]), chain, seq, salt, digest, before, now))
    tell(chain)
    return rows


def head_of(chain: uuid.UUID) -> tuple[int, bytes]:
    """Return number and hash of the last seal of a chain; (0, its beginning) if there is none."""
    last = AuditSeal.objects.filter(property_id=chain).order_by("-seq").values_list("seq", "hash").first()
    return (last[0], bytes(last[1])) if last else (0, beginning(chain))


def overdue(now: dt.datetime | None = None) -> dict[uuid.UUID, dt.datetime]:
    """Return the chains with an entry that waits for its seal longer than a minute, each with its moment: an alarm."""
    limit = (now or timezone.now()) - OVERDUE
    return {chain: oldest for chain, (_first, oldest) in _waiting(_since()).items() if oldest < limit}


def _since() -> dt.datetime | None:
    """Return from which moment on an entry can still be without a seal; None as long as nothing is sealed."""
    last = AuditSeal.objects.order_by("-entry_id").values_list("entry_id", flat=True).first()
    moment = AuditEntry.objects.filter(pk=last).values_list("timestamp", flat=True).first() if last else None
    return moment - LONGEST_TRANSACTION if moment else None


def _waiting(since: dt.datetime | None) -> Mapping[uuid.UUID, tuple[int, dt.datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"since": since})
        return {chain or INSTALLATION: (first, oldest) for chain, first, oldest in cursor.fetchall()}
