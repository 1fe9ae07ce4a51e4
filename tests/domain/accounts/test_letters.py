"""Mails to people go out by the workers: nobody waits for a mail server, and none that is away loses one."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pms.accounts import letters
from pms.accounts.letters import letter_write, letters_send
from pms.accounts.models import Letter, User
from pms.core import mail as core_mail
from pms.core.crypto import encrypt
from pms.core.mail import SMTP
from pms.events import bell
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """The mail server of the house."""
    with mail_server() as running:
        to_port(settings, running.port)
        yield running


def to_port(settings: Any, port: int) -> None:
    """Send mails by SMTP to this port."""
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def write(*to: str) -> list[Letter]:
    """Write one letter to each."""
    return [letter_write(subject=f"To {one}", text="Good day,\n.\nyours", to=[one]) for one in to]


def waiting() -> list[str]:
    """Return to whom letters wait."""
    return [letter.content["to"][0] for letter in Letter.objects.order_by("written_at")]


def later(minutes: float) -> Any:
    """Travel on."""
    return time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=True)


def test_a_letter_goes_out_whole_and_is_not_kept(server: MailServer) -> None:
    write("anna@sea.example")

    assert letters_send() == 1

    [mail] = server.mails
    assert (mail["To"], mail["Subject"]) == ("anna@sea.example", "To anna@sea.example")
    assert mail.get_payload(decode=True).decode().splitlines() == ["Good day,", ".", "yours"]  # type: ignore[union-attr]
    assert not Letter.objects.exists() and letters_send() == 0


def test_nobody_waits_for_a_mail_server_that_is_away(client: Client, hugo: User, settings: Any) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        to_port(settings, port)
        answer = client.post(reverse("account_reset_password"), {"email": hugo.email})
        assert answer.status_code == 302 and letters_send() == 0

    with mail_server(port) as server, later(1):
        assert letters_send() == 1

    assert [mail["To"] for mail in server.mails] == [hugo.email]
    assert "/account/password/reset/key/" in server.mails[0].get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_a_server_that_says_nothing_is_left_after_a_while(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_mail, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        to_port(settings, silent.getsockname()[1])
        write("anna@sea.example", "hugo@sea.example")

        assert letters_send() == 0

    assert Letter.objects.filter(tries=1).count() == 1, "the second one waits for the first to go"
    assert waiting() == ["anna@sea.example", "hugo@sea.example"]


def test_it_is_tried_ever_more_seldom_and_given_up_after_a_day(settings: Any) -> None:
    to_port(settings, 1)
    [letter] = write("anna@sea.example")
    pauses = []
    for _try in range(9):
        letters_send()
        letter.refresh_from_db(fields=["due_at", "tries"])
        pauses.append((letter.due_at - timezone.now()).total_seconds())
        Letter.objects.update(due_at=timezone.now())

    assert letter.tries == 9
    assert 7 < pauses[0] <= 15 and pauses[3] > 55 and 290 < pauses[-1] <= letters.LONGEST_PAUSE

    with later(24 * 60 + 1):
        letters_send()
    assert not Letter.objects.exists()


def test_who_does_not_exist_holds_up_nobody_and_who_is_busy_is_tried_again(server: MailServer) -> None:
    server.refuses = {"gone@sea.example": 550, "busy@sea.example": 450}
    write("gone@sea.example", "busy@sea.example", "anna@sea.example")

    assert letters_send() == 1

    assert waiting() == ["busy@sea.example"]
    server.refuses.clear()
    with later(1):
        assert letters_send() == 1
    assert [mail["To"] for mail in server.mails] == ["anna@sea.example", "busy@sea.example"]


def test_what_was_taken_back_is_not_told(server: MailServer) -> None:
    with transaction.atomic():
        write("anna@sea.example")
        transaction.set_rollback(True)

    assert letters_send() == 0 and server.mails == []


def test_a_worker_that_dies_leaves_the_letter_to_another(server: MailServer) -> None:
    write("anna@sea.example")
    assert letters._claim() is not None

    assert letters_send() == 0, "somebody has it"
    with later(letters.LEASE.total_seconds() / 60 + 0.1):
        assert letters_send() == 1


def test_the_link_in_it_cannot_be_read_in_the_database(client: Client, hugo: User) -> None:
    client.post(reverse("account_reset_password"), {"email": hugo.email})

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_letter")
        [(kept,)] = cursor.fetchall()
    assert hugo.email not in kept and "reset" not in kept
    assert "/account/password/reset/key/" in Letter.objects.get().content["text"], "the control"


def test_a_letter_that_no_key_opens_holds_up_nobody(server: MailServer, settings: Any) -> None:
    write("gone@sea.example")
    settings.FIELD_ENCRYPTION_KEYS = ["sBrAjiC0CR5XGVqmYSnwQ7bqTZmTCVqWJ5XKFlvFZ0s="]
    assert encrypt("x")
    write("anna@sea.example")

    assert letters_send() == 1 and [mail["To"] for mail in server.mails] == ["anna@sea.example"]


def test_the_workers_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(bell._WorkerRing, "__call__", lambda ring: rung.append(ring.task))
    with pytest.MonkeyPatch.context(), transaction.atomic():
        write("anna@sea.example", "hugo@sea.example")
        waits = [function for _savepoints, function, *_ in connection.run_on_commit]

    for function in waits:
        function()
    assert rung == ["pms.accounts.tasks.send_letters"]
