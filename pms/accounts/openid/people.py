"""Finds whose account a provider vouches for, and keeps the two together from the first time on."""

from __future__ import annotations

import uuid

from django.db import transaction

from pms.accounts.access import rights_by_property
from pms.accounts.models import OpenidIdentity, User
from pms.accounts.notices import way_added
from pms.accounts.providers import Provider
from pms.core.audit import record_of_person

from .errors import OpenidRefused
from .tokens import Claims


@transaction.atomic
def person_of(*, provider: Provider, claims: Claims) -> User:
    """Return the active person that the provider vouches for; nobody is made.

    The first time by a verified address of its domains. From then on only the provider's own key of her counts, so
    that whoever inherits the address does not inherit the account. Raises `OpenidRefused`.
    """
    known = OpenidIdentity.objects.filter(issuer=provider.issuer, subject=claims.subject).first()
    if known is not None:
        return _let_in(User.objects.get(pk=known.user_id))
    if not claims.email or not provider.vouches_for(claims.email):
        raise OpenidRefused("unknown", detail="address")
    people = User.objects.select_for_update(no_key=True).filter(email__iexact=claims.email)
    found = people.first()
    if found is None:
        raise OpenidRefused("unknown", detail="nobody")
    user = _let_in(found)
    identity, _made = OpenidIdentity.objects.get_or_create(
        issuer=provider.issuer, user=user, defaults={"subject": claims.subject}
    )
    if identity.subject != claims.subject:
        raise OpenidRefused("unknown", detail="another subject")
    record_of_person(
        act="sign_in.linked",
        person=user,
        acted=user,
        property_ids=sorted(rights_by_property(user)),
        changes={"provider": ["", provider.name]},
    )
    way_added(user, provider.name)
    return user


def check_is(user: User, *, provider: Provider, claims: Claims) -> None:
    """Refuse whoever is not the person at this browser, for whom the provider has vouched before."""
    if not OpenidIdentity.objects.filter(issuer=provider.issuer, subject=claims.subject, user_id=user.pk).exists():
        raise OpenidRefused("other")


@transaction.atomic
def identities_forget(*, user_id: uuid.UUID) -> int:
    """Untie a person from every provider and return from how many."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    gone, _kinds = OpenidIdentity.objects.filter(user=user).delete()
    if gone:
        record_of_person(act="sign_in.unlinked", person=user, acted=None, property_ids=sorted(rights_by_property(user)))
    return gone


def _let_in(user: User) -> User:
    if not user.is_active or user.kind != User.Kind.PERSON:
        raise OpenidRefused("unknown", detail="shut out")
    return user
