"""A hub per test, on the test's own event loop; and pages in a browser that stay open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.sync_api import BrowserContext

from pms.live import hub as hub_module
from pms.live.hub import Hub
from tests.realtime.browsers import PAGES, KeptPage, keep, keep_deaf


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


@pytest.fixture
def pages(window: BrowserContext) -> list[KeptPage]:
    """The rooms board, the day and the activity, open in somebody's `window` since before the trouble."""
    return [keep(window, path) for path in PAGES]


@pytest.fixture
def deaf(window: BrowserContext) -> KeptPage:
    """The control: the same board, open as long, that is told nothing."""
    return keep_deaf(window, PAGES[0])
