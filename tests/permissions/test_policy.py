"""The content security policy of every HTML answer: nothing runs that the house did not write (reliability F4)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from lxml import html

from tests.permissions.house import House, browser, values_for
from tests.permissions.routes import cases

HTMX = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
}
CLOSED = {"object-src": {"'none'"}, "base-uri": {"'none'"}, "frame-ancestors": {"'none'"}}
# What lies outside of hotels and is read with a browser.
OUTSIDE = ("account/", "setup/", "invitation/", "admin/", "nowhere/", "api/v1/docs")
# Django's administration and the API's page are others' pages: their parts are bound by the header alone.
OTHERS = ("/admin/", "/api/v1/docs")


def directives(answer: Any) -> Mapping[str, set[str]]:
    """Return the policy of an answer."""
    parts = (part.split() for part in answer.headers.get("Content-Security-Policy", "").split(";"))
    return {part[0]: set(part[1:]) for part in parts if part}


def faults(answer: Any, *, ours: bool = True) -> list[str]:
    """Return what an HTML answer allows that it should not, or carries although its policy forbids it."""
    policy = directives(answer)
    scripts = policy.get("script-src", set())
    nonces = {source for source in scripts if source.startswith("'nonce-")}
    found = [name for name, sources in CLOSED.items() if policy.get(name) != sources]
    found += [name for name, sources in policy.items() if any("unsafe" in one or "*" in one for one in sources)]
    found += [] if policy.get("default-src") == {"'self'"} else ["default-src"]
    found += [] if "'self'" in scripts else ["script-src"]
    page = answer.content.decode()
    return [
        *found,
        *(_faults_in(html.fromstring(page), {one[7:-1] for one in nonces}) if ours and page.strip() else []),
    ]


def _faults_in(page: Any, nonces: set[str]) -> Iterator[str]:
    for script in page.iter("script"):
        if script.get("type") != "application/json" and not script.get("src") and script.get("nonce") not in nonces:
            yield "a script without the nonce"
    for element in page.iter("*"):
        names = [name for name in element.attrib if name.startswith(("on", "hx-on")) or name in {"style", "hx-vars"}]
        yield from (f"<{element.tag} {name}>" for name in names)
        if str(element.get("href") or "").lower().startswith("javascript:"):
            yield "a javascript: link"
    yield from ("a <style>" for _style in page.iter("style"))
    for meta in page.xpath("//meta[@name='htmx-config']"):
        said = json.loads(meta.get("content"))
        yield from (f"htmx: {name}" for name, value in HTMX.items() if said.get(name) != value)


def outside() -> list[str]:
    """Return the addresses outside of hotels that need no argument, from the URLconf."""

    def walk(patterns: Any, before: str) -> Iterator[str]:
        for pattern in patterns:
            path = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, path)
            elif "<" not in path and "^" not in path and "(" not in path:
                yield path

    found = [path for path in walk(get_resolver().url_patterns, "") if path.startswith(OUTSIDE)]
    return [f"/{path}" for path in [*found, "nowhere/", "invitation/none/", "setup/none/none/"]]


def is_html(answer: Any) -> bool:
    """Tell whether a browser would draw the answer."""
    return str(answer.headers.get("Content-Type", "")).startswith("text/html")


def test_no_page_of_a_hotel_lets_anything_run_that_is_not_ours(house: House) -> None:
    client, stranger = browser(house.olga), Client()
    wrong, drawn = {}, 0
    for route, _method in cases("GET"):
        url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
        for who, headers in ((client, {}), (client, {"hx-request": "true"}), (stranger, {})):
            answer = who.get(url, headers=headers)
            if is_html(answer):
                drawn += 1
                if found := faults(answer):
                    wrong[f"{route.name} {headers}"] = sorted(set(found))
    assert wrong == {}
    assert drawn > 2 * len(cases("GET"))


def test_nor_does_any_page_outside_of_hotels(house: House) -> None:
    wrong, drawn = {}, 0
    for client in (browser(house.olga), Client()):
        for url in outside():
            answer = client.get(url)
            if is_html(answer):
                drawn += 1
                if found := faults(answer, ours=not url.startswith(OTHERS)):
                    wrong[url] = sorted(set(found))
    assert wrong == {}
    assert drawn > 20


def test_each_answer_has_a_nonce_of_its_own(house: House) -> None:
    client = browser(house.olga)

    seen = [directives(client.get("/h/SEA/"))["script-src"] for _ in range(2)]

    nonces = [next(iter({one for one in sources if one.startswith("'nonce-")})) for sources in seen]
    assert nonces[0] != nonces[1] and all(len(nonce) > 20 for nonce in nonces)


def test_a_page_of_a_fault_is_bound_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_args: Any, **_facts: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(sys.modules["properties.views.staff"], "staff_rows", breaks)

    answer = browser(house.olga).get("/h/SEA/staff/")

    assert answer.status_code == 500 and is_html(answer)
    assert faults(answer) == []


GOOD = "default-src 'self'; script-src 'self' 'nonce-abc'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("policy", "body"),
    [
        ("", "<p></p>"),
        (GOOD.replace("object-src 'none'; ", ""), "<p></p>"),
        (GOOD.replace("'nonce-abc'", "'unsafe-inline'"), "<p></p>"),
        (GOOD.replace("script-src 'self'", "script-src *"), "<p></p>"),
        (GOOD, "<p><script>1</script></p>"),
        (GOOD, "<p><script nonce='old'>1</script></p>"),
        (GOOD, "<p onclick='go()'></p>"),
        (GOOD, "<p hx-on:click='go()'></p>"),
        (GOOD, "<p style='color:red'></p>"),
        (GOOD, "<a href='JavaScript:go()'></a>"),
        (GOOD, "<div><style>p {}</style></div>"),
        (GOOD, "<html><meta name='htmx-config' content='{\"allowEval\":true}'></html>"),
    ],
)
def test_control_each_fault_is_seen(policy: str, body: str) -> None:
    answer = HttpResponse(body, headers={"Content-Security-Policy": policy})

    assert faults(answer) != []
    assert faults(HttpResponse("<p>good</p>", headers={"Content-Security-Policy": GOOD})) == []
