"""Writes of accounts: users, the rights of a role at a property, and who belongs to it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from guardian.models import GroupObjectPermission

from pms.core.audit import record_acts
from pms.events import bell
from pms.events.publish import publish

from . import counters
from .errors import EmailTaken
from .events import UserClosing
from .models import User
from .registry import ALL_RIGHTS
from .sessions import sessions_end


@transaction.atomic
def user_create(*, email: str, name: str, password: str | None = None, locale: str = "en") -> User:
    """Make a person who signs in with `email`. Raises `EmailTaken`."""
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken(email)
    return User.objects.create_user(email, password, name=name, locale=locale)


@transaction.atomic
def user_join(*, user_id: uuid.UUID, name: str, password: str) -> User:
    """Let the person behind an account that nobody has used yet choose her name and password."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.name = name
    user.set_password(password)
    user.save(update_fields=["name", "password"])
    return user


@transaction.atomic
def service_user_create(*, name: str) -> User:
    """Make the user that an API client acts as; nobody can sign in with it."""
    return User.objects.create_user(f"{uuid.uuid4().hex}@service.invalid", None, name=name, kind=User.Kind.SERVICE)


@transaction.atomic
def user_set_active(*, user_id: uuid.UUID, active: bool) -> User:
    """Let a user in again, or shut her out everywhere at once: sessions, API and open pages.

    A hotel whose last owner she is refuses (`properties.errors.LastOwner`).
    """
    if not active:
        for property_id in _owned_by(user_id):
            publish(UserClosing(property_id=property_id, user_id=user_id))
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.is_active = active
    user.save(update_fields=["is_active"])
    rights_changed(user_ids=[user.pk])
    if not active:
        sessions_end(user_id=user.pk)
    return user


@transaction.atomic
def user_set_locale(*, user_id: uuid.UUID, locale: str) -> User:
    """Let a person read `locale` from now on, on open pages too: their pieces come drawn for her anew."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.locale = locale
    user.save(update_fields=["locale"])
    rights_changed(user_ids=[user.pk])
    return user


def role_set_rights(*, property_id: uuid.UUID, role: str, rights: Iterable[str]) -> None:
    """Let everybody who has `role` at the property do exactly `rights`, from this moment on."""
    roles_set_rights(property_id=property_id, rights={role: rights})


@transaction.atomic
def roles_set_rights(*, property_id: uuid.UUID, rights: Mapping[str, Iterable[str]]) -> None:
    """The same for several roles, given as role → rights, in a fixed number of queries."""
    wanted = {role_group_name(property_id, role): set(codes) for role, codes in rights.items()}
    groups = _groups_for_update(wanted)
    tenant = tenant_content_type()
    known = {one.codename: one for one in Permission.objects.filter(content_type=tenant).order_by("pk")}
    granted = GroupObjectPermission.objects.filter(content_type=tenant, object_pk=str(property_id), group__in=groups)
    held: dict[int, dict[str, int]] = {group.pk: {} for group in groups}
    for group_id, code, pk in granted.values_list("group_id", "permission__codename", "pk"):
        held[group_id][code] = pk
    after = {group: wanted[group.name] & known.keys() for group in groups}
    changed = {
        group: {"rights": [sorted(held[group.pk]), sorted(codes)]}
        for group, codes in after.items()
        if codes != held[group.pk].keys()
    }
    gone = [pk for group in changed for code, pk in held[group.pk].items() if code not in after[group]]
    if gone:
        GroupObjectPermission.objects.filter(pk__in=gone).delete()
    GroupObjectPermission.objects.bulk_create(
        GroupObjectPermission(group=group, permission=permission, content_type=tenant, object_pk=str(property_id))
        for group in changed
        for code, permission in known.items()
        if code in after[group] and code not in held[group.pk]
    )
    record_acts(act="role.rights_set", property_id=property_id, changes=changed.items())
    people = User.objects.filter(groups__in=changed).values_list("pk", flat=True)
    rights_changed(user_ids=people.distinct())


@transaction.atomic
def user_set_roles(*, user_id: uuid.UUID, property_id: uuid.UUID, roles: Iterable[str]) -> None:
    """Give the user exactly these roles at the property; called by the staff service of `properties`.

    A role that holds no rights yet counts as well: whatever it is given later, she has.
    """
    held = Group.objects.filter(user__pk=user_id, name__startswith=role_group_name(property_id, ""))
    names = {role_group_name(property_id, role) for role in roles}
    groups = _groups_for_update(names | set(held.values_list("name", flat=True)))
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    user.groups.remove(*[group for group in groups if group.name not in names])
    user.groups.add(*[group for group in groups if group.name in names])
    rights_changed(user_ids=[user.pk])


def rights_changed(*, user_ids: Iterable[uuid.UUID]) -> None:
    """Start a new permission epoch for these users and tell their open pages after the commit.

    The epoch is a clock that only rises: an epoch that was rolled back never comes again, or rights that were cached
    under it inside that transaction would come true.
    """
    wanted = sorted(user_ids)
    # Locked in key order: two role changes at once touch the same people.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    locked = list(people.values_list("pk", flat=True))
    clock = models.Value(time.time_ns() // 1000, output_field=models.BigIntegerField())
    User.objects.filter(pk__in=locked).update(permission_epoch=Greatest(F("permission_epoch") + 1, clock))
    for user_id in locked:
        bell.ring_user(user_id, "rights")


def _owned_by(user_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the hotels where the user has a role that holds every right, in key order."""
    names = Group.objects.filter(user__pk=user_id, name__startswith="property:").values_list("name", flat=True)
    parts = [name.split(":", 2) for name in names]
    return sorted({uuid.UUID(property_id) for _property, property_id, role in parts if role in ALL_RIGHTS})


def _groups_for_update(names: Iterable[str]) -> list[Group]:
    """Return the groups of these names, made where they are missing, locked in order of name and before any user.

    Without the lock somebody who gets a role while its rights change would keep the old rights: neither change sees
    the other, and her new epoch would already be read with the old ones.
    """
    wanted = sorted(names)
    known = set(Group.objects.filter(name__in=wanted).values_list("name", flat=True))
    # Somebody else may make the same group meanwhile: then we wait for that one.
    Group.objects.bulk_create([Group(name=name) for name in wanted if name not in known], ignore_conflicts=True)
    return list(Group.objects.select_for_update(no_key=True).filter(name__in=wanted).order_by("name"))


def role_group_name(property_id: uuid.UUID, role: str) -> str:
    """Return the name of the group that holds a role's rights at a property."""
    return f"property:{property_id}:{role}"


def tenant_content_type() -> ContentType:
    """Return the content type that rights are granted on."""
    return ContentType.objects.get_for_model(apps.get_model(settings.TENANT_MODEL))


def members_of(property_id: uuid.UUID) -> models.QuerySet[User, uuid.UUID]:
    """Return the ids of everybody who has a role at the property."""
    people = User.objects.filter(groups__name__startswith=role_group_name(property_id, ""))
    return people.order_by().values_list("pk", flat=True).distinct()


def sessions_prune() -> None:
    """Forget the sessions and failed tries that ran out; their rows would stay for ever otherwise."""
    SessionStore.clear_expired()
    counters.prune()
