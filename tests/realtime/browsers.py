"""Pages in a real Chromium, left open through trouble and then held against pages that are opened now."""

from __future__ import annotations

import difflib
import time
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, WebSocketRoute

PAGES = ("/h/SEA/rooms/", "/h/SEA/", "/h/SEA/activity/")
# What a person sees: elements, words and attributes, without what says nothing (numbers, tokens, passing classes).
# Of a log, whose lines only come in at the top, a page that was opened now shows the newest; older ones stay where they
# have been read: `oldest` is the place of the last line that both show.
END_OF_LOG = "() => document.querySelector('[data-log]')?.dataset.to ?? ''"
SIGHT = """(oldest) => {
  const silent = new Set(["data-seq", "data-live-read", "data-to", "nonce"]);
  const secret = new Set(["csrfmiddlewaretoken", "key", "natural_key"]);
  const passing = /^(fresh|htmx-.*)$/;
  const lines = [];
  const said = (text) => text.replace(/\\s+/g, " ").trim();
  const look = (element, depth) => {
    if (secret.has(element.getAttribute("name"))) return;
    if (oldest && element.parentElement.matches("[data-log]") && element.dataset.place > oldest) return;
    if (oldest && element.matches("[data-log] ~ nav.pages")) return;
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
            oldest = fresh.evaluate(END_OF_LOG)
            seen = self.page.evaluate(SIGHT, oldest), fresh.evaluate(SIGHT, oldest)
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
