"""The rows every app is built on, and the kernel's own tables."""

from .audit import AuditEntry
from .idempotency import IdempotencyRecord
from .rows import BypassesTheNews, Row, RowQuerySet
from .versioned import VersionedRow

__all__ = ["AuditEntry", "BypassesTheNews", "IdempotencyRecord", "Row", "RowQuerySet", "VersionedRow"]
