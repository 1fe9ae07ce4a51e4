"""Whose address stands in the audit log and meets the limits of sign-in, with a proxy in front and without."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.core.models import AuditEntry
from properties.models import Property, Room

SPOOFED = "198.51.100.7, 203.0.113.9"


def marked_from(client: Client, room: Room) -> str | None:
    marked = {"condition": "dirty", "version": room.version}
    client.post(f"/h/SEA/rooms/{room.pk}/mark/", marked, headers={"X-Forwarded-For": SPOOFED})
    entry = AuditEntry.objects.filter(object_pk=str(room.pk)).order_by("-pk").first()
    assert entry is not None and entry.changes["condition"] == ["clean", "dirty"]
    return entry.remote_addr


@pytest.mark.parametrize(("proxy", "address"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_the_audit_log_keeps_whom_the_proxy_saw(
    client: Client, hotel: Property, room: Room, hugo: User, settings: Any, proxy: bool, address: str
) -> None:
    settings.BEHIND_PROXY = proxy
    client.force_login(hugo)

    assert marked_from(client, room) == address


def test_an_address_that_is_none_is_passed_over(client: Client, hotel: Property, settings: Any) -> None:
    settings.BEHIND_PROXY = True

    answer = client.get("/account/login/", headers={"X-Forwarded-For": "203.0.113.9, <script>"})

    assert answer.status_code == 200
    assert answer.wsgi_request.META["REMOTE_ADDR"] == "127.0.0.1"
