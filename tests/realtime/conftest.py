"""A hub per test, on the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from pms.live import hub as hub_module
from pms.live.hub import Hub


@pytest_asyncio.fixture
async def hub(transactional_db: Any) -> AsyncIterator[Hub]:
    """A hub of this test alone; its tasks end with it."""
    running = Hub()
    yield running
    await running.stop()


@pytest.fixture
def quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the heart beat five times a second, so that what only it finds is found quickly."""
    monkeypatch.setattr(hub_module, "HEARTBEAT", 0.2)
