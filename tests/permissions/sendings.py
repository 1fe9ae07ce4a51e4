"""What the pages of the house would send: every form and link, and the same again with keys of another hotel in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import lxml.html
from django.test import Client

from tests.permissions.house import House, values_for
from tests.permissions.routes import cases

KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
HERE = "/h/SEA/"
Fields = tuple[tuple[str, str], ...]
Swaps = Mapping[str, str]


@dataclass(frozen=True, order=True)
class Sending:
    """One request of a page: a form or a link, with what it carries."""

    method: str
    path: str
    fields: Fields

    def swapped(self, swaps: Swaps) -> Iterator[Sending]:
        """Yield the request with one key after the other replaced; keys in the address have tests of their own."""
        for place, (name, value) in enumerate(self.fields):
            for part, text in enumerate((name, value)):
                for key in sorted(set(KEY.findall(text)) & swaps.keys()):
                    pair = [name, value]
                    pair[part] = text.replace(key, swaps[key])
                    fields = (*self.fields[:place], (pair[0], pair[1]), *self.fields[place + 1 :])
                    yield Sending(self.method, self.path, fields)

    def send(self, client: Client) -> Any:
        """Send it as a page would."""
        data: dict[str, list[str]] = {}
        for name, value in self.fields:
            data.setdefault(name, []).append(value)
        send = client.get if self.method == "GET" else client.post
        return send(self.path, data, headers={"hx-request": "true"})

    def __str__(self) -> str:
        """Say what was sent, without its values."""
        return f"{self.method} {self.path} {[name for name, _value in self.fields]}"


def all_swapped(sent: Iterable[Sending], swaps: Swaps) -> list[Sending]:
    """Return each request with each of its keys replaced, once, always in the same order."""
    return sorted({swapped for one in sent for swapped in one.swapped(swaps)})


def harvest(house: House, client: Client) -> list[Sending]:
    """Return everything that the pages and dialogs of SEA would send, once each."""
    found: set[Sending] = set()
    for route, _method in cases("GET"):
        url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
        answer = client.get(url)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            found |= sendings(answer.content.decode(), url)
    return sorted(found)


def sendings(html: str, page: str) -> set[Sending]:
    """Return what the forms and links of a page would send."""
    if not html.strip():
        return set()
    root, found = lxml.html.fromstring(f"<div>{html}</div>"), set()
    for form in root.iter("form"):
        path = form.get("hx-post") or form.get("hx-get") or form.get("action") or page
        posts = form.get("hx-post") or (form.get("method") or "").lower() == "post"
        for fields in _filled(form):
            found.add(_sending("POST" if posts else "GET", path, fields))
    for element in root.iter("a", "button", "select", "input"):
        for name, method in (("href", "GET"), ("hx-get", "GET"), ("hx-post", "POST")):
            path = element.get(name) or ""
            if "?" in path:
                found.add(_sending(method, path, []))
    return {one for one in found if one.path.startswith(HERE) and one.fields}


def _sending(method: str, path: str, fields: list[tuple[str, str]]) -> Sending:
    parts = urlsplit(path)
    return Sending(method, parts.path, (*parse_qsl(parts.query, keep_blank_values=True), *fields))


def _filled(form: Any) -> Iterator[list[tuple[str, str]]]:
    """Yield the form as each of its buttons would send it."""
    fields = []
    for field in form.iter("input", "select", "textarea"):
        name = field.get("name")
        if name and name != "csrfmiddlewaretoken":
            fields.append((name, _chosen(field) if field.tag == "select" else field.get("value") or field.text or ""))
    buttons = [(one.get("name"), one.get("value", "")) for one in form.iter("button") if one.get("name")]
    if not buttons:
        yield fields
    for button in buttons:
        yield [*fields, button]


def _chosen(select: Any) -> str:
    """Return the last option that means something: the first is often the empty one."""
    options = [option.get("value", "") for option in select.iter("option")]
    return next((one for one in reversed(options) if one), "")
