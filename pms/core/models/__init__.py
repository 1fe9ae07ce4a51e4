"""The rows every app is built on, and the kernel's own tables."""

from .audit import AuditEntry
from .chain import INSTALLATION, AuditCheck, AuditSeal
from .idempotency import IdempotencyRecord
from .rows import BypassesTheNews, Row, RowQuerySet
from .versioned import VersionedRow

__all__ = [
    "INSTALLATION",
    "AuditCheck",
    "AuditEntry",
    "AuditSeal",
    "BypassesTheNews",
    "IdempotencyRecord",
    "Row",
    "RowQuerySet",
    "VersionedRow",
]
