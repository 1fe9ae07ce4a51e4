"""Does a piece of work once per client and key, and gives every repeat the first answer (architecture.md 5)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .errors import DomainError, Kind
from .locks import Lock, try_lock
from .models import IdempotencyRecord

KEPT_FOR = timedelta(hours=48)


class KeyReused(DomainError, code="idempotency_key_reused"):
    """The key was used for another request body."""


class InProgress(DomainError, code="in_progress"):
    """The first request with this key is still at work."""


class KeyRequired(DomainError, code="idempotency_key_required", kind=Kind.UNREADABLE):
    """A request that creates something or moves money came without a key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client is told: an HTTP-like status, a JSON body and a few headers; `replayed` if from the record."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


def fingerprint(*parts: str | bytes) -> str:
    """Return a hash that is equal only for the same request: method, path and body."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()


def once(
    *, client: str, key: str, request: str, work: Callable[[], Answer], property_id: uuid.UUID | None = None
) -> Answer:
    """Return `work()`'s answer, or the recorded one if this client has used `key` before.

    The record is written in the transaction of the work: both exist or neither. Refusals (status ≥ 400) leave nothing
    behind, neither a record nor half of the work, so the client may mend its request and use the key again. Raises
    `InProgress` while another request with the key is at work, `KeyReused` if `request` (a fingerprint) differs from
    the first one.
    """
    with transaction.atomic():
        if not try_lock(Lock.IDEMPOTENCY, f"{client}:{key}"):
            raise InProgress("The first request with this key is still at work. Ask again in a second.")
        earlier = IdempotencyRecord.objects.filter(client=client, key=key).first()
        if earlier is not None:
            if earlier.fingerprint != request:
                raise KeyReused("This Idempotency-Key was used for another request. Nothing was done; use a new key.")
            return Answer(earlier.status, earlier.body, earlier.headers, replayed=True)
        answer = work()
        if answer.status >= 400:
            transaction.set_rollback(True)
        else:
            IdempotencyRecord.objects.create(
                client=client,
                key=key,
                property_id=property_id,
                fingerprint=request,
                status=answer.status,
                body=answer.body,
                headers=dict(answer.headers),
            )
        return answer


def answered(*, client: str, key: str) -> Answer | None:
    """Return the recorded answer to `key`, if the work was done: for a repeat that must not be judged anew."""
    earlier = IdempotencyRecord.objects.filter(client=client, key=key).first()
    return Answer(earlier.status, earlier.body, earlier.headers, replayed=True) if earlier else None


def prune() -> int:
    """Delete records older than 48 hours and return how many there were."""
    deleted, _ = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
