"""A pretended checkout, and a way to start it and to be sure that nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.fake_checkout import build
from tests.runtime.helpers import Up, bare_environment, eventually, free_port


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real runtime and a pretended hotel."""
    return build(tmp_path / "checkout")


@pytest.fixture
def manage(checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `manage.py` with arguments to its end."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(checkout / "manage.py"), *arguments],
            env=bare_environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return call


@pytest.fixture
def start(checkout: Path, tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Start `up`, wait until it is ready; whatever still lives is killed at the end."""
    started: list[Up] = []

    def begin(*arguments: str, data: Path | None = None, wait: bool = True, **environment: str) -> Up:
        data, port = data or tmp_path / "data", free_port()
        output = tmp_path / f"output-{len(started)}"
        with output.open("w") as target:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(port), *arguments],
                cwd=checkout,
                env=bare_environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=subprocess.STDOUT,
                text=True,
            )
        up = Up(process, data, f"http://127.0.0.1:{port}", output)
        started.append(up)
        if wait:
            eventually(lambda: "The hotel is open" in up.said() or process.poll() is not None, 60)
            assert process.poll() is None, up.said()
        return up

    yield begin
    for up in started:
        if up.process.poll() is None:
            everyone = up.everyone()
            for one in everyone:
                os.kill(one.pid, signal.SIGKILL)
            up.process.wait(10)
