"""No log line holds an address that lets somebody in or takes something back, whether the page refused or failed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.core import redaction
from pms.settings.logs import logging_config
from properties.models import Property
from tests.clients import signed_in
from tests.permissions.routes import ARGUMENT, addresses

TOKEN = "eyJrZXkiOiJ2YWx1ZSJ9:1vNabc:Zx-Y_w0"
SOME_KEY = "0190b3c0-0000-7000-8000-000000000000"
PLAIN = {"code": "SEA", "pk": SOME_KEY, "guest_pk": SOME_KEY, "uidb36": "1", "key": TOKEN, "token": TOKEN}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log of a real start would hold."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logging_config(level="INFO", pretty=False)
    stream = io.StringIO()
    for handler in root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
    yield stream
    root.handlers, root.level = handlers, level


def secret_addresses() -> list[str]:
    """Return every address of the house with a token in it."""
    found = [path for path, _name, _view in addresses() if "token>" in path]
    return ["/" + ARGUMENT.sub(lambda one: PLAIN[one[2]], path) for path in found]


@pytest.mark.parametrize("twin", [False, True], ids=["redacted", "plain"])
def test_refused_links_leave_no_token_in_the_log(
    hotel: Property, olga: User, written: io.StringIO, monkeypatch: Any, twin: bool
) -> None:
    if twin:
        monkeypatch.setattr(redaction, "_without_keys", lambda text: text)
    paths = [*secret_addresses(), f"/account/password/reset/key/1-{TOKEN}/", f"/nowhere/undo/{TOKEN}/"]
    assert len(paths) >= 8
    browser = signed_in(olga)
    for path in paths:
        assert browser.get(path).status_code < 500
        assert browser.post(path).status_code < 500
    lines = written.getvalue()
    assert "undo" in lines and (TOKEN in lines) is twin


@pytest.mark.parametrize("twin", [False, True], ids=["redacted", "plain"])
def test_a_page_that_fails_leaves_none_either(
    hotel: Property, olga: User, written: io.StringIO, monkeypatch: Any, twin: bool
) -> None:
    if twin:
        monkeypatch.setattr(redaction, "_without_keys", lambda text: text)

    def broken(*_what: Any, **_more: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("pms.accounts.own_pages.notice_of", broken)
    browser = Client(raise_request_exception=False)
    assert browser.get(f"/account/not-me/{TOKEN}/?code={TOKEN}").status_code == 500
    assert browser.get(f"/nowhere/undo/{TOKEN}/").status_code == 404
    lines = written.getvalue()
    assert "not-me" in lines or "undo" in lines
    assert (TOKEN in lines) is twin
