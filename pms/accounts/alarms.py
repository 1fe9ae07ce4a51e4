"""Tells the administrators of the installation what no hotel's bell tells: background work that stands still.

Watched from the web processes, since a worker cannot say that it hangs. Of several processes one tells, once for each
outage: the row of the canary is claimed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from pms.core.mail import mail_send
from pms.events.canary import Pulse, alarms_claim

from .models import User

log = structlog.get_logger(__name__)


def watch_in_background() -> threading.Thread:
    """Look after the canaries for as long as this process lives."""
    thread = threading.Thread(target=_watch, name="canary-watch", daemon=True)
    thread.start()
    return thread


def look() -> list[Pulse]:
    """Tell the administrators of queues that are late, and return those."""
    late = alarms_claim()
    for pulse in late:
        log.error("canary.late", queue=pulse.queue, seconds=round(pulse.age, 1))
    if late:
        _mail(late)
    return late


def _watch() -> None:
    pause = threading.Event()
    while not pause.wait(settings.CANARY_SECONDS):
        try:
            look()
        except DatabaseError as error:
            log.info("canary.not_seen", error=type(error).__name__)
        except Exception:
            log.exception("canary.watch_failed")  # the next look may be luckier
        finally:
            connection.close()


def _mail(late: Iterable[Pulse]) -> None:
    to = list(User.objects.filter(is_superuser=True, is_active=True).values_list("email", flat=True))
    if not to:
        return
    lines = [_("%(queue)s: last sign of life %(at)s UTC") % {"queue": one.queue, "at": one.arrived_at} for one in late]
    text = _(
        "Background work does not move: channels are not told and mails are not sent. Nothing is lost; what waits is "
        "done when the workers run again."
    )
    try:
        mail_send(
            subject=_("Background work is slow"), text="\n\n".join([text, "\n".join(lines), settings.SITE_URL]), to=to
        )
    except OSError as error:
        log.error("canary.mail_failed", error=str(error))
