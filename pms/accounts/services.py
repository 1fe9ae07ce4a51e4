"""Writes of accounts: users, the rights of a role at a property, and who belongs to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from guardian.models import GroupObjectPermission

from pms.core.errors import AlreadyTaken
from pms.events import bell

from .models import User


class EmailTaken(AlreadyTaken, code="email_taken"):
    """Another user signs in with this address."""


@transaction.atomic
def user_create(*, email: str, name: str, password: str | None = None, locale: str = "en") -> User:
    """Make a person who signs in with `email`. Raises `EmailTaken`."""
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken(f"{email} signs in here already. Nobody was added.", field="email")
    return User.objects.create_user(email, password, name=name, locale=locale)


@transaction.atomic
def service_user_create(*, name: str) -> User:
    """Make the user that an API client acts as; nobody can sign in with it."""
    return User.objects.create_user(f"{uuid.uuid4().hex}@service.invalid", None, name=name, kind=User.Kind.SERVICE)


@transaction.atomic
def user_set_active(*, user_id: uuid.UUID, active: bool) -> User:
    """Let a user in again, or shut her out everywhere at once: sessions, API and open pages."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.is_active = active
    user.save(update_fields=["is_active"])
    rights_changed(user_ids=[user.pk])
    return user


@transaction.atomic
def role_set_rights(*, property_id: uuid.UUID, role: str, rights: Iterable[str]) -> Group:
    """Let everybody who has `role` at the property do exactly `rights`, from this moment on."""
    group, _ = Group.objects.get_or_create(name=role_group_name(property_id, role))
    tenant = tenant_content_type()
    wanted = set(Permission.objects.filter(content_type=tenant, codename__in=list(rights)))
    granted = GroupObjectPermission.objects.filter(group=group, content_type=tenant, object_pk=str(property_id))
    granted.exclude(permission__in=wanted).delete()
    held = set(granted.values_list("permission_id", flat=True))
    GroupObjectPermission.objects.bulk_create(
        GroupObjectPermission(group=group, permission=permission, content_type=tenant, object_pk=str(property_id))
        for permission in sorted(wanted, key=lambda permission: permission.pk)
        if permission.pk not in held
    )
    rights_changed(user_ids=list(group.user_set.values_list("pk", flat=True)))
    return group


@transaction.atomic
def user_set_roles(*, user_id: uuid.UUID, property_id: uuid.UUID, roles: Iterable[str]) -> None:
    """Give the user exactly these roles at the property; called by the staff service of `properties`."""
    user = User.objects.select_for_update().get(pk=user_id)
    prefix = role_group_name(property_id, "")
    names = {role_group_name(property_id, role) for role in roles}
    user.groups.remove(*user.groups.filter(name__startswith=prefix).exclude(name__in=names))
    user.groups.add(*Group.objects.filter(name__in=names))
    rights_changed(user_ids=[user.pk])


def rights_changed(*, user_ids: Iterable[uuid.UUID]) -> None:
    """Start a new permission epoch for these users and tell their open pages after the commit."""
    wanted = sorted(user_ids)
    # Locked in key order: two role changes at once touch the same people.
    locked = list(User.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True))
    User.objects.filter(pk__in=locked).update(permission_epoch=F("permission_epoch") + 1)
    for user_id in locked:
        bell.ring_user(user_id, "rights")


def role_group_name(property_id: uuid.UUID, role: str) -> str:
    """Return the name of the group that holds a role's rights at a property."""
    return f"property:{property_id}:{role}"


def tenant_content_type() -> ContentType:
    """Return the content type that rights are granted on."""
    return ContentType.objects.get_for_model(apps.get_model(settings.TENANT_MODEL))
