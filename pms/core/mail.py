"""The one place that sends mail of our own; allauth sends its own."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

# A mail server that does not answer must not hold up who writes.
PATIENCE = 10
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def mail_send(*, subject: str, text: str, to: Sequence[str]) -> None:
    """Send one plain mail. Raises `OSError` (as smtplib does) if it could not be handed over."""
    by_smtp = settings.EMAIL_BACKEND == SMTP
    line = get_connection(timeout=PATIENCE) if by_smtp else get_connection()
    EmailMessage(subject=subject, body=text, to=list(to), connection=line).send()
