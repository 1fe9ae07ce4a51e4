"""A provider of sign-ins that would not be safe stops the start, in a sentence without its secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from pms.settings.sign_in import openid_providers

GOOD: dict[str, Any] = {
    "issuer": "https://id.example",
    "client_id": "desk",
    "client_secret": "hush",
    "domains": ["@Sea.Example"],
}


def read(monkeypatch: Any, *providers: Any) -> list[dict[str, Any]]:
    monkeypatch.setenv("OPENID_PROVIDERS", json.dumps(list(providers)))
    return openid_providers()


def test_none_is_the_usual_case() -> None:
    assert openid_providers() == []


def test_one_by_single_settings(monkeypatch: Any) -> None:
    for name, value in {"ISSUER": "https://id.example", "CLIENT_ID": "desk", "CLIENT_SECRET": "hush"}.items():
        monkeypatch.setenv(f"OPENID_{name}", value)
    monkeypatch.setenv("OPENID_DOMAINS", "sea.example,lake.example")
    (one,) = openid_providers()
    assert one["domains"] == {"sea.example", "lake.example"}
    assert (one["key"], one["name"], one["second_step"]) == ("sso", "id.example", False)


def test_several_by_one_setting(monkeypatch: Any) -> None:
    other = {**GOOD, "key": "other", "issuer": "https://other.example", "second_step": True, "name": "Other"}
    first, second = read(monkeypatch, GOOD, other)
    assert first["domains"] == {"sea.example"} and (second["key"], second["second_step"]) == ("other", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://id.example"},
        {"issuer": "https://id.example?x=1"},
        {"issuer": ""},
        {"client_id": ""},
        {"client_secret": None},
        {"domains": []},
        {"domains": "sea.example"},
        {"key": "a/b"},
        {"second_step": "no"},
    ],
)
def test_what_is_not_safe_stops_the_start(monkeypatch: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, {**GOOD, **wrong})
    assert "hush" not in str(refused.value)


def test_two_of_one_name_or_issuer_do_too(monkeypatch: Any) -> None:
    for other in ({**GOOD, "key": "two"}, {**GOOD, "issuer": "https://two.example"}):
        with pytest.raises(ImproperlyConfigured):
            read(monkeypatch, GOOD, other)
