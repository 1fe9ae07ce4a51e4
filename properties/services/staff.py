"""Who works at a hotel and in which roles; the groups that hold the rights are kept in step here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from guardian.models import GroupObjectPermission

from pms.accounts.models import User
from pms.accounts.registry import ROLES
from pms.accounts.services import tenant_content_type, user_create, user_set_roles
from pms.core.errors import NotThere
from pms.events.publish import publish
from properties.errors import AlreadyStaff, LastOwner, RoleMissing, UnknownRole
from properties.events import StaffAdded, StaffRemoved, StaffRolesSet
from properties.models import Membership
from properties.permissions import Permission
from properties.selectors import business_date_of, memberships_for_update

from .changes import apply

OWNER = "owner"


@transaction.atomic
def staff_add(
    *,
    property_id: uuid.UUID,
    email: str,
    name: str,
    roles: Iterable[str],
    locale: str = "en",
    password: str | None = None,
) -> Membership:
    """Let somebody work at the hotel; who is known by this address in another hotel keeps name and password.

    A new person without a password signs in after choosing one through the mailed link. Raises `AlreadyStaff`,
    `UnknownRole`, `RoleMissing`.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = user_create(email=email, name=name, password=password, locale=locale)
    return staff_add_user(property_id=property_id, user_id=user.pk, roles=roles)


@transaction.atomic
def staff_add_user(*, property_id: uuid.UUID, user_id: uuid.UUID, roles: Iterable[str]) -> Membership:
    """Let a known user work at the hotel in `roles`; raises as `staff_add`."""
    wanted = _roles(roles)
    if Membership.objects.filter(property_id=property_id, user_id=user_id).exists():
        raise AlreadyStaff(User.objects.get(pk=user_id).email)
    member = Membership(property_id=property_id, user_id=user_id, roles=wanted)
    member.save()
    _keep_in_step(member, wanted)
    publish(
        StaffAdded(
            property_id=property_id,
            business_date=business_date_of(property_id),
            membership_id=member.pk,
            version=member.version,
            changes={"roles": ([], wanted)},
        )
    )
    return member


@transaction.atomic
def staff_set_roles(*, membership_id: uuid.UUID, roles: Iterable[str], seen_version: int | None = None) -> Membership:
    """Give a member of the staff exactly these roles, live: open pages follow within seconds.

    Raises `LastOwner`, `UnknownRole`, `RoleMissing`, `StaleVersion`.
    """
    wanted = _roles(roles)
    member, others = _locked(membership_id)
    changes = apply(member, values={"roles": wanted}, allowed=frozenset({"roles"}), seen_version=seen_version)
    if not changes:
        return member
    if OWNER not in wanted:
        _refuse_without_owner(others)
    member.save()
    _keep_in_step(member, wanted)
    publish(
        StaffRolesSet(
            property_id=member.property_id,
            business_date=member.property.business_date,
            membership_id=member.pk,
            version=member.version,
            changes=changes,
        )
    )
    return member


@transaction.atomic
def staff_remove(*, membership_id: uuid.UUID) -> None:
    """Let somebody no longer work at the hotel: her open pages of it close; she stays a user. Raises `LastOwner`."""
    member, others = _locked(membership_id)
    _refuse_without_owner(others)
    _keep_in_step(member, [])
    event = StaffRemoved(
        property_id=member.property_id,
        business_date=member.property.business_date,
        membership_id=member.pk,
        changes={"roles": (member.roles, [])},
    )
    member.delete()
    publish(event)


def _roles(roles: Iterable[str]) -> list[str]:
    """Return the wanted roles once each, in the order of the house; raises for unknown ones and for none."""
    wanted = set(roles)
    for role in sorted(wanted - set(ROLES)):
        raise UnknownRole(role)
    if not wanted:
        raise RoleMissing
    return [role for role in ROLES if role in wanted]


def _locked(membership_id: uuid.UUID) -> tuple[Membership, list[Membership]]:
    """Return the membership and the others of its hotel, all locked: two owners leaving at once must not both go."""
    property_id = Membership.objects.filter(pk=membership_id).values_list("property_id", flat=True).first()
    members = memberships_for_update(property_id) if property_id else []
    found = [member for member in members if member.pk == membership_id]
    if not found:
        raise NotThere("That person")
    return found[0], [member for member in members if member.pk != membership_id]


def _refuse_without_owner(others: list[Membership]) -> None:
    if not any(OWNER in member.roles and member.user.is_active for member in others):
        raise LastOwner


def _keep_in_step(member: Membership, roles: list[str]) -> None:
    """Bring groups, and the door to the administration, in step with the roles."""
    user_set_roles(user_id=member.user_id, property_id=member.property_id, roles=roles)
    user = User.objects.select_for_update().get(pk=member.user_id)
    # Asked of the tables, not of `access`: its cache must never learn what this transaction may still undo.
    manages = (
        user.is_superuser
        or GroupObjectPermission.objects.filter(
            group__user=user, content_type=tenant_content_type(), permission__codename=Permission.HOTEL_CHANGE
        ).exists()
    )
    if user.is_staff != manages:
        user.is_staff = manages
        user.save(update_fields=["is_staff"])
    member.user = user  # the caller sees the new permission epoch
