"""Who works at a hotel and in which roles; the groups that hold the rights are kept in step here."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.accounts.models import User
from pms.accounts.services import user_create, user_set_roles
from pms.core.errors import NotThere
from pms.events.publish import publish
from properties.errors import AlreadyStaff, LastOwner, RoleMissing, UnknownRole
from properties.events import StaffAdded, StaffDisabled, StaffEnabled, StaffRemoved, StaffRolesSet
from properties.models import Membership, Property
from properties.selectors import business_date_of, memberships_for_update, roles_to_give

from .changes import apply
from .doors import doors_keep

OWNER = "owner"


@transaction.atomic
def staff_add(
    *,
    property_id: uuid.UUID,
    email: str,
    name: str,
    roles: Iterable[str],
    password: str | None = None,
) -> Membership:
    """Let somebody work at the hotel; who is known by this address in another hotel keeps name and password.

    A new person reads the hotel's language until she chooses her own (`pms.accounts.languages`), and without a
    password cannot sign in before she has chosen one by mail; people are asked by `staff_invite`. Raises
    `AlreadyStaff`, `UnknownRole`, `RoleMissing`.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        locale = Property.objects.values_list("locale", flat=True).get(pk=property_id)
        user = user_create(email=email, name=name, password=password, locale=locale)
    return staff_add_user(property_id=property_id, user_id=user.pk, roles=roles)


@transaction.atomic
def staff_add_user(*, property_id: uuid.UUID, user_id: uuid.UUID, roles: Iterable[str]) -> Membership:
    """Let a known user work at the hotel in `roles`; raises as `staff_add`."""
    wanted = roles_wanted(property_id, roles)
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
def staff_set_roles(
    *,
    membership_id: uuid.UUID,
    roles: Iterable[str],
    seen_roles: Iterable[str] | None = None,
    seen_version: int | None = None,
) -> Membership:
    """Give a member of the staff exactly these roles, live: open pages follow within seconds.

    Who left the roles as they were shown (`seen_roles`) changes nothing.

    Raises `LastOwner`, `UnknownRole`, `RoleMissing`, `StaleVersion`.
    """
    member, others = _locked(membership_id)
    wanted = roles_wanted(member.property_id, roles)
    untouched = seen_roles is not None and set(seen_roles) == set(wanted)
    changes = apply(
        member,
        values={"roles": wanted},
        originals={"roles": wanted} if untouched else None,
        allowed=frozenset({"roles"}),
        seen_version=seen_version,
    )
    if not changes:
        return member
    if OWNER not in wanted:
        _refuse_without_owner(member, others, had=changes["roles"][0])
    member.save()
    _keep_in_step(member, wanted)
    publish(StaffRolesSet(**_about(member), changes=changes))
    return member


@transaction.atomic
def staff_remove(*, membership_id: uuid.UUID) -> None:
    """Let somebody no longer work at the hotel: her open pages of it close; she stays a user. Raises `LastOwner`."""
    member, others = _locked(membership_id)
    _refuse_without_owner(member, others, had=member.roles)
    _keep_in_step(member, [])
    event = StaffRemoved(
        property_id=member.property_id,
        business_date=member.property.business_date,
        membership_id=member.pk,
        changes={"roles": (member.roles, [])},
    )
    member.delete()
    publish(event)


@transaction.atomic
def staff_disable(*, membership_id: uuid.UUID) -> Membership:
    """Shut somebody out of the hotel at once: her open pages of it close, her roles are kept. Raises `LastOwner`.

    Her account stays as it is: she may work in other hotels.
    """
    member, others = _locked(membership_id)
    if member.disabled_at is not None:
        return member
    _refuse_without_owner(member, others, had=member.roles)
    member.disabled_at = timezone.now()
    member.save()
    _keep_in_step(member, [])
    publish(StaffDisabled(**_about(member)))
    return member


@transaction.atomic
def staff_enable(*, membership_id: uuid.UUID) -> Membership:
    """Let somebody who was shut out work at the hotel again, in the roles she had."""
    member, _others = _locked(membership_id)
    if member.disabled_at is None:
        return member
    member.disabled_at = None
    member.save()
    _keep_in_step(member, member.roles)
    publish(StaffEnabled(**_about(member)))
    return member


def owner_keep(*, property_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Refuse to lose this person if she is the only owner who can come in. Raises `LastOwner`."""
    members = memberships_for_update(property_id)
    for member in members:
        if member.user_id == user_id:
            others = [other for other in members if other.pk != member.pk]
            _refuse_without_owner(member, others, had=member.roles)


def member_roles_swap(*, member: Membership, old: str, new: str) -> None:
    """Give the (locked) member the role `new` in place of `old`, as part of a change of the roles themselves."""
    before = list(member.roles)
    member.roles = list(dict.fromkeys(new if role == old else role for role in before))
    member.save()
    _keep_in_step(member, member.roles)
    publish(StaffRolesSet(**_about(member), changes={"roles": (before, member.roles)}))


def _about(member: Membership) -> dict[str, Any]:
    return {
        "property_id": member.property_id,
        "business_date": member.property.business_date,
        "membership_id": member.pk,
        "version": member.version,
    }


def roles_wanted(property_id: uuid.UUID, roles: Iterable[str]) -> list[str]:
    """Return the wanted roles once each, in the order of the house. Raises `UnknownRole`, `RoleMissing`.

    They are locked: none of them may be archived while somebody is given it.
    """
    wanted = set(roles)
    known = roles_to_give(property_id, wanted)
    for role in sorted(wanted - set(known)):
        raise UnknownRole(role)
    if not wanted:
        raise RoleMissing
    return known


def _locked(membership_id: uuid.UUID) -> tuple[Membership, list[Membership]]:
    """Return the membership and the others of its hotel, all locked: two owners leaving at once must not both go."""
    property_id = Membership.objects.filter(pk=membership_id).values_list("property_id", flat=True).first()
    members = memberships_for_update(property_id) if property_id else []
    found = [member for member in members if member.pk == membership_id]
    if not found:
        raise NotThere(_("That person"))
    return found[0], [member for member in members if member.pk != membership_id]


def _refuse_without_owner(member: Membership, others: list[Membership], *, had: Collection[str]) -> None:
    """Refuse to take the only owner who can still come in; `had` are the roles she holds until now."""
    owners = [other.user_id for other in others if OWNER in other.roles and other.disabled_at is None]
    # Asked now, behind the locks: what was read together with them may be as old as the wait for them.
    staying = User.objects.filter(pk__in=owners, is_active=True).exists()
    if OWNER in had and member.disabled_at is None and not staying:
        raise LastOwner


def _keep_in_step(member: Membership, roles: list[str]) -> None:
    """Bring groups, and the door to the administration, in step with the roles; who is shut out has none."""
    held = [] if member.disabled_at is not None else roles
    user_set_roles(user_id=member.user_id, property_id=member.property_id, roles=held)
    doors_keep([member.user_id])
    member.user = User.objects.get(pk=member.user_id)  # the caller sees the new permission epoch
