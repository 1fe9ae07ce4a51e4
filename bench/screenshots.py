"""Pictures of every page of the house, as a hotelier sees it: three widths, by day and by night.

    .venv/bin/python bench/screenshots.py [--out DIR] [--only NAME] [--language de]

Opens a hotel of its own with the pretended booking site, lets it live for a day, signs in as the people of the trial
hotel and takes each page. `--only` takes the pages whose name contains NAME. Files are called page-width-theme.png.
A page that the URL conf knows and the list here does not is an error, and so is a script error on a page. What is wider
than its window, and what is too small for a thumb on a phone, is told at the end.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Error, Page  # noqa: E402

from bench import findings  # noqa: E402
from bench.opened import enter  # noqa: E402
from bench.pages_drawn import Shot, missed, routes_of  # noqa: E402
from bench.visiting import HEIGHTS, HIGH, Visitor, walk  # noqa: E402
from tests.chromium import chromium  # noqa: E402
from tests.concurrency.open_hotel import OpenHotel, open_house  # noqa: E402

WIDTHS = (1440, 820, 390)
THEMES = ("light", "dark")
TALLEST = 2600

# How high the page would like to be: the sheet scrolls by itself on a desk, the document on a phone.
HEIGHT = """() => { const page = document.querySelector('main.page');
  const inner = page && getComputedStyle(page).overflowY === 'auto' ? page.scrollHeight - page.clientHeight : 0;
  return Math.ceil(Math.max(innerHeight + inner, document.documentElement.scrollHeight)); }"""


class Camera:
    """Takes pictures of what a visitor sees."""

    def __init__(self, visitor: Visitor, options: argparse.Namespace) -> None:
        self.visitor, self.out, self.only = visitor, options.out, options.only
        self.findings: list[str] = []
        self.out.mkdir(parents=True, exist_ok=True)

    def take(self, shots: list[Shot]) -> None:
        """Take each picture in all widths and both themes."""
        for shot in shots:
            if self.only not in shot.name or not self.visitor.knows(shot):
                continue
            for width in WIDTHS:
                self._take(shot, width)
            print(shot.name, flush=True)

    def _take(self, shot: Shot, width: int) -> None:
        try:
            with self.visitor.at(shot, width) as (page, troubles):
                self._draw(page, f"{shot.name}-{width}", width)
                troubles += findings.of_measure(page, width)
                self.findings += [f"{shot.name}-{width}: {words}" for words in dict.fromkeys(troubles)]
        except Error as error:
            self.findings.append(f"{shot.name}-{width}: no picture: {str(error).splitlines()[0]}")

    def _draw(self, page: Page, name: str, width: int) -> None:
        high = min(max(HEIGHTS.get(width, HIGH), page.evaluate(HEIGHT)), TALLEST)
        page.set_viewport_size({"width": width, "height": high})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.screenshot(path=self.out / f"{name}-{theme}.png")


def check_list(house: OpenHotel) -> None:
    """Stop if a page of the URL conf is in neither list."""
    enter(house)
    from django.urls import get_resolver

    if wrong := missed(set(routes_of(get_resolver()))):
        sys.exit(f"Name these in bench/pages_drawn.py, as a picture or with the reason for none: {sorted(wrong)}")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("screenshots"), metavar="DIR")
    parser.add_argument("--only", default="", metavar="NAME")
    parser.add_argument("--language", default="en", metavar="de")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Path(folder), "--sandbox") as house,
        chromium() as browser,
    ):
        check_list(house)
        visitor = Visitor(browser, house, options.language)
        camera = Camera(visitor, options)
        walk(visitor, camera.take)
    for finding in camera.findings:
        print(finding)
    sys.exit(bool(camera.findings))


if __name__ == "__main__":
    main()
