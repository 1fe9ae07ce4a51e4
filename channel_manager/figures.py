"""Figures of the channels for Prometheus, by kind of channel."""

from __future__ import annotations

from pms.core.metrics import gauge

from .selectors import figures as lags


def declare() -> None:
    """Register the gauges; called once when the app is ready."""
    kind = ("channel",)
    gauge("pms_inbox_waiting", "Messages that are stored and not applied.", lags.waiting, labels=kind)
    gauge("pms_inbox_lag_seconds", "Age of the oldest message that is not applied.", lags.inbox_lag, labels=kind)
    gauge("pms_inbox_attention", "Messages that call for a person.", lags.attention, labels=kind)
    gauge(
        "pms_ari_lag_seconds", "Age of the oldest change that a live channel was not told.", lags.ari_lag, labels=kind
    )
