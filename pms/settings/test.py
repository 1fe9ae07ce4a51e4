"""Settings of the test run: the real parts, made quick; nothing is replaced by a stand-in."""

from __future__ import annotations

import os

# The type checker and the linters import settings without any service running.
os.environ.setdefault("SECRET_KEY", "only-for-tests-and-type-checking")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS0zMi1ieXRlcy1sb25nLWtleS0xMjM=")
os.environ.setdefault("AUDIT_HEAD_KEYS", "b25seS1mb3ItdGVzdHMtMzItYnl0ZXMtbG9uZy0xMjM=")
os.environ.setdefault("DATABASE_URL", "postgres://nobody@localhost/none")
os.environ.setdefault("REDIS_URL", "redis://localhost:6379/0")

from .base import *  # noqa: F403

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
REDIS_PREFIX = f"{REDIS_PREFIX}-{WORKER}"  # noqa: F405 - pub/sub is not separated by database number
CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = REDIS_PREFIX  # type: ignore[index]  # noqa: F405
CELERY_TASK_DEFAULT_QUEUE = f"{REDIS_PREFIX}.work"
CANARY_QUEUES = [CELERY_TASK_DEFAULT_QUEUE]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # a file is looked up when asked for: each test's Client would else index them all
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
