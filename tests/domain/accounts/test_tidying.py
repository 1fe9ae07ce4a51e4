"""Rows of sign-ins that ran out do not pile up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from pms.accounts.tasks import prune

pytestmark = pytest.mark.django_db


def test_only_what_ran_out_is_forgotten() -> None:
    old, living = SessionStore(), SessionStore()
    old.create()
    living.create()
    Session.objects.filter(session_key=old.session_key).update(expire_date=timezone.now() - dt.timedelta(seconds=1))

    prune()

    assert list(Session.objects.values_list("session_key", flat=True)) == [living.session_key]
