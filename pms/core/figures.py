"""Figures of the kernel for Prometheus: how far the seals of the audit log are behind."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from .chain.sealing import overdue
from .metrics import Reading, gauge


def declare() -> None:
    """Register the gauges; called once when the app is ready."""
    gauge("pms_audit_overdue_chains", "Chains with an entry that waits for its seal too long.", _overdue)
    gauge("pms_audit_lag_seconds", "Age of the oldest entry that is overdue for its seal; 0 without any.", _lag)


def _overdue() -> Iterable[Reading]:
    return [((), float(len(overdue())))]


def _lag() -> Iterable[Reading]:
    now = timezone.now()
    return [((), max((now - oldest).total_seconds() for oldest in [*overdue(now).values(), now]))]
