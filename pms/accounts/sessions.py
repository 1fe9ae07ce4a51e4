"""Sign-ins of a person: ended one by one or all together, and when each was last used."""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from threading import Lock

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from pms.core.audit import record_act

from .models import User

# Seconds between two notes of the same sign-in: one write for a busy screen, not one for each click.
NOTE_EVERY = 300
REMEMBERED = 10_000

_noted: OrderedDict[str, float] = OrderedDict()
_lock = Lock()


@transaction.atomic
def session_end(*, user_id: uuid.UUID, session_id: int) -> bool:
    """End one sign-in of the user; its open pages close. Tells whether there was one."""
    session = UserSession.objects.filter(user_id=user_id, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True


@transaction.atomic
def sessions_end(*, user_id: uuid.UUID, property_id: uuid.UUID | None = None) -> int:
    """End every sign-in of the user and return how many there were; her open pages close within two seconds.

    With a property it is somebody's act there and stands in its audit log.
    """
    sessions = list(UserSession.objects.filter(user_id=user_id))
    for session in sessions:
        session.end()
    if property_id is not None:
        user = User.objects.get(pk=user_id)
        changes = {"sign-ins": [str(len(sessions)), "0"]}
        record_act(act="user.sessions_ended", property_id=property_id, target=user, changes=changes)
    return len(sessions)


def session_seen(session_key: str, address: str | None) -> None:
    """Note that a sign-in is in use, if the last note of this process is old.

    Kept beside the session, never in it: a slow request would write an old copy of the session back.
    """
    now = time.monotonic()
    with _lock:
        last = _noted.setdefault(session_key, now)
        _noted.move_to_end(session_key)
        while len(_noted) > REMEMBERED:
            _noted.popitem(last=False)
        if now - last < NOTE_EVERY:
            return
        _noted[session_key] = now
    place = {"ip": address} if address else {}
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now(), **place)
