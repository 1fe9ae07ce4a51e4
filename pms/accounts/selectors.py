"""Reads of accounts: which browsers are still signed in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an open page keeps of the session it was opened in: who, by which session, under which password.

    The key opens the session and the hash is made of the password's: neither is logged or sent anywhere.
    """

    user_id: uuid.UUID
    session_key: str = field(repr=False)
    auth_hash: str = field(repr=False)


def sessions_alive(keys: Iterable[str]) -> Mapping[str, datetime]:
    """Return those of the session keys whose session exists and has not run out, with the moment each will."""
    alive = Session.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    return dict(alive.values_list("session_key", "expire_date"))
