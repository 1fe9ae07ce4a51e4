"""Error reports: what arrives at a server that speaks Sentry's language, and what must never arrive there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pms.core.redaction import redact_for_strangers
from tests.domain.core.collector import collector
from tests.domain.core.reporting_house import ASK, PLANTED

ROOT = Path(__file__).resolve().parents[3]


def break_the_house(how: str) -> str:
    """Return all that a broken page sends."""
    with collector() as (place, heard):
        dsn = f"http://public@{place}/1"
        names = {"DJANGO_SETTINGS_MODULE": "pms.settings.test", "DSN": dsn}
        names |= {"SENTRY_DSN": dsn if how == "filtered" else ""}
        done = subprocess.run(
            [sys.executable, "-c", ASK, how], cwd=ROOT, env={**os.environ, **names}, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return "\n".join(body.decode() for body in heard)


def test_a_report_tells_of_the_error_and_of_nobody() -> None:
    told = break_the_house("filtered")

    assert "Cannot charge" in told
    assert "/h/SEA/pay/" in told
    assert [planted for planted in PLANTED if planted in told] == []
    event = next(json.loads(line) for line in told.splitlines() if '"exception"' in line)
    assert event["request"] == {"method": "POST", "url": "http://house.example/h/SEA/pay/"}
    assert len(event["tags"]["request_id"]) == 32


def test_control_without_the_filter_everything_arrives() -> None:
    told = break_the_house("control")

    assert [planted for planted in PLANTED if planted not in told] == []


def test_without_an_address_the_library_is_not_even_loaded() -> None:
    ask = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    names = {**os.environ, "DJANGO_SETTINGS_MODULE": "pms.settings.test", "SENTRY_DSN": ""}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=names, capture_output=True, text=True, timeout=90, check=True
    )

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("write to lena.fort@example.org now", "write to [hidden] now"),
        ("call +49 170 1234567", "call [hidden]"),
        ("call 0170 123456", "call [hidden]"),
        ("stay 2026-11-22 – 2026-11-24, room 204", "stay 2026-11-22 – 2026-11-24, room 204"),
        ("id 01a2050e-8905-71d5-8900-62c228e11c08", "id 01a2050e-8905-71d5-8900-62c228e11c08"),
        (
            {"guest_name": "x", "card_number": "y", "route": "z"},
            {"guest_name": "[hidden]", "card_number": "[hidden]", "route": "z"},
        ),
    ],
)
def test_what_strangers_may_read(text: Any, clean: Any) -> None:
    assert redact_for_strangers(text) == clean
