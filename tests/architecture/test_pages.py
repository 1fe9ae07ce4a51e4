"""Templates and scripts obey the content security policy, escape what guests wrote, and say what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from . import house

COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", re.DOTALL)
# Mail clients and the PDF writer know neither our style sheets nor our policy.
NO_PAGES = ("templates/emails/", "templates/documents/")

# (name, pattern, what to do instead)
TEMPLATE_BANS = (
    (
        "style",
        r"<[^>]*\sstyle\s*=|<style\b",
        "The policy refuses inline styles. Use a class (for a place on the room plan a generated one, or el.style):",
    ),
    (
        "handler",
        r"<[^>]*\son[a-z]+\s*=|\bhx-on\b|\bhx-(?:vals|headers|vars)\s*=\s*[\"']js:|javascript:",
        "The policy refuses inline handlers and htmx runs without eval. Handle it in a module under static/js:",
    ),
    (
        "script",
        r"<script\b(?![^>]*\b(?:src|nonce)\s*=)(?![^>]*\btype\s*=\s*[\"']application/json)",
        "A script comes from a file (src) or carries the nonce of the page; data goes into type=application/json:",
    ),
    (
        "foreign",
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//",
        "Nothing is loaded from other hosts: vendor the file under static/vendor with its checksum:",
    ),
    (
        "safe",
        r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off",
        "What guests wrote must never become markup: leave escaping on, build markup with format_html in a tag:",
    ),
)
SCRIPT_BANS = (
    (
        "innerHTML",
        r"\b(?:innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML\s*\(|document\.write\s*\(|setHTMLUnsafe\s*\(|parseFromString\s*\(",
        "Build elements with createElement and textContent; only pieces that the server drew are parsed, in pieces.js:",
    ),
    (
        "eval",
        r"\beval\s*\(|new\s+Function\s*\(|set(?:Timeout|Interval)\s*\(\s*[\"'`]",
        "The policy refuses code made from text: pass a function:",
    ),
)
# The one reviewed place where markup drawn by the server becomes nodes.
PARSES_MARKUP = {"static/js/pieces.js"}

CAUGHT = [
    ("style", '<p style="color: red">'),
    ("style", "<style>p { color: red }</style>"),
    ("handler", '<button onclick="go()">'),
    ("handler", '<form hx-on:submit="go()">'),
    ("handler", "<form hx-vals='js:{a: 1}'>"),
    ("handler", '<a href="javascript:go()">'),
    ("script", "<script>go()</script>"),
    ("script", '<script type="module">go()</script>'),
    ("foreign", '<script src="https://cdn.example/htmx.js"></script>'),
    ("foreign", '<link rel="stylesheet" href="//fonts.example/inter.css">'),
    ("safe", "{{ guest.remark|safe }}"),
    ("safe", "{% autoescape off %}{{ guest.remark }}{% endautoescape %}"),
    ("innerHTML", "row.innerHTML = text;"),
    ("innerHTML", "row.innerHTML += text;"),
    ("innerHTML", "row.insertAdjacentHTML('beforeend', text);"),
    ("innerHTML", "new DOMParser().parseFromString(text, 'text/html');"),
    ("eval", "eval(text);"),
    ("eval", "setTimeout('go()', 10);"),
]
ALLOWED = [
    ("style", '<p data-tone="red" class="style">'),
    ("script", '<script src="/static/js/app.js"></script>'),
    ("script", '<script nonce="{{ nonce }}">go()</script>'),
    ("script", '<script type="application/json">{}</script>'),
    ("foreign", '<a href="https://example.org">'),
    ("innerHTML", "row.textContent = text;"),
    ("innerHTML", "const same = row.innerHTML == text;"),
    ("eval", "setTimeout(go, 10);"),
]
PATTERNS = {name: re.compile(pattern) for name, pattern, _ in (*TEMPLATE_BANS, *SCRIPT_BANS)}


def without_comments(text: str) -> str:
    """Blank out template comments, keeping the lines where they are."""
    return COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), text)


def lines_with(name: str, text: str) -> Iterator[int]:
    """Yield the lines at which the ban `name` finds something."""
    for match in PATTERNS[name].finditer(text):
        if not match.group().endswith("=") or not text[match.end() :].startswith("="):
            yield text.count("\n", 0, match.start()) + 1


@pytest.mark.parametrize(("name", "instead"), [(name, instead) for name, _, instead in TEMPLATE_BANS])
def test_no_template_has(name: str, instead: str):
    found = [
        f"{house.name_of(path)}:{line}"
        for path in house.templates()
        if not house.name_of(path).startswith(NO_PAGES)
        for line in lines_with(name, without_comments(house.text_of(path)))
    ]

    house.assert_none(found, instead)


@pytest.mark.parametrize(("name", "instead"), [(name, instead) for name, _, instead in SCRIPT_BANS])
def test_no_script_has(name: str, instead: str):
    found = [
        f"{house.name_of(path)}:{line}"
        for path in house.scripts()
        if house.name_of(path) not in PARSES_MARKUP
        for line in lines_with(name, house.text_of(path))
    ]

    house.assert_none(found, instead)


@pytest.mark.parametrize(("name", "text"), CAUGHT)
def test_control_the_ban_catches(name: str, text: str):
    assert list(lines_with(name, text)) == [1]


@pytest.mark.parametrize(("name", "text"), ALLOWED)
def test_control_the_ban_lets_pass(name: str, text: str):
    assert not list(lines_with(name, text))


def says_what_it_needs(text: str) -> bool:
    """Tell whether a template opens with comments that name its context or permission, if it shows anything."""
    opening = re.match(r"\s*((?:{#.*?#}|{%\s*comment.*?endcomment\s*%})\s*)+", text, re.DOTALL)
    if opening is None:
        return False
    return "{{" not in text or re.search(r"context|permission|blocks|fragments", opening.group()) is not None


# One-line answers to the element tags of allauth, which documents their attributes and slots itself.
DOCUMENTED_ELSEWHERE = ("templates/allauth/elements/",)


def test_every_template_opens_with_what_it_needs():
    silent = [
        house.name_of(path)
        for path in house.templates()
        if not house.name_of(path).startswith(DOCUMENTED_ELSEWHERE) and not says_what_it_needs(house.text_of(path))
    ]

    house.assert_none(
        silent,
        "Open the template with a comment such as {# The board. context: hotel, rooms · fragments: room-card · "
        "permission: room_view #}:",
    )


def test_control_a_silent_template_is_seen():
    assert not says_what_it_needs("<p>{{ room.number }}</p>")
    assert not says_what_it_needs("{# A nice page. #}<p>{{ room.number }}</p>")
    assert not says_what_it_needs("<p>{{ room.number }}</p>{# context: room #}")
    assert says_what_it_needs("{# A picture, nothing else. #}<svg></svg>")
    assert says_what_it_needs("{# One room. context: room · permission: room_view #}<p>{{ room.number }}</p>")
