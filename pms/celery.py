"""The Celery application: background work begins here (`celery -A pms.celery worker`)."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pms.settings.base")

app = Celery("pms", task_cls="pms.events.patience:PatientTask")
# For every thread of every process: without it a task called from a page falls back to a nameless app, whose broker is
# somebody else's localhost.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
