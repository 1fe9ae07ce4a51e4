"""Entries of the audit log about coming and going: signed in, refused, signed out, second step, a new device.

They stand in the chain of the person's hotel; of a person of several hotels, or of nobody we know, in that of the
installation. Never a password, token, session key or typed address: people type passwords into the wrong field.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import Signal

from pms.core.audit import record_of_person

from .access import rights_by_property
from .models import User

# What a credential may be called by which a person names herself.
NAMES = ("email", "username", "login")
# The signal that carries user and authenticator → the act that the entry names.
STEPS: dict[Signal, str] = {
    authenticator_used: "second_step.used",
    authentication_failed: "second_step.refused",
    authenticator_added: "second_step.added",
    authenticator_removed: "second_step.removed",
    authenticator_reset: "second_step.renewed",
}
PASSWORDS: dict[Signal, str] = {
    password_changed: "password.changed",
    password_set: "password.changed",
    password_reset: "password.reset",
}


def declare() -> None:
    """Listen to whoever signs people in; called once when the app is ready."""
    user_logged_in.connect(_came, dispatch_uid="audit:came")
    user_logged_out.connect(_went, dispatch_uid="audit:went")
    user_login_failed.connect(_refused, dispatch_uid="audit:refused")
    post_save.connect(_device, sender=UserSession, dispatch_uid="audit:device")
    for signal, act in STEPS.items():
        signal.connect(_step(act), dispatch_uid=f"audit:{act}", weak=False)
    for signal, act in PASSWORDS.items():
        signal.connect(_password(act), dispatch_uid=f"audit:{act}", weak=False)


def _came(user: User, request: Any = None, **_signal: Any) -> None:
    proofs = get_authentication_records(request, user) if request is not None else []
    issuer = next((proof["issuer"] for proof in reversed(proofs) if "issuer" in proof), "")
    _record("sign_in.succeeded", user, {"provider": ["", issuer]} if issuer else None)


def _went(user: User | None, **_signal: Any) -> None:
    if user is not None:  # a session that had run out is signed out for nobody
        _record("sign_in.ended", user)


def _refused(credentials: dict[str, Any], **_signal: Any) -> None:
    typed = next((str(credentials[name]) for name in NAMES if credentials.get(name)), "")
    user = User.objects.filter(email__iexact=typed).first() if typed else None
    record_of_person(act="sign_in.refused", person=user or User(name=""), acted=None, property_ids=_hotels(user))


def _device(instance: UserSession, *, created: bool, **_signal: Any) -> None:
    known = UserSession.objects.filter(user_id=instance.user_id, user_agent=instance.user_agent)
    if created and not known.exclude(pk=instance.pk).exists():
        _record("sign_in.new_device", instance.user, {"device": ["", instance.user_agent]})


def _step(act: str) -> Any:
    def note(user: User, authenticator: Any, **_signal: Any) -> None:
        _record(act, user, {"kind": ["", authenticator.type]} if authenticator is not None else {})

    return note


def _password(act: str) -> Any:
    def note(user: User, **_signal: Any) -> None:
        _record(act, user)

    return note


def _record(act: str, user: Any, changes: dict[str, Any] | None = None) -> None:
    record_of_person(act=act, person=user, acted=user, property_ids=_hotels(user), changes=changes)


def _hotels(user: User | None) -> list[Any]:
    return sorted(rights_by_property(user)) if user is not None else []
