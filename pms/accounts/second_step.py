"""Who must have a second step (a passkey or an app) before she may do anything: the policy of each hotel.

Always at a hotel that asks at all: the roles in `ALWAYS`, and everybody with a right that the registry calls guarded
(staff and roles, settings, keys of channels and programs, corrections in the books). A hotel adds roles; taking these
away is no choice of its pages. A hotel that asks nobody is a trial: only the seed and `manage.py second_step` make one.

Somebody who lacks hers holds no rights at all (`pms.accounts.access` asks here), so pages, pieces, sockets and the
administration refuse alike; `SecondStepMiddleware` only leads her to where she sets it up.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable
from threading import Lock
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from pms.core.audit import record_act

from .models import SecondStepPolicy, User
from .providers import counted_issuers
from .registry import guarded_codes
from .services import members_of, rights_changed, tenant_content_type

ALWAYS = frozenset({"owner", "manager", "accountant"})
STEPS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
CACHED_USERS = 5_000

# Hotels that ask this person for a second step. A role is the group `property:<id>:<role>`; no policy means: asked.
ASKING = """
    WITH held AS (
        SELECT role.id AS role_id, split_part(role.name, ':', 2)::uuid AS property_id, substr(role.name, 47) AS code
        FROM accounts_user_groups AS member
        JOIN auth_group AS role ON role.id = member.group_id
        WHERE member.user_id = %(user)s AND role.name LIKE 'property:%%'
    )
    SELECT DISTINCT held.property_id
    FROM held
    LEFT JOIN accounts_secondsteppolicy AS policy ON policy.property_id = held.property_id
    WHERE coalesce(policy.asked, true) AND (
        held.code = ANY(%(always)s)
        OR held.code = ANY(coalesce(policy.roles, '{}'))
        OR EXISTS (
            SELECT 1
            FROM guardian_groupobjectpermission AS granted
            JOIN auth_permission AS permission ON permission.id = granted.permission_id
            WHERE granted.group_id = held.role_id AND granted.object_pk = held.property_id::text
                AND granted.content_type_id = %(tenant)s AND permission.codename = ANY(%(guarded)s)
        )
    )
"""

_cache: OrderedDict[tuple[uuid.UUID, int], bool] = OrderedDict()
_cache_lock = Lock()


def due(user: User) -> bool:
    """Tell whether this person needs a second step and has none; never a service user.

    Remembered per permission epoch, which rises with every change of roles, rights, policy and second steps. What a
    user of the installation needs depends on all hotels and is asked anew for each copy of her.
    """
    if user.kind != User.Kind.PERSON:
        return False
    if user.is_superuser:
        if not hasattr(user, "_second_step_due"):
            user._second_step_due = _asked_somewhere() and not _has_any(user)  # type: ignore[attr-defined]
        return bool(user._second_step_due)  # type: ignore[attr-defined]
    key = (user.pk, user.permission_epoch)
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    fresh = bool(asked_by(user)) and not _has_any(user)
    with _cache_lock:
        _cache[key] = fresh
        while len(_cache) > CACHED_USERS:
            _cache.popitem(last=False)
    return fresh


def forget() -> None:
    """Ask about everybody anew: the database was put back, and epochs are given a second time."""
    with _cache_lock:
        _cache.clear()


def has_one(user: User) -> bool:
    """Tell whether the person has a passkey or an app."""
    found: bool = Authenticator.objects.filter(user_id=user.pk, type__in=STEPS).exists()
    return found


def _has_any(user: User) -> bool:
    """The same, or came in with the step of a provider whose step counts."""
    return has_one(user) or user.second_step_by in counted_issuers()


def asked_by(user: User) -> list[uuid.UUID]:
    """Return the hotels that ask this person for a second step."""
    values: dict[str, Any] = {
        "user": user.pk,
        "always": list(ALWAYS),
        "guarded": list(guarded_codes()),
        "tenant": tenant_content_type().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(ASKING, values)
        return [property_id for (property_id,) in cursor.fetchall()]


def _asked_somewhere() -> bool:
    """Tell whether any hotel of the installation is more than a trial."""
    hotels = tenant_content_type().model_class()._default_manager  # type: ignore[union-attr]
    trials = SecondStepPolicy.objects.filter(asked=False).values("property_id")
    return bool(hotels.exclude(pk__in=trials).exists())


def policy_of(property_id: uuid.UUID) -> SecondStepPolicy:
    """Return the policy of the hotel; unsaved, with nothing beyond the house's own, where none was chosen."""
    found = SecondStepPolicy.objects.filter(property_id=property_id).first()
    return found or SecondStepPolicy(property_id=property_id)


def always_asked(role_rights: Collection[str], role: str) -> bool:
    """Tell whether a role with these rights needs a second step whatever the hotel chooses."""
    return role in ALWAYS or not guarded_codes().isdisjoint(role_rights)


@transaction.atomic
def policy_set(
    *,
    property_id: uuid.UUID,
    roles: Iterable[str] | None = None,
    added: Iterable[str] = (),
    removed: Iterable[str] = (),
    asked: bool | None = None,
) -> None:
    """Let the hotel ask people in these roles too, or (only for trials) nobody; None leaves as it is.

    `added` and `removed` change single roles and leave what a colleague did with the others.

    Counts from the next request on, for open pages too.
    """
    SecondStepPolicy.objects.get_or_create(property_id=property_id)
    policy = SecondStepPolicy.objects.select_for_update(no_key=True).get(property_id=property_id)
    before = {"roles": policy.roles, "asked": policy.asked}
    kept = policy.roles if roles is None else roles
    policy.roles = sorted({*kept, *added} - set(removed))
    policy.asked = policy.asked if asked is None else asked
    after = {"roles": policy.roles, "asked": policy.asked}
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changes:
        return
    policy.save()
    hotel = tenant_content_type().get_object_for_this_type(pk=property_id)
    record_act(act="second_step.policy_set", property_id=property_id, target=hotel, changes=changes)
    rights_changed(user_ids=members_of(property_id))
