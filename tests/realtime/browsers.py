"""Pages in a real Chromium, left open through trouble and then held against pages that are opened now."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, sync_playwright

SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# What a person sees: elements, words and attributes, without what says nothing (numbers, tokens, passing classes).
SIGHT = """() => {
  const silent = new Set(["data-seq", "nonce"]);
  const secret = new Set(["csrfmiddlewaretoken", "key", "natural_key"]);
  const passing = /^(fresh|htmx-.*)$/;
  const lines = [];
  const said = (text) => text.replace(/\\s+/g, " ").trim();
  const look = (element, depth) => {
    if (secret.has(element.getAttribute("name"))) return;
    const attributes = [...element.attributes].filter(({ name }) => !silent.has(name)).map(({ name, value }) => {
      const parts = value.split(/\\s+/).filter((part) => part && !(name === "class" && passing.test(part)));
      return parts.length || name !== "class" ? ` ${name}="${parts.join(" ")}"` : "";
    }).sort();
    lines.push(`${" ".repeat(depth)}<${element.localName}${attributes.join("")}>`);
    for (const child of element.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) look(child, depth + 1);
      else if (child.nodeType === 3 && said(child.data)) lines.push(" ".repeat(depth + 1) + said(child.data));
    }
  };
  document.querySelectorAll("main, #bell > summary, header [id^=business-date-]").forEach((part) => look(part, 0));
  return lines;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; meanwhile the database may be asked beside Playwright's loop, which rests whenever we run."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as play:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        program = os.environ.get("PMS_CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(executable_path=program, chromium_sandbox=False, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


def signed_in(browser: Browser, url: str, **cookies: str) -> BrowserContext:
    """Return a window of somebody who has these cookies at `url`."""
    context = browser.new_context(base_url=url)
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    return context


@dataclass
class KeptPage:
    """A page that stays open."""

    page: Page
    path: str

    @property
    def state(self) -> str:
        """Return what the page says of its line: live, reconnecting or offline."""
        return self.page.locator("#connection").get_attribute("data-state") or ""

    def differences(self) -> list[str]:
        """Return how the page differs from one that is opened now, in the same window."""
        fresh = self.page.context.new_page()
        try:
            fresh.goto(self.path)
            seen = self.page.evaluate(SIGHT), fresh.evaluate(SIGHT)
            return list(difflib.unified_diff(*seen, "kept", "fresh", lineterm=""))
        finally:
            fresh.close()


def keep(context: BrowserContext, path: str) -> KeptPage:
    """Open a page, wait until its line is up, and keep it."""
    page = context.new_page()
    with page.expect_websocket(lambda line: bool(line.wait_for_event("framereceived"))):
        page.goto(path)
    return KeptPage(page, path)


def keep_deaf(context: BrowserContext, path: str) -> KeptPage:
    """Open a page whose line is up but brings nothing: the control to every page that keeps up."""
    page = context.new_page()
    page.route_web_socket("**", _silence)
    page.goto(path)
    return KeptPage(page, path)


def _silence(line: WebSocketRoute) -> None:
    line.on_message(lambda _: None)


def all_equal(pages: list[KeptPage], *, seconds: float) -> float:
    """Wait until each page shows what a page opened now shows, and return how long the slowest took."""
    began = time.monotonic()
    for kept in pages:
        while found := kept.differences() if kept.state == "live" else [f"It says that it is {kept.state}."]:
            took = time.monotonic() - began
            assert took < seconds, f"{kept.path} after {took:.0f} s:\n" + "\n".join(found[:40])
            kept.page.wait_for_timeout(100)
    return time.monotonic() - began
