"""Signed heads of the chains, kept outside the database: whoever rewrites or cuts a chain cannot rewrite them.

A head says "at this moment entry n of this chain had this hash", signed with Ed25519 by a key that the database never
sees. Each is one line of JSON. `AUDIT_HEAD_SINKS` names the functions that carry the lines away; the house's own
appends them to a file below `AUDIT_HEADS_DIR`, a deployment adds one that ships them elsewhere.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.module_loading import import_string

from pms.core.models import INSTALLATION

from .sealing import head_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """What a chain ended with at a moment; `hash` in hexadecimal, `at` in ISO 8601."""

    chain: str
    seq: int
    hash: str
    at: str


class HeadsUnreadable(RuntimeError):
    """A line among the heads is no head, or nobody of ours signed it."""


def chains() -> list[uuid.UUID]:
    """Return all chains there can be: that of the installation and one for each hotel."""
    hotels = apps.get_model(settings.TENANT_MODEL)._default_manager.order_by("pk")
    return [INSTALLATION, *hotels.values_list("pk", flat=True)]


def write_heads() -> list[Head]:
    """Sign the head of every chain that has begun and hand the lines to all sinks; called every hour.

    Raises the first sink's error when all had their turn: one that is away must not keep the others from theirs.
    """
    now = timezone.now().isoformat()
    ends = ((chain, *head_of(chain)) for chain in chains())
    heads = [Head(str(chain), seq, value.hex(), now) for chain, seq, value in ends if seq]
    lines = [signed(head) for head in heads]
    broken: list[Exception] = []
    for name in settings.AUDIT_HEAD_SINKS:
        sink: Callable[[Sequence[str]], object] = import_string(name)
        try:
            sink(lines)
        except Exception as error:  # logged, and raised when the other sinks had their turn
            log.exception("audit.head_not_kept", sink=name, error=str(error))
            broken.append(error)
    if broken:
        raise broken[0]
    return heads


def append_to_file(lines: Sequence[str]) -> None:
    """Append the lines to the file of this month, and have the disk keep them before we go on."""
    folder = Path(settings.AUDIT_HEADS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"heads-{timezone.now():%Y-%m}.jsonl"
    number = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(number, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(number)
    finally:
        os.close(number)


def read_heads(chain: uuid.UUID, place: Path | None = None) -> Iterator[Head]:
    """Yield the heads of one chain from a file or a folder of them, oldest first. Raises `HeadsUnreadable`."""
    place = place or Path(settings.AUDIT_HEADS_DIR)
    keys = _keys()
    files = [place] if place.is_file() else sorted(place.glob("*.jsonl"))
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            # Looked at in text first: most lines are of other chains.
            if line and str(chain) in line:
                yield _verified(line, keys, f"{file.name}, line {number}")


def signed(head: Head) -> str:
    """Return the line of a head: its fields, the name of the key, the signature."""
    newest = _keys()[0]
    signature = base64.b64encode(newest.sign(_bytes(head))).decode()
    return json.dumps({**asdict(head), "key": name_of(newest), "signature": signature})


def name_of(key: Ed25519PrivateKey) -> str:
    """Return the short name of a key, from its public half."""
    return hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:8]


def _verified(line: str, keys: Sequence[Ed25519PrivateKey], where: str) -> Head:
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        found = json.loads(line)
        signature, name = base64.b64decode(found.pop("signature")), found.pop("key")
        head = Head(**found)
        for key in keys:
            if name_of(key) == name:
                with suppress(InvalidSignature):
                    key.public_key().verify(signature, _bytes(head))
                    return head
    raise HeadsUnreadable(f"{where}: this is no head that one of AUDIT_HEAD_KEYS signed.")


def _bytes(head: Head) -> bytes:
    return b"pms-audit-head-1" + json.dumps(asdict(head), sort_keys=True).encode()


def _keys() -> list[Ed25519PrivateKey]:
    if not settings.AUDIT_HEAD_KEYS:
        raise ImproperlyConfigured("AUDIT_HEAD_KEYS is not set: the heads of the audit log cannot be signed.")
    return [Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key)) for key in settings.AUDIT_HEAD_KEYS]


def newest_head(chain: uuid.UUID) -> dt.datetime | None:
    """Return when the newest head of a chain was signed, None if there is none yet."""
    last = None
    for head in read_heads(chain):
        last = head.at
    return dt.datetime.fromisoformat(last) if last else None
