"""Mails to people: written in the transaction of what they tell of, sent by the workers.

The row is the order, Celery only rings. Who sends takes a letter for `LEASE` seconds; if that worker dies the letter
goes out again, so a mail comes twice rather than never. A mail server that is away is tried again with back-off; after
`LONGEST_TRYING` the letter is given up: its links count no longer, and the log says so.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pms.core.crypto import CannotDecrypt
from pms.core.mail import PATIENCE, mail_send
from pms.events.bell import ring_postman

from .models import Letter

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=6 * PATIENCE)
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 600.0
LONGEST_TRYING = timedelta(hours=24)
# What one ring of the bell sends at most; the next one, or the sweep, goes on.
TURN = 100
PERMANENT = 500  # RFC 5321 4.2.1


@transaction.atomic
def letter_write(*, subject: str, text: str, to: Sequence[str]) -> Letter:
    """Write a plain mail; it goes out after the commit."""
    content: Any = {"subject": subject, "text": text, "to": list(to)}
    letter = Letter.objects.create(content=content)
    ring_postman()
    return letter


def letters_send() -> int:
    """Send what is due and return how many went. Stops at a mail server that takes nothing: the rest waits for it."""
    sent = 0
    for _turn in range(TURN):
        letter = _claim()
        if letter is None:
            break
        try:
            mail_send(**letter.content)
        except (CannotDecrypt, ValueError) as error:
            _give_up(letter, error)  # no other moment helps
        except SMTPRecipientsRefused as error:
            _refused(letter, error)  # says nothing about the next letter
        except OSError as error:
            _postpone(letter, error)
            break
        else:
            letter.delete()
            sent += 1
    return sent


@transaction.atomic
def _claim() -> Letter | None:
    """Return a letter that is due, ours for a while."""
    now = timezone.now()
    due = Letter.objects.select_for_update(skip_locked=True).filter(due_at__lte=now).order_by("due_at")
    key = due.values_list("pk", flat=True).first()
    if key is None:
        return None
    Letter.objects.filter(pk=key).update(due_at=now + LEASE, tries=F("tries") + 1)
    return Letter.objects.defer("content").get(pk=key)


def _refused(letter: Letter, error: SMTPRecipientsRefused) -> None:
    """Try again later if the server asks for that (4xx, as in grey-listing); else nobody lives there."""
    if all(code >= PERMANENT for code, _words in error.recipients.values()):
        _give_up(letter, error)
    else:
        _postpone(letter, error)


def _postpone(letter: Letter, error: Exception) -> None:
    if timezone.now() - letter.written_at > LONGEST_TRYING:
        _give_up(letter, error)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (letter.tries - 1))
    due_at = timezone.now() + timedelta(seconds=random.uniform(pause / 2, pause))  # noqa: S311
    Letter.objects.filter(pk=letter.pk).update(due_at=due_at)
    log.warning("letter.not_sent", letter=str(letter.pk), tries=letter.tries, error=type(error).__name__)


def _give_up(letter: Letter, error: Exception) -> None:
    letter.delete()
    log.error("letter.given_up", letter=str(letter.pk), tries=letter.tries, error=type(error).__name__)
