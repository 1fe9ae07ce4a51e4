"""Reads the environment into settings, and refuses a production start that would not be safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# Processes that keep a connection pool. Celery forks: a pool opened before the fork starves the child
# (architecture.md 11), so workers keep one persistent connection instead.
POOLED = frozenset({"web"})
# Connections of a web process. Two thirds are for requests, the rest for the sockets of pages and the hub that draws
# for them: who is let in never waits for a connection, so an error of the pool means that the database is truly away.
POOL_SIZE = max(2, env.int("DATABASE_POOL_SIZE", default=24))
REQUESTS_AT_WORK = max(1, POOL_SIZE * 2 // 3)

TIMEOUTS = {
    # One stuck client must not stop a hotel (reliability.md, design rule 5).
    "web": "-c lock_timeout=3s -c statement_timeout=5s -c idle_in_transaction_session_timeout=30s",
    "worker": "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
}


def required(name: str, *, why: str) -> str:
    """Return the variable `name`, or stop the start with one clear sentence."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}. Nothing was started.")
    return value


def database(url: str, *, process: str) -> dict[str, Any]:
    """Return Django's settings of the database at `url`, with the pool and time-outs of this process."""
    config: dict[str, Any] = env.db_url_config(url)
    parts = urlsplit(url)
    if "%2F" in parts.netloc.upper():  # a socket folder in the host part, percent-encoded as libpq writes it
        config["HOST"] = unquote(parts.netloc.rpartition("@")[2])
    options = dict(config.pop("OPTIONS", {}))
    if "host" in options:
        config["HOST"] = options.pop("host")
    options["options"] = TIMEOUTS.get(process, TIMEOUTS["worker"])
    options.setdefault("application_name", f"pms {process}")  # whose connection it is, in pg_stat_activity
    if process in POOLED:
        options["pool"] = {
            "min_size": 1,
            "max_size": POOL_SIZE,
            "timeout": 5,
            # Attempts double their pauses up to this: by default a database that was away for minutes is met again
            # minutes after it is back. Whoever needs a connection later begins a new attempt.
            "reconnect_timeout": 3,
        }
        config["CONN_MAX_AGE"] = 0
    else:
        config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True  # after a restart each old connection would cost somebody a 503
    return {**config, "ENGINE": "django.db.backends.postgresql", "OPTIONS": options}


def celery_broker(redis_url: str) -> str:
    """Return `redis_url` as Celery writes it: a Unix socket has another scheme there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def email(url: str) -> dict[str, Any]:
    """Return Django's mail settings of `url` (`filemail:///folder`, `smtp+tls://…`, `consolemail://`)."""
    parts = urlsplit(url)
    if parts.scheme == "filemail":
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": unquote(parts.path)}
    return dict(env.email_url_config(url))


def refuse_debug_in_production(*, debug: bool) -> None:
    """Stop a start with DEBUG on: error pages would show guests and secrets to anyone."""
    if debug:
        raise ImproperlyConfigured(
            "DEBUG is on. The hotel system never runs with DEBUG outside its tests: error pages would show "
            "guests' data. Nothing was started; unset DEBUG."
        )


def project_root() -> Path:
    """Return the folder that holds manage.py."""
    return Path(__file__).resolve().parent.parent.parent
