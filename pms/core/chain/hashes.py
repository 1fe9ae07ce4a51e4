"""What is hashed, byte for byte: the law of the chain, which never changes once entries are sealed (docs/audit.md).

An entry is read as text, column by column, with the words PostgreSQL writes for it; each column becomes a netstring
(`5:clean,`), an empty one `-`. So no two different rows have the same bytes, whatever stands in them.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence

VERSION = b"pms-audit-1"
# Circumstances: part of the hash for ever. The content type by its names, since its number says nothing elsewhere.
CIRCUMSTANCES = (
    "entry.id::text",
    "entry.property_id::text",
    "extract(epoch FROM entry.timestamp)::text",
    "kind.app_label || '.' || kind.model",
    "entry.object_pk",
    "entry.object_id::text",
    "entry.action::text",
    "entry.act",
    "entry.actor_id::text",
    "entry.via",
    "entry.request_id",
    "entry.cid",
    "entry.additional_data::text",
)
# Values: what may name a person. Hashed into the digest, with a salt, so that they can be erased.
VALUES = (
    "entry.object_repr",
    "entry.changes::text",
    "entry.changes_text",
    "entry.serialized_data::text",
    "host(entry.remote_addr)",
    "entry.remote_port::text",
    "entry.actor_email",
)
COLUMNS = ", ".join((*CIRCUMSTANCES, *VALUES))
WIDTH = len(CIRCUMSTANCES)


def canonical(texts: Iterable[str | None]) -> bytes:
    """Return the bytes of some columns."""
    return b"".join(b"-" if text is None else _netstring(text.encode()) for text in texts)


def _netstring(data: bytes) -> bytes:
    return b"%d:%b," % (len(data), data)


def beginning(chain: uuid.UUID) -> bytes:
    """Return what stands before the first entry of a chain."""
    return hashlib.sha256(VERSION + chain.bytes).digest()


def digest_of(salt: bytes, row: Sequence[str | None]) -> bytes:
    """Return the digest of the values of an entry, given as its `COLUMNS`."""
    return hashlib.sha256(salt + canonical(row[WIDTH:])).digest()


def hash_of(before: bytes, chain: uuid.UUID, seq: int, row: Sequence[str | None], digest: bytes) -> bytes:
    """Return the hash of an entry at its place, given as its `COLUMNS`, after the one with the hash `before`."""
    place = b"%b%b%d|" % (before, chain.bytes, seq)
    return hashlib.sha256(VERSION + place + canonical(row[:WIDTH]) + digest).digest()
