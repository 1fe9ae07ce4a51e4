"""People in roles, made through the kernel's own services."""

from __future__ import annotations

import uuid

from pms.accounts import access
from pms.accounts.models import User
from pms.accounts.registry import codes_of_role
from pms.accounts.services import role_set_rights, user_create, user_set_roles
from properties.models import Property

PASSWORD = "correct horse battery"


def make_user(name: str = "Hugo", **options: str) -> User:
    """Make a person who signs in as `<name>@example.com`."""
    return user_create(email=f"{name.lower()}@example.com", name=name, password=PASSWORD, **options)


def with_role(user: User, hotel: Property, *roles: str) -> User:
    """Give the roles at the hotel, with the rights they hold from the start, and return the user as she is now."""
    for role in roles:
        role_set_rights(property_id=hotel.pk, role=role, rights=codes_of_role(role))
    user_set_roles(user_id=user.pk, property_id=hotel.pk, roles=roles)
    return again(user)


def again(user: User) -> User:
    """Load the user as the next request does."""
    return User.objects.get(pk=user.pk)


def rights(user: User, hotel: Property | uuid.UUID) -> frozenset[str]:
    """Return what the user may do at the hotel from the next request on."""
    return access.rights_at(again(user), hotel.pk if isinstance(hotel, Property) else hotel)
