"""A start that would not be safe is refused in one sentence; a production start passes Django's own examination."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from . import house

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "pms.settings.base",
    "SECRET_KEY": "a-production-key-of-more-than-fifty-characters-0123456789-abcdefghij",
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS0zMi1ieXRlcy1sb25nLWtleS0xMjM=",
    "DATABASE_URL": "postgres://pms_app@localhost/pms",
    "REDIS_URL": "redis://localhost:6379/0",
    "SITE_URL": "https://hotel.example",
    "ALLOWED_HOSTS": "hotel.example",
}
IMPORT_SETTINGS = "from django.conf import settings; settings.DEBUG"


def run(*arguments: str, without: str = "", **changed: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a production environment, without one of its variables or with others."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(house.ROOT), **PRODUCTION, **changed}
    environment.pop(without, None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=house.ROOT, env=environment, capture_output=True, text=True, check=False
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the sentence with which a start ended."""
    return (done.stderr.strip().splitlines() or [""])[-1].partition("ImproperlyConfigured: ")[2]


def test_control_a_complete_environment_starts():
    done = run("-c", IMPORT_SETTINGS)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_start_without_a_necessary_variable_is_refused(name: str):
    done = run("-c", IMPORT_SETTINGS, without=name)

    assert done.returncode != 0
    assert last_line(done).startswith(f"{name} is not set: ")
    assert last_line(done).endswith("Nothing was started.")


def test_a_start_with_debug_is_refused():
    done = run("-c", IMPORT_SETTINGS, DEBUG="1")

    assert done.returncode != 0
    assert last_line(done).startswith("DEBUG is on. ")


def test_a_production_start_passes_the_deployment_checks():
    done = run("-m", "django", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_control_the_deployment_checks_see_plain_http():
    done = run("-m", "django", "check", "--deploy", "--fail-level", "WARNING", SITE_URL="http://hotel.example")

    assert done.returncode != 0
    assert "security.W012" in done.stderr


def test_the_first_code_needs_nothing_but_python():
    program = f"import sys; sys.path.insert(0, {str(house.ROOT)!r}); import pms.runtime.bootstrap"

    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
