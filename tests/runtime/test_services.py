"""The servers of the test run: started once, shared by all workers, with the locale that search needs."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import redis

from pms.runtime import pytest_plugin


def test_the_database_compares_and_searches_letters_beyond_ascii() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT show_trgm('Иван') <> '{}', lower('ÄÖÜ')").fetchone()
    assert row == (True, "äöü")


def test_the_running_role_cannot_change_the_schema() -> None:
    with psycopg.connect(os.environ["DATABASE_APP_URL"]) as connection:
        row = connection.execute(
            "SELECT has_schema_privilege('public', 'CREATE'), pg_has_role('pms_owner', 'MEMBER')"
        ).fetchone()
    assert row == (False, False)


def test_redis_answers_at_the_address_of_the_environment() -> None:
    assert redis.Redis.from_url(os.environ["REDIS_URL"]).ping()


def test_a_second_start_in_the_same_run_starts_nothing() -> None:
    before = dict(os.environ)
    running = len(pytest_plugin._servers)
    pytest_plugin.start_services()
    assert len(pytest_plugin._servers) == running
    assert dict(os.environ) == before


def test_the_folders_of_killed_runs_are_swept_and_living_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / "pms-test-dead").mkdir()
    (tmp_path / "pms-test-dead" / "lock").touch()
    (tmp_path / "pms-test-new").mkdir()  # no lock yet: a run that is just starting
    pytest_plugin.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pms-test-new"]
    assert Path(os.environ["PMS_TEST_FOLDER"]).exists()
