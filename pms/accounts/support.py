"""Support acts in the name of a hotel's person: for a stated reason, an hour at most, and only where the hotel allows.

A visit has a session of its own, in which not a person but the visit stands as who is signed in. So Django and Channels
alike find nobody once it has ended, and whoever they find is narrowed to that hotel and may do nothing that is for
one's own hand: money, rights, keys, one's account. `acted_by` on her names who acts; every audit entry does too.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from pms.core.acting import acting
from pms.core.audit import record_act
from pms.events import bell

from . import second_step
from .access import narrow, rights_at
from .errors import SupportMayNot, SupportRefused
from .models import SecondStepPolicy, SupportVisit, User
from .registry import all_codes, own_hand_codes
from .services import tenant_content_type

MOST_MINUTES = 60
SHORTEST_REASON = 10
BACKEND = "pms.accounts.support.SupportBackend"
# Where the session of a visit keeps the one to go back to.
OWN_SESSION = "support_own_session"
SessionStore: Any = import_module(settings.SESSION_ENGINE).SessionStore


class SupportBackend(BaseBackend):
    """Finds who is signed in by a visit, as long as it lasts."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the person of the visit `user_id`, narrowed; nobody once it ended or either account was closed."""
        visit = SupportVisit.objects.select_related("user", "supporter").filter(pk=user_id).first()
        if visit is None or not visit.running() or not visit.user.is_active or not may_support(visit.supporter):
            return None
        if not allowed_at(visit.property_id):
            return None
        user: User = visit.user
        user.acted_by, user.visit = visit.supporter, visit
        narrow(user, properties=[visit.property_id], rights=all_codes() - own_hand_codes())
        return user


def may_support(user: Any) -> bool:
    """Tell whether this is somebody of the support, with a second step of her own."""
    return isinstance(user, User) and user.is_active and user.is_support and second_step.has_one(user)


def allowed_at(property_id: uuid.UUID) -> bool:
    """Tell whether the hotel lets support act in its people's names."""
    return second_step.policy_of(property_id).support


def own_hand_only() -> None:
    """Raise `SupportMayNot` if somebody acts in another's name: for what must be a person's own doing."""
    if getattr(acting().user(), "acted_by", None) is not None:
        raise SupportMayNot


@transaction.atomic
def supporter_set(*, user_id: uuid.UUID, support: bool) -> User:
    """Let somebody act in the names of people of hotels that allow it, or no longer: her visits end with it."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.is_support = support
    user.save(update_fields=["is_support"])
    if not support:
        for visit in SupportVisit.objects.filter(supporter=user, ended_at=None, ends_at__gt=timezone.now()):
            visit_end(visit_id=visit.pk)
    return user


@transaction.atomic
def visit_begin(
    *, supporter_id: uuid.UUID, user_id: uuid.UUID, property_id: uuid.UUID, reason: str, minutes: int = MOST_MINUTES
) -> SupportVisit:
    """Begin a visit of at most an hour in the name of `user_id` at the hotel. Raises `SupportRefused`."""
    supporter, user = User.objects.get(pk=supporter_id), User.objects.get(pk=user_id)
    if not may_support(supporter) or user.is_superuser or user.is_support or user.kind != User.Kind.PERSON:
        raise SupportRefused("person")
    if not allowed_at(property_id):
        raise SupportRefused("hotel")
    if not rights_at(user, property_id):
        raise SupportRefused("person")
    if len(reason.strip()) < SHORTEST_REASON:
        raise SupportRefused("reason", field="reason")
    now = timezone.now()
    visit = SupportVisit(
        property_id=property_id,
        supporter=supporter,
        user=user,
        reason=reason.strip(),
        started_at=now,
        ends_at=now + timedelta(minutes=max(1, min(minutes, MOST_MINUTES))),
    )
    visit.save()
    changes = {"reason": ["", visit.reason], "until": ["", visit.ends_at.isoformat(timespec="minutes")]}
    record_act(act="support.began", property_id=property_id, target=user, changes=changes)
    return visit


@transaction.atomic
def visit_end(*, visit_id: uuid.UUID) -> SupportVisit:
    """End a visit: its session is gone and its open pages close. One whose time was over ended at that moment."""
    visit = SupportVisit.objects.select_for_update(no_key=True, of=("self",)).get(pk=visit_id)
    if visit.ended_at is None:
        ran_out = visit.ends_at <= timezone.now()
        visit.ended_at = visit.ends_at if ran_out else timezone.now()
        visit.save(update_fields=["ended_at"])
        changes = {"until": ["", visit.ended_at.isoformat(timespec="minutes")]}
        act = "support.ran_out" if ran_out else "support.ended"
        record_act(act=act, property_id=visit.property_id, target=visit.user, changes=changes)
    if visit.session_key:
        SessionStore(visit.session_key).delete()
    bell.ring_user(visit.user_id, "sessions")
    return visit


def visits_end() -> int:
    """End every visit whose time is over, however long ago, and return how many there were."""
    over = SupportVisit.objects.filter(ended_at=None, ends_at__lte=timezone.now()).order_by("ends_at")
    ids = list(over.values_list("pk", flat=True))
    for visit_id in ids:
        visit_end(visit_id=visit_id)
    return len(ids)


def visits_prune() -> int:
    """Forget visits that ended `KEEP_SUPPORT_VISITS_DAYS` ago; the audit log keeps what they were."""
    before = timezone.now() - timedelta(days=settings.KEEP_SUPPORT_VISITS_DAYS)
    return SupportVisit.objects.filter(ended_at__lt=before).delete()[0]


@transaction.atomic
def support_allow(*, property_id: uuid.UUID, allowed: bool) -> None:
    """Let the hotel allow or forbid visits; forbidding ends those that run."""
    SecondStepPolicy.objects.get_or_create(property_id=property_id)
    policy = SecondStepPolicy.objects.select_for_update(no_key=True).get(property_id=property_id)
    if policy.support == allowed:
        return
    policy.support = allowed
    policy.save(update_fields=["support"])
    hotel = tenant_content_type().get_object_for_this_type(pk=property_id)
    record_act(
        act="support.allowed", property_id=property_id, target=hotel, changes={"allowed": [not allowed, allowed]}
    )
    if not allowed:
        for visit in SupportVisit.objects.filter(property_id=property_id, ended_at=None, ends_at__gt=timezone.now()):
            visit_end(visit_id=visit.pk)


def visit_enter(request: HttpRequest, visit: SupportVisit) -> None:
    """Let this browser act in the visit; its own session waits for the way back."""
    session = SessionStore()
    session[SESSION_KEY] = str(visit.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = visit.user.get_session_auth_hash()
    session[OWN_SESSION] = request.session.session_key
    session.set_expiry(visit.ends_at)
    session.create()
    SupportVisit.objects.filter(pk=visit.pk).update(session_key=session.session_key)
    request.session = session
    rotate_token(request)


def visit_leave(request: HttpRequest) -> None:
    """Lead this browser back to the session it had before the visit; without one it is signed out."""
    own = request.session.get(OWN_SESSION)
    request.session = SessionStore(own) if own and SessionStore().exists(own) else SessionStore()
    request.session.modified = True
    rotate_token(request)
