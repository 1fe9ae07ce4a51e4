"""Whoever's way in changes is told by mail, and takes back by its link what was not she."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_used
from django.test import Client
from django.utils import timezone

from pms.accounts import notices
from pms.accounts.errors import NoticeClosed
from pms.accounts.models import Letter, User
from pms.accounts.services import user_set_locale
from pms.core.mail import SMTP
from pms.core.models import AuditEntry
from properties.models import Property
from tests.clients import signed_in
from tests.committed import committed, rolled_back
from tests.posted import posted

PASSWORD = "seven lanterns at sea"
LINK = re.compile(r"/account/not-me/[^\s]+/")


def step(user: User, kind: str = Authenticator.Type.TOTP) -> Authenticator:
    return Authenticator.objects.create(user=user, type=kind, data={})


def changed(user: User) -> str:
    """Let a recovery code of hers be used, and return the link of the mail."""
    codes = Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    with committed():
        authenticator_used.send(Authenticator, request=None, user=user, authenticator=codes)
    found = LINK.search(posted()[-1].body)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("signal", "kind", "subject"),
    [
        (authenticator_added, Authenticator.Type.TOTP, "A second step was added: the app"),
        (authenticator_added, Authenticator.Type.WEBAUTHN, "A second step was added: a passkey"),
        (authenticator_removed, Authenticator.Type.RECOVERY_CODES, "A second step was removed: the recovery codes"),
        (authenticator_used, Authenticator.Type.RECOVERY_CODES, "A recovery code was used to sign in"),
    ],
)
def test_a_second_step_that_comes_goes_or_recovers_is_told(hugo: User, signal: Any, kind: str, subject: str) -> None:
    with committed():
        signal.send(Authenticator, request=None, user=hugo, authenticator=step(hugo, kind))

    assert [(one.to, one.subject) for one in posted()] == [([hugo.email], subject)]
    assert LINK.search(posted()[0].body)


def test_a_second_step_that_is_merely_used_is_not(hugo: User) -> None:
    with committed():
        authenticator_used.send(Authenticator, request=None, user=hugo, authenticator=step(hugo))

    assert posted() == []


def test_a_new_password_by_the_page_is_told_in_her_language(hugo: User) -> None:
    hugo.set_password(PASSWORD)
    hugo.save()
    user_set_locale(user_id=hugo.pk, locale="de")

    with committed():
        facts = {
            "oldpassword": PASSWORD,
            "password1": "another phrase of words",
            "password2": "another phrase of words",
        }
        assert signed_in(User.objects.get(pk=hugo.pk)).post("/account/password/change/", facts).status_code == 302

    assert [one.subject for one in posted()] == ["Ihr Passwort wurde geändert"]


def test_a_new_address_is_told_to_both_and_a_change_that_is_undone_to_none(hugo: User) -> None:
    old = hugo.email
    with committed():
        hugo.email = "mallory@evil.example"
        hugo.save(update_fields=["email"])

    assert [one.to for one in posted()] == [[old], ["mallory@evil.example"]]
    with committed():
        hugo.name = "Hugo L."
        hugo.save()
    assert len(posted()) == 2


def test_nothing_is_mailed_of_what_was_taken_back(hugo: User) -> None:
    with rolled_back():
        authenticator_added.send(Authenticator, request=None, user=hugo, authenticator=step(hugo))

    assert posted() == []


def test_a_mail_server_that_is_away_undoes_nothing(hugo: User, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = SMTP, 1
    old = hugo.email
    with committed():
        hugo.email = "hugo@new.example"
        hugo.save()

    assert posted() == []
    assert User.objects.get(pk=hugo.pk).email == "hugo@new.example"
    assert [letter.content["to"] for letter in Letter.objects.order_by("pk")] == [[old], ["hugo@new.example"]]


def test_the_link_takes_back_what_was_not_she(hotel: Property, hugo: User) -> None:
    old_step = step(hugo)
    Authenticator.objects.filter(pk=old_step.pk).update(created_at=timezone.now() - dt.timedelta(days=30))
    hugo.set_password("known to somebody else")
    hugo.save()
    thief = signed_in(hugo)
    thief.get("/h/SEA/")
    address = changed(hugo)
    hugo.email = "mallory@evil.example"
    hugo.save()
    EmailAddress.objects.create(user=hugo, email="mallory@evil.example", primary=True, verified=True)
    step(hugo, Authenticator.Type.WEBAUTHN)

    assert "Secure my account" in Client().get(address).content.decode()
    assert User.objects.get(pk=hugo.pk).email == "mallory@evil.example"  # a link that is only looked at does nothing
    assert Client().post(address)["Location"].startswith("/account/password/reset/?email=hugo")

    hugo = User.objects.get(pk=hugo.pk)
    assert (hugo.email, hugo.has_usable_password()) == ("hugo@sea.example", False)
    assert list(Authenticator.objects.filter(user=hugo)) == [old_step]
    assert not EmailAddress.objects.filter(email="mallory@evil.example").exists()
    assert thief.get("/h/SEA/")["Location"].startswith("/account/login/")
    assert AuditEntry.objects.get(act="account.secured").property_id == hotel.pk


def test_a_link_that_is_old_or_made_up_does_nothing(hugo: User) -> None:
    hugo.set_password(PASSWORD)
    hugo.save()
    address = changed(hugo)

    with time_machine.travel(timezone.now() + dt.timedelta(days=7, minutes=1)):
        assert Client().post(address).status_code == 410
    assert Client().post("/account/not-me/made-up/").status_code == 410
    with pytest.raises(NoticeClosed):
        notices.account_secure(token="made-up")
    assert User.objects.get(pk=hugo.pk).check_password(PASSWORD)


def test_the_link_of_one_is_no_link_of_another(hugo: User, anna: User) -> None:
    Client().post(changed(hugo))

    assert User.objects.get(pk=anna.pk).email == anna.email
    assert not AuditEntry.objects.filter(act="account.secured", object_pk=str(anna.pk)).exists()
