"""Builds a small checkout whose hotel is four files, so that starting it takes two seconds instead of eight."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

SETTINGS = """
import os
from pathlib import Path
SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["pms.hotel"]
DATABASE_URL = os.environ["DATABASE_URL"]
USE_TZ = True
CELERY_TASK_IGNORE_RESULT = True
_redis = os.environ["REDIS_URL"]
CELERY_BROKER_URL = _redis.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
"""
ASGI = """
import os

async def application(scope, receive, send):
    assert scope["type"] == "http", scope
    if scope["path"] == "/die":
        os._exit(3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": os.environ["PMS_PROCESS"].encode()})
"""
CELERY = """
from celery import Celery
app = Celery("pms")
app.config_from_object("pms.settings.base", namespace="CELERY")
"""
PREPARE = """
import json, os
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--report")
        parser.add_argument("--seed", action="store_true")

    def handle(self, **options):
        import psycopg
        assert os.environ["PMS_PROCESS"] == "owner"
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS bell (rung int)")
            connection.execute("INSERT INTO bell VALUES (1)")
        if os.environ.get("FAKE_PREPARE_FAILS"):
            raise SystemExit(3)
        person = {"name": "Maria", "email": "maria@hotel.test", "password": "secret", "role": "housekeeper"}
        people = [person] if options["seed"] else []
        report = {"setup_url": "http://x/setup/abc", "sign_ins": people, "messages": ["Hi."]}
        with open(options["report"], "w") as file:
            json.dump(report, file)
"""
SHOW = """
import os
from django.core.management.base import BaseCommand

class Command(BaseCommand):
    def handle(self, **options):
        import psycopg
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            user, rung = connection.execute("SELECT current_user, count(*) FROM bell").fetchone()
        self.stdout.write(f"{user} {rung} {os.environ['PMS_PROCESS']}")
"""


def build(target: Path) -> Path:
    """Fill `target` with the real runtime and a pretended hotel; return it."""
    shutil.copytree(ROOT / "pms/runtime", target / "pms/runtime", ignore=shutil.ignore_patterns("__pycache__"))
    files = {
        "pms/__init__.py": "",
        "pms/settings/__init__.py": "",
        "pms/settings/base.py": SETTINGS,
        "pms/asgi.py": ASGI,
        "pms/celery.py": CELERY,
        "pms/hotel/__init__.py": "",
        "pms/hotel/management/__init__.py": "",
        "pms/hotel/management/commands/__init__.py": "",
        "pms/hotel/management/commands/prepare.py": PREPARE,
        "pms/hotel/management/commands/show.py": SHOW,
    }
    for name, content in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(content)
    for name in ("manage.py", "requirements.lock", "tests/requirements.lock"):
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, target / name)
    (target / ".venv").symlink_to(Path(sys.prefix))
    return target
