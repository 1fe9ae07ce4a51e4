"""What the pages of the house would send: every form and link, and the same again with keys of another hotel in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import lxml.html
from django.test import Client

from tests.permissions.foreign import KEY
from tests.permissions.house import House, values_for
from tests.permissions.routes import cases

HERE = "/h/SEA/"
Fields = tuple[tuple[str, str], ...]
Swaps = Mapping[str, str]
# What somebody types into a field that a page leaves empty, by the end of its name, so that the form is accepted.
TYPED: Mapping[str, str] = {
    "first_name": "Ken", "last_name": "Ito", "name": "Kiosk", "email": "ken@ito.example", "reason": "Mistyped",
    "amount": "1.00", "code": "new", "number": "599", "hotel_id": "12345", "base_url": "http://127.0.0.1:9",
    "poll_seconds": "1", "account_client_id": "kiosk", "account_client_secret": "secret", "since": "2026-03-20",
    "receiver": "house.gone", "toggles": "own_night_porter:room_view:1", "street": "Quay 1", "postal_code": "24103",
    "city": "Kiel", "country": "DE", "phone": "+49 431 1", "tax_number": "DE1", "pasted": "number;type\n599;SUI",
}  # fmt: skip
# What a page sends by script, or from a step that a furnished house is not at.
SCRIPTED: Mapping[str, Fields] = {
    "properties:replay_lane": (("receiver", "house.gone"),),
    "properties:change_roles": (("toggles", "own_night_porter:room_view:1"),),
    "properties:mark_room": (("condition", "dirty"), ("version", "1")),
    "housekeeping:mark_room": (("condition", "dirty"), ("version", "1")),
}


@dataclass(frozen=True, order=True)
class Sending:
    """One request of a page: a form or a link, with what it carries."""

    method: str
    path: str
    fields: Fields

    def swapped(self, swaps: Swaps) -> Iterator[tuple[Sending, str]]:
        """Yield the request with one key or name after the other replaced, in its address too, and what it was."""
        for key in sorted(set(KEY.findall(self.path)) & swaps.keys()):
            yield Sending(self.method, self.path.replace(key, swaps[key]), self.fields), key
        for place, pair in enumerate(self.fields):
            for part, text in enumerate(pair):
                for key in sorted({*KEY.findall(text), text} & swaps.keys()):
                    changed = tuple(one.replace(key, swaps[key]) if n == part else one for n, one in enumerate(pair))
                    fields = (*self.fields[:place], (changed[0], changed[1]), *self.fields[place + 1 :])
                    yield Sending(self.method, self.path, fields), key

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


def harvest(house: House, client: Client) -> list[Sending]:
    """Return everything that the pages and dialogs of SEA would send, once each; and every other act, as it is."""
    found: set[Sending] = set()
    for route, _method in cases("GET"):
        url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
        answer = client.get(url)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            found |= sendings(answer.content.decode(), url)
    seen = {one.path for one in found if one.method == "POST"}
    for route, _method in cases("POST"):
        url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
        if route.name in SCRIPTED or not any(route.matches(path) for path in seen):
            found.add(Sending("POST", url, SCRIPTED.get(route.name, ())))
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
            if path == page and not fields:
                continue  # its buttons say where it goes
            found.add(_sending("POST" if posts else "GET", path, _typed(fields) if posts else fields))
    for element in root.iter("a", "button", "select", "input"):
        for name, method in (("href", "GET"), ("hx-get", "GET"), ("hx-post", "POST"), ("formaction", "POST")):
            path = element.get(name) or ""
            if "?" in path or (method == "POST" and path):
                found.add(_sending(method, path, []))
    return {one for one in found if one.path.startswith(HERE) and (one.fields or one.method == "POST")}


def _typed(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields with something typed into what is empty; a price stands where a room type is the name."""
    return [(name, value.strip() or _typed_into(name)) for name, value in fields]


def _typed_into(name: str) -> str:
    if KEY.fullmatch(name):
        return "99.00"
    return "" if name.startswith("seen") else TYPED.get(name.rpartition("-")[2], "")


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
