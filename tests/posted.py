"""`posted()`: the mails that went out, those too that the workers would have sent by now."""

from __future__ import annotations

from typing import Any

from django.core import mail

from pms.accounts.letters import letters_send


def posted() -> list[Any]:
    """Let the workers send what waits, and return every mail of this test in order."""
    letters_send()
    return mail.outbox
