"""Every test has a registry of receivers, and a bell, of its own."""

from __future__ import annotations

from collections import defaultdict

import pytest

from pms.events import bell, receivers


@pytest.fixture(autouse=True)
def _own_receivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "_within", defaultdict(list))
    monkeypatch.setattr(receivers, "_after", defaultdict(dict))


@pytest.fixture(autouse=True)
def _fresh_bell() -> None:
    bell._quiet_until.clear()
    bell._doorbell.cache_clear()
