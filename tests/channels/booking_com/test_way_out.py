"""The way out to channels: never inside a transaction, never into our own network, never without end."""

from __future__ import annotations

import socket

import pytest

from channel_manager import outbound
from channel_manager.errors import ChannelAddressForbidden, ChannelUnreachable
from channel_manager.outbound import InsideTransaction
from tests.factories.channels import Sandbox


@pytest.mark.django_db(transaction=True)
def test_no_call_inside_a_transaction(site: Sandbox):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(InsideTransaction):
        outbound.call("GET", f"{site.url}/healthz")
    assert outbound.call("GET", f"{site.url}/healthz").body == b"ok"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://169.254.169.254/", "http://[::1]:9/"]
)
def test_our_own_network_is_out_of_reach_in_production(db, settings, url: str):
    settings.SECURE = True

    with pytest.raises(ChannelAddressForbidden):
        outbound.call("GET", url)


@pytest.mark.parametrize("public", ["8.8.8.8", "2606:4700::1111"])
@pytest.mark.parametrize(
    "inside",
    [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fd00::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:224.0.0.1", "::7f00:1",
        "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::e000:1", "64:ff9b:1::a00:1",
        "2002:a00:1::", "2002:7f00:1::1", "2002:a9fe:a9fe::", "2002:e000:1::", "2001:0:a00:1::",
    ],
)  # fmt: skip
def test_no_spelling_of_an_inner_address_passes_and_one_among_public_ones_is_enough(
    db, settings, monkeypatch, inside: str, public: str
):
    settings.SECURE = True
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 9)) for address in (public, inside)]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *_args, **_more: found)

    assert not outbound.is_public(inside)
    with pytest.raises(ChannelAddressForbidden):
        outbound.call("GET", "http://channel.example/")


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]
)
def test_control_public_addresses_pass(address: str):
    assert outbound.is_public(address)


def test_the_sandbox_is_the_one_exception(db, settings, site: Sandbox):
    settings.SECURE, settings.OTA_SANDBOX_URL = True, site.url

    assert outbound.call("GET", f"{site.url}/healthz").status == 200


def test_an_answer_without_end_is_cut(db, site: Sandbox, monkeypatch):
    monkeypatch.setattr(outbound, "MOST_BYTES", 100)

    with pytest.raises(ChannelUnreachable, match="more than 100 bytes"):
        outbound.call("GET", site.url)
