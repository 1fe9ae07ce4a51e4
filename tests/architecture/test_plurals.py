"""A figure before a noun has both forms: "1 range", "2 ranges" (ngettext, blocktranslate count)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import house

NOUNS = "rooms|nights|guests|adults|children|people|persons|stays|ranges|messages|codes|days|lines|cells|reservations"
# In a template: a block without `count` whose text sets a variable before such a noun.
BLOCK = re.compile(r"\{% blocktrans(?:late)?(?P<facts>[^%]*)%\}(?P<text>.*?)\{% endblocktrans(?:late)? %\}", re.DOTALL)
COUNTED = re.compile(rf"\}}\}} (?:{NOUNS})\b")
# In the code: text that is not given to ngettext, and whose figure stands before such a noun. Limits (constants, and
# what comes after "at most" or "up to") are never one.
SAID = re.compile(rf'(?<!ngettext\()\b_\("[^"]*(?<!at most )%(?:\(\w+\))?[ds] (?:{NOUNS})\b[^"]*"\)(?! % [A-Z])')
JOINED = re.compile(rf'f"[^"]*(?<!at most )(?<!at least )(?<!up to )\{{(?![A-Z_]+\}})[^}}"]+\}} (?:{NOUNS})\b[^"]*"')


def unpaired(path: Path) -> list[str]:
    """Return the texts of a file that know one form only."""
    text = path.read_text()
    if path.suffix == ".html":
        blocks = (found for found in BLOCK.finditer(text) if not re.search(r"\bcount ", found["facts"]))
        return [found.group() for found in blocks if COUNTED.search(found["text"])]
    return SAID.findall(text) + JOINED.findall(text)


def test_every_figure_agrees_with_its_noun() -> None:
    paths = [*house.templates(), *house.house_files()]

    assert {str(path): found for path in paths if (found := unpaired(path))} == {}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.html", "{% blocktranslate with n=rooms %}{{ n }} rooms{% endblocktranslate %}", 1),
        ("a.html", "{% blocktranslate count n=rooms %}{{ n }} room{% plural %}{{ n }} rooms{% endblocktranslate %}", 0),
        ("a.py", 'words = _("%(n)s rooms are free") % facts', 1),
        ("a.py", 'words = ngettext("%(n)s room", "%(n)s rooms", n) % facts', 0),
        ("a.py", 'words = _("At most %d nights.") % MOST_NIGHTS', 0),
        ("a.py", 'words = f"An offer holds at most {MOST_NIGHTS} nights."', 0),
        ("a.py", 'words = f"{len(runs)} ranges were refused"', 1),
    ],
)
def test_control_what_it_finds(tmp_path: Path, name: str, text: str, found: int) -> None:
    (tmp_path / name).write_text(text)

    assert len(unpaired(tmp_path / name)) == found
