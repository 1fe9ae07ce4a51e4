"""Looks through a chain from end to end and says what does not fit: changed, deleted, swapped, inserted, cut off.

It trusts nothing in the database: each hash is computed anew from the entry, in Python, and compared with the signed
heads that lie outside. Rows are streamed, so a million of them need no more memory than a thousand.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone

from pms.core.models import AuditCheck, AuditSeal

from .hashes import CIRCUMSTANCES, COLUMNS, WIDTH, beginning, digest_of, hash_of
from .heads import Head, HeadsUnreadable, read_heads
from .sealing import OVERDUE, UNSEALED, of_chain, tell

CHUNK = 2000
# What a page or a terminal can show; the first ones say where to look.
MOST = 100
# An entry whose moment lies so far before that of entries sealed earlier was slipped in behind them.
BACKDATED = dt.timedelta(hours=1)
# The act of an entry that says which entries lost their values lawfully: `additional_data["erased"]` is their ids.
ERASED = "audit.values_erased"

ID, MOMENT, ACT = (CIRCUMSTANCES.index(name) for name in ("entry.id::text", CIRCUMSTANCES[2], "entry.act"))
EXTRA = CIRCUMSTANCES.index("entry.additional_data::text")

SEALED = f"""
    SELECT seal.seq, seal.entry_id, seal.salt, seal.digest, seal.hash, {COLUMNS} FROM core_auditseal AS seal
    LEFT JOIN core_auditentry AS entry ON entry.id = seal.entry_id
    LEFT JOIN django_content_type AS kind ON kind.id = entry.content_type_id
    WHERE seal.property_id = %(chain)s AND seal.seq > %(after)s ORDER BY seal.seq
"""  # noqa: S608 - constants of hashes.py
LEFT_OUT = f"""
    SELECT entry.id FROM core_auditentry AS entry
    WHERE {{chain}} AND entry.timestamp < %(limit)s AND {UNSEALED} ORDER BY entry.id LIMIT %(most)s
"""  # noqa: S608 - constants of sealing.py


class Kind(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"
    MOVED = "moved"
    DELETED = "deleted"
    GAP = "gap"
    NOT_SEALED = "not_sealed"
    BACKDATED = "backdated"
    REWRITTEN = "rewritten"
    CUT_OFF = "cut_off"
    HEADS = "heads"


WORDS = {
    Kind.CHANGED: "its values are not those that were sealed",
    Kind.MOVED: "its circumstances, its place or the entry before it are not those that were sealed",
    Kind.DELETED: "the entry that was sealed here is gone",
    Kind.GAP: "seals before this one are gone",
    Kind.NOT_SEALED: "an entry without a seal: it was added past the sealer, or nothing is sealed any more",
    Kind.BACKDATED: "its moment lies long before that of entries sealed earlier",
    Kind.REWRITTEN: "a signed head of this moment says another hash",
    Kind.CUT_OFF: "a signed head knows this entry, the chain ends before it",
    Kind.HEADS: "the signed heads cannot be trusted",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: what, at which number of the chain, at which entry."""

    kind: Kind
    seq: int | None = None
    entry: int | None = None
    text: str = ""

    def __str__(self) -> str:
        where = ", ".join(
            [*([f"number {self.seq}"] if self.seq else []), *([f"entry {self.entry}"] if self.entry else [])]
        )
        return f"{where + ': ' if where else ''}{self.text or WORDS[self.kind]} ({self.kind})"


@dataclass(slots=True)
class Result:
    """What a check saw: how many entries, the last number, how many heads and lawful erasures, and what was wrong."""

    chain: uuid.UUID
    entries: int = 0
    last: int = 0
    heads: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, kind: Kind, seq: int | None = None, entry: int | None = None, text: str = "") -> None:
        """Note what is wrong, as long as anybody can read it all."""
        if len(self.findings) < MOST:
            self.findings.append(Finding(kind, seq, entry, text))


@transaction.atomic
def check_chain(
    chain: uuid.UUID,
    *,
    since: dt.datetime | None = None,
    heads: Path | None = None,
    now: dt.datetime | None = None,
) -> Result:
    """Check the chain from its beginning, or from the first entry sealed after `since`.

    `heads` is a file or folder of signed heads; without it, where the house keeps them.
    """
    result = Result(chain)
    after, before = _start(chain, since)
    _Walk(result, after, before, _heads(result, heads)).go()
    limit = (now or timezone.now()) - OVERDUE
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT.format(chain=of_chain(chain)), {"chain": chain, "limit": limit, "most": MOST})
        for (entry,) in cursor.fetchall():
            result.found(Kind.NOT_SEALED, entry=entry)
    return result


def _start(chain: uuid.UUID, since: dt.datetime | None) -> tuple[int, bytes]:
    """Return the last number that is not looked at and its hash, which is then taken on trust."""
    last = None
    if since is not None:
        seals = AuditSeal.objects.filter(property_id=chain, sealed_at__lt=since)
        last = seals.order_by("-seq").values_list("seq", "hash").first()
    return (last[0], bytes(last[1])) if last else (0, beginning(chain))


def _heads(result: Result, place: Path | None) -> dict[int, list[Head]]:
    found: dict[int, list[Head]] = {}
    try:
        for head in read_heads(result.chain, place):
            found.setdefault(head.seq, []).append(head)
            result.heads += 1
    except (HeadsUnreadable, ImproperlyConfigured, OSError) as error:
        result.found(Kind.HEADS, text=str(error))
    return found


class _Walk:
    """One walk along a chain; after something wrong it goes on from what stands there, so one act is one finding."""

    def __init__(self, result: Result, after: int, before: bytes, heads: dict[int, list[Head]]) -> None:
        self.result, self.expected, self.after = result, after + 1, after
        self.before: bytes | None = before
        self.heads = heads
        self.newest = 0.0
        self.emptied: set[int] = set()
        self.lawful: set[int] = set()

    def go(self) -> None:
        for row in _rows(SEALED, {"chain": self.result.chain, "after": self.after}):
            seq, entry, salt, digest, value = row[:5]
            self._step(seq, entry, salt, digest, value, row[5:])
        self.result.last = self.expected - 1
        for entry in sorted(self.emptied - self.lawful):
            self.result.found(Kind.CHANGED, entry=entry, text="its values are gone, and no entry says that they may")
        self.result.erased = len(self.emptied & self.lawful)
        for seq in sorted(seq for seq in self.heads if seq > self.result.last):
            at = self.heads[seq][-1].at
            self.result.found(Kind.CUT_OFF, seq, text=f"the head of {at} knows this entry, the chain ends before it")

    def _step(self, seq: int, entry: int, salt: Any, digest: Any, value: Any, row: Sequence[str | None]) -> None:
        result, value, digest = self.result, bytes(value), bytes(digest)
        result.entries += 1
        if seq != self.expected:
            result.found(Kind.GAP, seq, entry, f"{seq - self.expected} seal(s) before this one are gone")
            self.before = None
        if row[ID] is None:
            result.found(Kind.DELETED, seq, entry)
        else:
            self._judge(seq, entry, salt, digest, value, row)
        if any(head.hash != value.hex() for head in self.heads.get(seq, ())):
            result.found(Kind.REWRITTEN, seq, entry)
        self.expected, self.before = seq + 1, value

    def _judge(self, seq: int, entry: int, salt: Any, digest: bytes, value: bytes, row: Sequence[str | None]) -> None:
        if salt is None:
            self.emptied.add(entry)
            if any(row[WIDTH:]):
                self.result.found(Kind.CHANGED, seq, entry)
        elif digest_of(bytes(salt), row) != digest:
            self.result.found(Kind.CHANGED, seq, entry)
        if self.before is not None and hash_of(self.before, self.result.chain, seq, row, digest) != value:
            self.result.found(Kind.MOVED, seq, entry)
        moment = float(row[MOMENT] or 0)
        if moment < self.newest - BACKDATED.total_seconds():
            self.result.found(Kind.BACKDATED, seq, entry)
        self.newest = max(self.newest, moment)
        if row[ACT] == ERASED:
            self.lawful.update(json.loads(row[EXTRA] or "{}").get("erased", ()))


def _rows(query: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows from a cursor that stays on the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def check_asked(*, chain: uuid.UUID, asked_by_id: uuid.UUID | None = None) -> AuditCheck:
    """Note that somebody wants the chain checked; a worker does it."""
    return AuditCheck.objects.create(property_id=chain, asked_by_id=asked_by_id)


def checks_waiting() -> int:
    """Do the checks that were asked for and return how many; called by workers."""
    done = 0
    while check_next() is not None:
        done += 1
    return done


@transaction.atomic
def check_next() -> AuditCheck | None:
    """Do the oldest check that waits and that no other worker is at, keep what it found and tell the pages."""
    check = AuditCheck.objects.select_for_update(skip_locked=True).filter(finished_at=None).order_by("pk").first()
    if check is None:
        return None
    result = check_chain(check.property_id)
    check.entries, check.findings = result.entries, [as_row(one) for one in result.findings]
    check.finished_at = timezone.now()
    check.save(update_fields=["entries", "findings", "finished_at"])
    tell(check.property_id)
    return check


def as_row(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is stored, with its sentence."""
    return {**asdict(finding), "text": finding.text or WORDS[finding.kind]}


def last_check(chain: uuid.UUID) -> AuditCheck | None:
    """Return the newest check of a chain, whether it is done or not."""
    return AuditCheck.objects.filter(property_id=chain).order_by("-id").first()
