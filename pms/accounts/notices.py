"""Mails to a person when something about her way in changed, with a link for "this was not me".

Written in the transaction of the change and sent by the workers (`letters`): a mail server that is away undoes no
change, keeps nobody from securing her account, and is tried again.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset, authenticator_used
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pms.core.acting import acting
from pms.core.audit import record_of_person

from .access import rights_by_property
from .errors import NoticeClosed
from .languages import language_of
from .letters import letter_write
from .models import OpenidIdentity, User
from .sessions import sessions_end

SALT = "accounts.notices"
VALID_FOR = timedelta(days=7)
# What a second step is called: by what it is.
KINDS: dict[str, Any] = {
    Authenticator.Type.TOTP: gettext_lazy("the app"),
    Authenticator.Type.WEBAUTHN: gettext_lazy("a passkey"),
    Authenticator.Type.RECOVERY_CODES: gettext_lazy("the recovery codes"),
}
ADDED = gettext_lazy("A second step was added: %(kind)s")
REMOVED = gettext_lazy("A second step was removed: %(kind)s")
LINKED = gettext_lazy("A way to sign in was added: %(kind)s")
RENEWED = gettext_lazy("Recovery codes were made anew")
RECOVERED = gettext_lazy("A recovery code was used to sign in")
PASSWORD = gettext_lazy("Your password was changed")
ADDRESS = gettext_lazy("The address you sign in with was changed")


@dataclass(frozen=True, slots=True)
class Notice:
    """What a link "this was not me" is about: whose account, the address it had, and when that was."""

    user_id: uuid.UUID
    email: str
    at: datetime


def declare() -> None:
    """Listen to every change of a way in; called once when the app is ready."""
    authenticator_added.connect(_step(ADDED), dispatch_uid="notices:added", weak=False)
    authenticator_removed.connect(_step(REMOVED), dispatch_uid="notices:removed", weak=False)
    authenticator_reset.connect(_step(RENEWED), dispatch_uid="notices:reset", weak=False)
    authenticator_used.connect(_recovered, dispatch_uid="notices:used")
    for signal in (password_changed, password_reset, password_set):
        signal.connect(_password, dispatch_uid="notices:password")
    post_save.connect(_saved, sender=User, dispatch_uid="notices:address")


def notice_of(token: str) -> Notice:
    """Return what the link is about. Raises `NoticeClosed` for one that is none of ours or too old."""
    try:
        facts = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        raise NoticeClosed from None
    return Notice(uuid.UUID(facts["user"]), facts["email"], datetime.fromisoformat(facts["at"]))


@transaction.atomic
def account_secure(*, token: str) -> User:
    """Take back what was not she: her old address, steps and providers added since; no password or sign-in counts now.

    She chooses a password through a mail to that address. Raises `NoticeClosed`, `EmailTaken`.
    """
    notice = notice_of(token)
    user = User.objects.select_for_update(no_key=True).filter(pk=notice.user_id).first()
    if user is None:
        raise NoticeClosed
    # A quick hand may add its step in the very second of the change.
    since = notice.at - timedelta(minutes=1)
    for step in Authenticator.objects.filter(user=user, created_at__gte=since):
        step.delete()
    OpenidIdentity.objects.filter(user=user, linked_at__gte=since).delete()
    EmailAddress.objects.filter(user=user).exclude(email__iexact=notice.email).delete()
    user.email = notice.email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    sessions_end(user_id=user.pk)
    record_of_person(act="account.secured", person=user, acted=None, property_ids=sorted(rights_by_property(user)))
    return user


def way_added(user: User, provider: str) -> None:
    """Tell her that she can sign in with this provider from now on."""
    _tell(user, LINKED, kind=provider)


def _step(words: Any) -> Any:
    def note(user: User, authenticator: Authenticator, **_signal: Any) -> None:
        _tell(user, words, kind=KINDS.get(authenticator.type, authenticator.type))

    return note


def _recovered(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        _tell(user, RECOVERED)


def _password(user: User, **_signal: Any) -> None:
    _tell(user, PASSWORD)


def _saved(instance: User, *, created: bool, update_fields: frozenset[str] | None = None, **_signal: Any) -> None:
    """Tell the old address, which alone knows whether that was she, and the new one."""
    old = instance.stored("email")
    if created or not old or (update_fields is not None and "email" not in update_fields):
        return
    if old.casefold() != instance.email.casefold():
        _tell(instance, ADDRESS, email=old)
        _tell(instance, ADDRESS, email=old, to=instance.email)


def _tell(user: User, words: Any, *, email: str = "", to: str = "", kind: Any = "") -> None:
    if user.kind != User.Kind.PERSON:
        return
    notice = Notice(user.pk, email or user.email, timezone.now())
    with translation.override(language_of(user)):
        subject = str(words) % {"kind": kind}
        text = _text(user, subject, notice)
    letter_write(subject=subject, text=text, to=[to or notice.email])


def _text(user: User, what: str, notice: Notice) -> str:
    facts = {"user": str(notice.user_id), "email": notice.email, "at": notice.at.isoformat()}
    token = signing.dumps(facts, salt=SALT, compress=True)
    said = {
        "name": user.name,
        "what": what,
        "at": f"{notice.at:%Y-%m-%d %H:%M} UTC",
        "place": acting().address or "–",
        "link": settings.SITE_URL + reverse("account_not_me", args=[token]),
    }
    return (
        _(
            "Good day %(name)s,\n\n%(what)s, at %(at)s from %(place)s.\n\nWas it you? Then do nothing.\n\nIt was not "
            "you? This link takes it back, signs you out everywhere and lets you choose a new password:\n\n%(link)s\n\n"
            "It counts for seven days."
        )
        % said
    )
