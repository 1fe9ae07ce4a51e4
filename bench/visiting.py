"""Opens the pages of bench/pages_drawn.py as the people of the trial hotel, each in a window of a real browser.

Needs no settings of Django: what it knows of the hotel it knows from its pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

from bench.busy_day import live_a_day
from bench.pages_drawn import AFTER, BEFORE, FIRST, LAST, Shot
from tests.concurrency.open_hotel import OpenHotel
from tests.runtime.helpers import eventually

HEIGHTS = {390: 844, 820: 1180}
HIGH = 900  # of every other width
TOUCHED = 1000  # narrower windows are touched
PATIENCE = 15_000
PEOPLE = {"eve": "lak"}


@dataclass
class Visitor:
    """Signs people in, once each, and opens pages for them; `places` fills the addresses (`{stay}`, `{folio}` …)."""

    browser: Browser
    house: OpenHotel
    language: str = "en"
    password: str = ""
    places: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, Any] = field(default_factory=dict)

    def knows(self, shot: Shot) -> bool:
        """Tell whether the page can be opened: an act that looks for a word of English finds none elsewhere."""
        return self.language == "en" or getattr(shot.act, "__name__", "") != "act"

    @contextmanager
    def at(self, shot: Shot, width: int, **options: Any) -> Iterator[tuple[Page, list[str]]]:
        """Open the page in a window of that width; give it and what went wrong: errors of scripts, a wrong status.

        `options` are those of `Browser.new_context`.
        """
        context = self.browser.new_context(**{
            "viewport": {"width": width, "height": HEIGHTS.get(width, HIGH)},
            "has_touch": width < TOUCHED,
            "reduced_motion": "reduce",
            "locale": "en-GB" if self.language == "en" else self.language,
            "storage_state": self._sign_in(shot.who) if shot.who else None,
        } | options)  # fmt: skip
        try:
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            troubles: list[str] = []
            page.on("pageerror", lambda error: troubles.append(str(error)))
            answer = page.goto(self.house.url + shot.path.format(**self.places))
            assert answer
            if answer.status != shot.status:
                troubles.append(f"answered {answer.status}")
            page.wait_for_load_state("networkidle") if "api" in shot.name else page.wait_for_timeout(350)
            if shot.act:
                shot.act(page)
                page.wait_for_timeout(350)
            yield page, troubles
        finally:
            context.close()

    def _sign_in(self, who: str) -> Any:
        if who not in self.signed_in:
            context = self.browser.new_context()
            page = context.new_page()
            page.goto(f"{self.house.url}/account/login/")
            page.fill("[name=login]", f"{who}@{PEOPLE.get(who, 'sea')}.example")
            page.fill("[name=password]", self.password)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            self.signed_in[who] = context.storage_state()
            context.close()
        return self.signed_in[who]


def walk(visitor: Visitor, look: Callable[[list[Shot]], None]) -> None:
    """Lead the visitor through an empty installation, a busy day and the next morning; `look` gets the pages of each.

    Everybody of the house reads the visitor's language.
    """
    house = visitor.house
    visitor.places["setup"] = _setup_link(house)
    look(FIRST)
    day = live_a_day(house)
    visitor.places |= day.places
    visitor.password = day.password
    house.sql(f"update accounts_user set locale = '{visitor.language}'")
    look(BEFORE)
    day.close(house)
    look(AFTER)
    house.manage("second_step", "SEA", "on")
    look(LAST)


def _setup_link(house: OpenHotel) -> str:
    """Return the address of the first run that the start printed."""
    found = eventually(lambda: re.search(r"(/setup/\S+)", house.said.read_text()), 60)
    link: str = found.group(1)
    return link
