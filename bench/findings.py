"""What is wrong with a page that a browser shows: too wide, too small for a thumb, or not readable for everybody."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = 390
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

# A page scrolls one way, whatever its width (WCAG 1.4.10); 44 px are a thumb (2.5.5, more than 2.5.8 asks for).
FINDINGS = """(phone) => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  const main = document.querySelector('main');
  if (main && main.scrollWidth > main.clientWidth + 1)
    found.push(`the work is ${main.scrollWidth - main.clientWidth} px too wide`);
  const touched = 'a[href], button, summary, input:not([type=hidden]), select, textarea';
  for (const one of phone && document.querySelector('.app, .plain') ? document.querySelectorAll(touched) : []) {
    const high = (one.closest('label') ?? one).getBoundingClientRect().height;
    const seen = one.getBoundingClientRect().width && one.checkVisibility({ visibilityProperty: true });
    // Links within a sentence or a cell are read, not aimed at; a thumb takes what lies over the whole row.
    const reaches = one.closest('p, td, dd, .hint') || getComputedStyle(one, '::after').position === 'absolute';
    const words = (one.innerText || one.name || one.title || '').trim().split('\\n')[0].slice(0, 40);
    if (seen && high < 43.5 && !reaches) found.push(`${one.localName} "${words}" is ${Math.round(high)} px high`);
  }
  return found; }"""

# What an open menu lies over is not aimed at until the menu is closed.
LIES_UNDER = """(target) => !!document.querySelector('.menu[open]')
  && !document.querySelector(target)?.closest('.menu[open]')"""


def of_measure(page: Page, width: int) -> list[str]:
    """Return what is too wide for its window of `width` pixels and, on a phone, too small for a thumb."""
    found: list[str] = page.evaluate(FINDINGS, width <= PHONE)
    return list(dict.fromkeys(found))


def of_reading(page: Page) -> list[str]:
    """Return what breaks a rule of WCAG 2.2 A or AA that a program can judge, as axe finds it."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        for node in one["nodes"][:3]
        if one["id"] != "target-size" or not page.evaluate(LIES_UNDER, node["target"][0])
    ]
