"""The servers of the test run: started once, shared by all workers, with the locale that search needs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import pytest
import redis

from pms.runtime import pytest_plugin, services


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


@pytest.mark.parametrize("namespaces", [True, False], ids=["by namespace", "by dropping root"])
def test_the_server_never_runs_as_root_and_its_folder_stays_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, namespaces: bool
) -> None:
    if not namespaces:
        monkeypatch.setenv("PMS_NO_USER_NAMESPACE", "1")
    server = services.postgres_in(tmp_path, durable=False)
    service = services.postgres_service(server, tmp_path)
    process = services.start(service)
    try:
        services.wait_until_ready(service, process)
        server.prepare_database()
        with psycopg.connect(server.url("pms_app")) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("pms_app",)
        if os.geteuid() == 0 and not namespaces:
            assert Path(f"/proc/{process.pid}").stat().st_uid != 0
        assert server.data.stat().st_mode & 0o077 == 0
        assert server.sockets.stat().st_mode & 0o077 == 0
    finally:
        services.stop(service, process)
        if server.data.parent != tmp_path:
            shutil.rmtree(server.data.parent)


def test_the_pid_file_of_a_killed_server_whose_number_has_a_new_bearer_is_forgotten(tmp_path: Path) -> None:
    server = services.postgres_in(tmp_path, durable=False)
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    server.clear_leftovers()
    assert not (server.data / "postmaster.pid").exists()


def test_a_long_or_odd_folder_gets_short_plain_sockets(tmp_path: Path) -> None:
    for name in ("x" * 90, "Hotel, Zürich"):
        folder = tmp_path / name
        folder.mkdir()
        place = services.socket_folder(folder)
        assert len(os.fsencode(place)) <= 80
        assert place.stat().st_mode & 0o777 == 0o700
        assert place == services.socket_folder(folder)
        place.rmdir()
