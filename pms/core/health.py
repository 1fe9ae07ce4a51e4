"""Health of one process: `/healthz` says it answers, `/readyz` that it can serve (database, migrations, Redis)."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

# Once all migrations were seen applied, this process need not look again: the code it runs does not change.
_migrated = False


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200: the process is alive. Asks nobody else, so a slow database restarts no web process."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 with each part "ok", or 503 with the reason beside the part that is not."""
    found = parts()
    ready = all(state == "ok" for state in found.values())
    response = JsonResponse({"ready": ready, "parts": found}, status=200 if ready else 503)
    if not ready:
        response["Retry-After"] = "1"
    return response


def parts() -> dict[str, str]:
    """Return the state of each part: "ok", or the reason why not."""
    return {name: _state(check) for name, check in CHECKS.items()}


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, redis.RedisError) as error:
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are missing: run manage.py migrate"
        _migrated = True
    return "ok"


def _redis() -> str:
    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1).ping()
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "migrations": _migrations, "redis": _redis}
