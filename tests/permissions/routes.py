"""Every address of the house, read from the URLconf, and what stands for its arguments.

A new page needs nothing here unless its address has an argument of a new kind: then `tests/permissions/house.py` must
say which row of the hotel it means. An address that is no hotel page must be named in `NOT_HOTEL_PAGES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

# Addresses that no right at a hotel guards, by how they begin, each with what does guard it.
NOT_HOTEL_PAGES: Mapping[str, str] = {
    "healthz": "for load balancers: says nothing about any hotel",
    "readyz": "for load balancers: says nothing about any hotel",
    "metrics": "a token or an allowed address; figures of the installation (tests/pages/test_metrics.py)",
    "setup/": "the first run: a signed link, and only while nobody can sign in (tests/domain/properties/test_setup.py)",
    "invitation/": "a mailed link for one address (tests/pages/properties/test_invitation_pages.py)",
    "support/": "people of the support, and their visits (tests/permissions/test_support.py)",
    "account/": "allauth: one's own account only",
    "admin/": "Django's administration: is_staff and the model scopes of properties/admin_scope.py",
    "identity/": "tokens for programs (tests/api)",
    "api/": "scopes and hotels of a program (tests/api/test_matrix.py)",
    "^api/": "the answer to addresses of the API that do not exist",
}
# Acts that ask for a second right beside the view's own (`require` of properties/http.py).
ALSO: Mapping[tuple[str, str], frozenset[str]] = {
    # A history is for those to whom the page of its row is open; here a room's.
    ("properties:show_history", "GET"): frozenset({"room_view"}),
    # The question before a check-in into a room that is not ready is only for those who may answer yes.
    ("reservations:check_in", "GET"): frozenset({"room_override"}),
    # Who sees prices does not set them.
    ("reservations:list_rates", "POST"): frozenset({"rate_change"}),
    # Who sees rooms does not close them.
    ("reservations:list_closed_rooms", "POST"): frozenset({"room_close"}),
    # A new secret is for those who may do themselves all that the program may; here it reads rooms.
    ("properties:rotate_api_client", "GET"): frozenset({"room_view"}),
    ("properties:rotate_api_client", "POST"): frozenset({"room_view"}),
    # Whoever corrects a guest reads what stands there.
    ("reservations:change_guest", "GET"): frozenset({"guest_view", "reservation_view"}),
    ("reservations:change_guest", "POST"): frozenset({"guest_view", "reservation_view"}),
    ("reservations:undo_guest", "POST"): frozenset({"guest_view", "reservation_view"}),
    # An invoice names whom it is written to.
    ("folios:issue_invoice", "GET"): frozenset({"guest_view"}),
    ("folios:issue_invoice", "POST"): frozenset({"guest_view"}),
    ("folios:download_invoice", "GET"): frozenset({"guest_view"}),
}
# Pages that hand out a document: who reads it leaves an entry of the audit log, and nothing else.
DOCUMENTS = frozenset({"folios:download_invoice", "properties:export_audit"})
HOTEL = "h/<slug:code>/"
HOME = ""  # leads to the person's first hotel; tests/pages/properties
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One hotel page: its address, the right it asks for, and the methods it answers."""

    name: str
    path: str
    right: str
    methods: tuple[str, ...]

    def arguments(self) -> dict[str, str]:
        """Return the name of each argument and the kind that fills it: the part of the address before it and itself."""
        parts = [part for part in self.path.split("/") if part]
        found, last = {}, ""
        for part in parts:
            argument = ARGUMENT.fullmatch(part)
            if argument is None:
                last = part
            elif argument[2] != "code":
                found[argument[2]] = f"{last}/{argument[2]}"
        return found

    def matches(self, path: str) -> bool:
        """Tell whether an address is this page's."""
        return re.fullmatch("/" + ARGUMENT.sub("[^/]+", self.path), path) is not None

    def url(self, code: str, values: Mapping[str, Any]) -> str:
        """Return the address at the hotel `code` with these arguments."""
        return "/" + ARGUMENT.sub(lambda found: str({**values, "code": code}[found[2]]), self.path)


def addresses() -> Iterator[tuple[str, str, Any]]:
    """Return path, name and view of every address."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: Any, prefix: str, space: str) -> Iterator[tuple[str, str, Any]]:
    for one in patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield path, space + (one.name or "?"), one.callback
        elif isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path, space + (f"{one.namespace}:" if one.namespace else ""))


def unlisted() -> list[str]:
    """Return the addresses that are neither a hotel page nor named with a reason."""
    return [
        path
        for path, _name, _view in addresses()
        if not path.startswith(HOTEL) and path != HOME and not any(path.startswith(start) for start in NOT_HOTEL_PAGES)
    ]


@cache
def pages() -> tuple[Route, ...]:
    """Return every hotel page; of two at one address the first, which is the one that answers."""
    found: dict[str, Route] = {}
    for path, name, view in addresses():
        if path.startswith(HOTEL) and path not in found:
            found[path] = Route(name, path, str(getattr(view, "right", "")), _methods(view))
    return tuple(found.values())


def _methods(view: Any) -> tuple[str, ...]:
    """Ask the view itself: `at_hotel` refuses an unknown method before it looks at anything else."""
    if not hasattr(view, "right"):
        return ()
    refusal = view(RequestFactory().generic("PROPFIND", "/"), code="NONE")
    return tuple(method for method in refusal["Allow"].split(", ") if method != "HEAD")


def cases(*methods: str) -> list[tuple[Route, str]]:
    """Return page and method for every page that answers it."""
    return [(route, method) for route in pages() for method in route.methods if not methods or method in methods]


def name_of(case: Any) -> str:
    """Return what pytest calls a case."""
    return f"{case[1]} {case[0].name}" if isinstance(case, tuple) else str(case)
