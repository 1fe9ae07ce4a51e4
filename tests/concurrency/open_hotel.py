"""A whole hotel for tests: `manage.py up --seed` with servers of its own, and a partner's program that calls it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.runtime.helpers import bare_environment, eventually, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
OPENING = 120


@dataclass
class OpenHotel:
    """The running hotel: its address, its data folder, and a token that may do everything."""

    process: subprocess.Popen[bytes]
    url: str
    data: Path
    said: Path
    token: str = ""

    @property
    def api(self) -> str:
        """Return where the hotel's own part of the API begins."""
        return f"{self.url}/api/v1/properties/SEA"

    @property
    def sandbox(self) -> str:
        """Return the address of the pretended booking site."""
        state = json.loads((self.data / "run.json").read_text())
        address: str = state["environment"]["OTA_SANDBOX_URL"]
        return address

    def take_token(self, name: str = "Race") -> None:
        """Become a partner of SEA who may do everything, under the name that the hotel reads."""
        self.token = _token(self, name)

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers of the partner."""
        return {"Authorization": f"Bearer {self.token}", **more}

    def get(self, path: str, **query: Any) -> Any:
        """Read from the API."""
        answer = httpx.get(f"{self.api}/{path}", params=query, headers=self.headers(), timeout=60)
        answer.raise_for_status()
        return answer.json()

    def manage(self, *arguments: str) -> str:
        """Run a command of the hotel and return what it printed."""
        command = [sys.executable, "manage.py", *arguments, "--data", str(self.data)]
        return subprocess.run(
            command, cwd=ROOT, env=bare_environment(), check=True, capture_output=True, text=True, timeout=120
        ).stdout

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run SQL as the owner of the hotel's database."""
        state = json.loads((self.data / "run.json").read_text())
        url = state["environment"]["DATABASE_OWNER_URL"]
        with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as line:
            cursor = line.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def open_hotel(folder: Path, *options: str, **environment: str) -> Iterator[OpenHotel]:
    """Open the seeded hotel in `folder`, wait until it is ready, and close it in the end.

    Servers that `environment` names (`DATABASE_URL`, `DATABASE_OWNER_URL`, `REDIS_URL`) are used, not started.
    """
    with open_house(folder, "--seed", *options, **environment) as hotel:
        hotel.take_token()
        yield hotel


@contextmanager
def open_house(folder: Path, *options: str, **environment: str) -> Iterator[OpenHotel]:
    """Open an installation without any hotel in `folder`, wait until it is ready, and close it in the end."""
    port, data, said = free_port(), folder / "data", folder / "said.txt"
    command = [sys.executable, "manage.py", "up", "--port", str(port), "--data", str(data), *options]
    with said.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=bare_environment(**environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    hotel = OpenHotel(process, f"http://127.0.0.1:{port}", data, said)
    try:
        eventually(lambda: _ready(hotel), OPENING)
        yield hotel
    finally:
        process.terminate()
        process.wait(30)


def sign_in(hotel: OpenHotel, client: httpx.Client) -> httpx.Response:
    """Sign Anna, of the seeded staff, in and return the answer."""
    found = re.search(r"(anna@sea\.example)\s+(\S+)", hotel.said.read_text())
    form = client.get("/h/SEA/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    assert found and token
    values = {"login": found[1], "password": found[2], "csrfmiddlewaretoken": token[1]}
    return client.post(str(form.url), data=values, headers={"Referer": hotel.url})


def _ready(hotel: OpenHotel) -> bool:
    assert hotel.process.poll() is None, hotel.said.read_text()
    time.sleep(0.2)
    try:
        return httpx.get(f"{hotel.url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _token(hotel: OpenHotel, name: str) -> str:
    made = json.loads(hotel.manage("api_client", "create", "--name", name, "--property", "SEA", "--scope", "*"))
    form = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "scope": "*",
    }
    url = made["token_url"]
    answer = httpx.post(url if url.startswith("http") else f"{hotel.url}{url}", data=form, timeout=60)
    answer.raise_for_status()
    token: str = answer.json()["access_token"]
    return token
