"""Every page of the house as people see it: readable for everybody, by day and by night, from a desk to 320 px.

The list of pages is that of the pictures (`bench/pages_drawn.py`), so no page is forgotten.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from bench import findings
from bench.pages_drawn import Shot
from bench.visiting import Visitor, walk
from tests.concurrency.open_hotel import open_house

pytestmark = pytest.mark.browser

DESK, PHONE, NARROW = 1440, 390, 320  # 320 px: a desk of 1280 px, enlarged four times (WCAG 1.4.10)
DRAWN_ELSEWHERE = ("admin", "api-docs")  # Django's own pages, and Swagger UI's


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_for_everybody(browser: Browser, tmp_path: Path, language: str) -> None:
    seen: list[str] = []
    found: list[str] = []
    with open_house(tmp_path, "--sandbox") as house:
        visitor = Visitor(browser, house, language)

        def look(shots: list[Shot]) -> None:
            for shot in shots:
                if visitor.knows(shot) and not shot.name.startswith(DRAWN_ELSEWHERE):
                    seen.append(shot.name)
                    wrong = _wrong_with(visitor, shot)
                    sys.stdout.write("".join(f"{line}\n" for line in wrong))
                    found.extend(wrong)

        walk(visitor, look)

    assert len(seen) > 60, "too few pages to say anything"
    assert found == []


def _wrong_with(visitor: Visitor, shot: Shot) -> list[str]:
    """Return what is wrong with one page, at a desk and in a hand."""
    found: list[str] = []
    for width in (DESK, PHONE):
        told: list[str] = []
        try:
            with visitor.at(shot, width) as (page, troubles):
                told += troubles + findings.of_measure(page, width)
                for theme in ("light", "dark"):
                    page.emulate_media(color_scheme=theme)
                    told += [f"{theme}: {words}" for words in findings.of_reading(page)]
                if width == PHONE:
                    page.set_viewport_size({"width": NARROW, "height": 800})
                    told += [f"at {NARROW} px: {words}" for words in findings.of_measure(page, NARROW)]
        except Error as error:
            told.append(str(error).splitlines()[0])
        found += [f"{shot.name} at {width} px: {words}" for words in dict.fromkeys(told)]
    return found


def test_control_what_is_wrong_is_found(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 600})
    page.set_content(
        """<html lang=en><title>Rates</title><main class=app><h1>Rates</h1><p style="color: #bbb">Sold out</p>
        <button style="height: 20px">Open</button><img src="data:,"><div style="width: 400px">Wide</div></main>"""
    )

    measured, read = findings.of_measure(page, NARROW), findings.of_reading(page)

    assert any("px too wide" in words for words in measured)
    assert 'button "Open" is 20 px high' in measured
    assert {words.split(":")[0] for words in read} >= {"color-contrast", "image-alt"}
    page.close()
