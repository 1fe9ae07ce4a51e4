"""Templates carry no inline style or script and name icons that exist; vendored files are the recorded ones."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.DOTALL)
# A data block is not run by the browser; everything else must come from a file.
INLINE = re.compile(
    r"""\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*["']|\shx-on\b|<script(?![^>]*\b(?:src=|type="application/json"))"""
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_carries_no_inline_style_or_script(path: Path) -> None:
    if "emails" in path.parts or "documents" in path.parts:
        return

    assert INLINE.findall(COMMENT.sub("", path.read_text())) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_icon_named_in_a_template_is_in_the_sprite(path: Path) -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))

    named = set(re.findall(r'\{% icon (?:[a-z_.]+\|default:)?"([^"]+)"', path.read_text()))
    named |= set(re.findall(r'\bicon="([^"]+)"', path.read_text()))

    assert named <= sprite


def test_vendored_files_are_the_recorded_ones() -> None:
    lines = [
        line.split() for line in (STATIC / "vendor/VERSIONS").read_text().splitlines() if line[:1] not in ("#", "")
    ]

    recorded = {name: digest for name, _version, _licence, digest in lines}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
        if path.suffix == ".js"
    }

    assert found == recorded
