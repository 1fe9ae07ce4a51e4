"""Rows of sign-ins that ran out do not pile up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from pms.accounts import support
from pms.accounts.models import SupportVisit, User
from pms.accounts.tasks import end_visits, prune
from pms.core.models import AuditEntry
from properties.models import Invitation, Property
from properties.tasks import prune as prune_invitations
from tests.factories.properties import make_user

pytestmark = pytest.mark.django_db


def test_only_what_ran_out_is_forgotten() -> None:
    old, living = SessionStore(), SessionStore()
    old.create()
    living.create()
    Session.objects.filter(session_key=old.session_key).update(expire_date=timezone.now() - dt.timedelta(seconds=1))

    prune()

    assert list(Session.objects.values_list("session_key", flat=True)) == [living.session_key]


def visit_of(hotel: Property, user: User, *, minutes: int = 30) -> SupportVisit:
    """Begin a visit of the support in the name of `user`."""
    support.support_allow(property_id=hotel.pk, allowed=True)
    sam = make_user(name="Sam Support")
    Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={})
    support.supporter_set(user_id=sam.pk, support=True)
    reason = "The room plan shows last week only"
    return support.visit_begin(
        supporter_id=sam.pk, user_id=user.pk, property_id=hotel.pk, reason=reason, minutes=minutes
    )


def ends_told() -> list[str]:
    """Return the acts that tell of ended visits."""
    acts = AuditEntry.objects.filter(act__in=["support.ran_out", "support.ended"]).order_by("pk")
    return [str(act) for act in acts.values_list("act", flat=True)]


def test_the_end_of_a_visit_by_the_clock_is_told_once_however_late(hotel: Property, olga: User) -> None:
    visit = visit_of(hotel, olga)
    end_visits()
    assert ends_told() == []

    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):  # nothing ran meanwhile
        end_visits()
        end_visits()
        support.visit_end(visit_id=visit.pk)  # by a hand that comes too late

    assert ends_told() == ["support.ran_out"]
    visit.refresh_from_db()
    assert visit.ended_at == visit.ends_at


def test_a_visit_that_was_ended_by_hand_does_not_run_out_as_well(hotel: Property, olga: User) -> None:
    visit = visit_of(hotel, olga)
    support.visit_end(visit_id=visit.pk)
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        end_visits()
    assert ends_told() == ["support.ended"]


def test_old_visits_are_forgotten_and_their_entries_stay(hotel: Property, olga: User, settings: Any) -> None:
    visit_of(hotel, olga)
    with time_machine.travel(timezone.now() + dt.timedelta(days=settings.KEEP_SUPPORT_VISITS_DAYS, hours=2)):
        prune()
        assert SupportVisit.objects.count() == 1  # nobody has told of its end yet
        end_visits()
        prune()
    assert not SupportVisit.objects.exists() and ends_told() == ["support.ran_out"]


def test_invitations_go_when_they_were_over_for_long(hotel: Property, olga: User, settings: Any) -> None:
    now = timezone.now()
    for name, values in {
        "waiting": {},
        "used": {"accepted_at": now},
        "back": {"revoked_at": now},
        "lapsed": {"expires_at": now - dt.timedelta(days=1)},
    }.items():
        row = {"expires_at": now + dt.timedelta(days=7), **values}
        email = f"{name}@example.com"
        Invitation(property=hotel, email=email, name=name, invited_by=olga, token_hash=name, **row).save()
    entries = AuditEntry.objects.count()

    prune_invitations()
    assert Invitation.objects.count() == 4
    with time_machine.travel(now + dt.timedelta(days=settings.KEEP_INVITATIONS_DAYS, hours=1)):
        prune_invitations()

    assert [one.name for one in Invitation.objects.all()] == ["waiting"]
    assert AuditEntry.objects.count() >= entries
