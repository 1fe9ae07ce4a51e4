"""A real Chromium: for tests with a browser and for programs that look at pages; needs no settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from pms.runtime.chromium import ensure

SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; meanwhile the database may be asked beside Playwright's loop, which rests whenever we run."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=str(ensure()), chromium_sandbox=False, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()
