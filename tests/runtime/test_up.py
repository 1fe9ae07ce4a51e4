"""The one command, whole: with the real servers and a pretended hotel."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import stat
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from pms.runtime.bootstrap import main
from tests.runtime.helpers import Up, eventually

Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.slow
def test_a_start_serves_tells_all_and_stops_within_five_seconds(
    start: Callable[..., Up], manage: Manage, tmp_path: Path
) -> None:
    up = start("--seed")
    said = up.said()
    assert f"The hotel is open: {up.url}" in said
    assert "http://x/setup/abc" in said
    assert "maria@hotel.test" in said
    assert str(up.data) in said
    assert urllib.request.urlopen(up.url).read() == b"web"
    for name in ("secrets.json", "run.json"):
        assert stat.S_IMODE((up.data / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(up.data.stat().st_mode) == 0o700

    # Another command finds the services, as the role that may not change tables.
    shown = manage("show", "--data", str(up.data))
    assert shown.stdout.split() == ["pms_app", "1", "command"], shown.stderr
    # A second start on the same folder is refused in one sentence that says where the first one is.
    second = manage("up", "--data", str(up.data), "--port", "0")
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"already runs on {up.data} at {up.url}" in second.stderr
    # And so is one on the same port with another folder.
    third = manage("up", "--data", str(up.data.with_name("other")), "--port", up.url.rpartition(":")[2])
    assert third.returncode == 1
    assert "is taken by another program. Nothing was started" in third.stderr
    # Servers named in the environment are used, and none is embedded.
    services = up.state()["environment"]
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    guest = start(data=tmp_path / "guest", **{name: services[name] for name in names})
    assert {"postgres", "valkey"}.isdisjoint(guest.state()["pids"])
    assert guest.state()["environment"]["DATABASE_URL"] == services["DATABASE_URL"]
    assert guest.interrupt() <= 5

    everyone = up.everyone()
    assert up.interrupt() <= 5
    assert up.process.returncode == 0, up.said()
    assert not [one for one in everyone if one.is_running()]
    assert not (up.data / "run.json").exists()
    sockets = up.data / "run"  # a long path has them elsewhere
    assert not sockets.exists() or not list(sockets.iterdir())
    gone = manage("show", "--data", str(up.data))
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"Nothing runs on the data folder {up.data}, so `show` was not started.")
    assert manage("version", "--data", str(up.data)).returncode == 0


@pytest.mark.slow
def test_a_killed_start_leaves_no_process_and_the_next_one_heals_itself(
    start: Callable[..., Up], manage: Manage
) -> None:
    first = start()
    everyone = first.everyone()
    keys = (first.data / "secrets.json").read_text()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    eventually(lambda: not [one for one in everyone if one.is_running()], patience=10)

    second = start()
    assert (second.data / "secrets.json").read_text() == keys
    assert "starting again" not in second.said()
    # Whatever dies is started again; callers wait for the web process instead of being refused.
    victims = eventually(lambda: second.state()["pids"] if "beat" in second.state()["pids"] else None)
    del victims["up"]
    for number in victims.values():
        os.kill(number, signal.SIGKILL)
    assert urllib.request.urlopen(second.url, timeout=20).read() == b"web"
    eventually(lambda: not set(victims.values()) & set(second.state()["pids"].values()))
    for name in victims:
        assert f"{name:>8} | ended (SIGKILL); starting again in 0.5 s" in second.said()
    eventually(lambda: manage("show", "--data", str(second.data)).returncode == 0)
    # A process that does not answer the request to end is killed in time.
    everyone = second.everyone()
    os.kill(second.state()["pids"]["web"], signal.SIGSTOP)
    assert 3 < second.interrupt() <= 5
    assert not [one for one in everyone if one.is_running()]


@pytest.mark.slow
def test_a_second_interrupt_stops_at_once(start: Callable[..., Up]) -> None:
    up = start()
    everyone = up.everyone()
    os.kill(up.state()["pids"]["web"], signal.SIGSTOP)  # it cannot answer the first signal
    up.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert up.interrupt() < 1.5
    assert not [one for one in everyone if one.is_running()]


@pytest.mark.slow
def test_a_failed_preparation_stops_everything_with_one_sentence(start: Callable[..., Up]) -> None:
    up = start(wait=False, FAKE_PREPARE_FAILS="1")
    assert up.process.wait(60) == 1
    assert "The database could not be prepared (exit code 3)" in up.said()
    assert "Traceback" not in up.said()
    assert not (up.data / "run.json").exists()


def test_a_full_disk_stops_the_start_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setattr("pms.runtime.up.valkey_in", full)
    assert main(["manage.py", "up", "--data", str(tmp_path / "data"), "--port", "0"]) == 1
    said = capsys.readouterr()
    assert said.err == (
        f"The disk that holds {tmp_path / 'data'} is full. The start was stopped and nothing is lost; "
        "free some space and give the same command again.\n"
    )


def test_a_folder_of_something_else_is_not_touched(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir(mode=0o755)
    (tmp_path / "letters" / "dear-aunt.txt").touch()
    done = manage("up", "--data", str(tmp_path / "letters"), "--port", "0")
    assert done.returncode == 1
    assert "holds files that are not the hotel's. Nothing was started" in done.stderr
    assert stat.S_IMODE((tmp_path / "letters").stat().st_mode) == 0o755
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["dear-aunt.txt"]


def test_a_file_in_the_way_of_the_data_folder_is_one_sentence(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    for wanted in (tmp_path / "data", tmp_path / "data" / "below"):
        done = manage("up", "--data", str(wanted), "--port", "0")
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "Nothing was started" in done.stderr


def test_a_database_of_an_older_major_version_is_left_alone(manage: Manage, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "pg14").mkdir(parents=True)
    (data / "format").write_text("1\n")
    done = manage("up", "--data", str(data), "--port", "0")
    assert done.returncode == 1
    assert "was written by PostgreSQL 14" in done.stderr
    assert "pg_dump" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in data.glob("pg*")] == ["pg14"]


@pytest.mark.parametrize(("layout", "advice"), [("2", "the version that made it"), ("0", "the changelog")])
def test_a_folder_of_another_layout_is_left_alone(manage: Manage, tmp_path: Path, layout: str, advice: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "format").write_text(layout)
    done = manage("up", "--data", str(tmp_path / "data"), "--port", "0")
    assert done.returncode == 1
    assert f"has layout {layout}" in done.stderr
    assert advice in done.stderr
    assert not (tmp_path / "data" / "secrets.json").exists()


def test_damaged_secrets_are_not_replaced(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "format").write_text("1\n")
    (tmp_path / "data" / "secrets.json").write_text("{")
    done = manage("up", "--data", str(tmp_path / "data"), "--port", "0")
    assert done.returncode == 1
    assert "restore it from a backup" in done.stderr
    assert (tmp_path / "data" / "secrets.json").read_text() == "{"


def test_a_taken_port_is_one_sentence(manage: Manage, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        done = manage("up", "--data", str(tmp_path / "data"), "--port", number)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"Port {number} is taken" in done.stderr


def test_a_stale_state_file_does_not_mislead(manage: Manage, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"environment": {"DATABASE_URL": "x", "REDIS_URL": "y"}}))
    (tmp_path / "lock").touch()
    done = manage("show", "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing runs on the data folder")
