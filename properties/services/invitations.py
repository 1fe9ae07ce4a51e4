"""Inviting people to the staff: a mailed link that works once, for a week, for one address.

Lock order: memberships, roles, invitation, groups, users. So what an invitation promises is judged by what its inviter
may give at that very moment, and never by what she could a week ago.
"""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.people import account_facts
from pms.accounts.services import user_create, user_join
from pms.core.acting import acting, within
from pms.core.mail import mail_send
from pms.events.publish import publish
from properties.errors import AlreadyInvited, AlreadyStaff, InvitationClosed, WrongPerson
from properties.events import StaffInvitationRevoked, StaffInvited
from properties.models import Invitation, Membership, Property
from properties.permissions import Permission
from properties.selectors import (
    business_date_of,
    invitation_for_update,
    invitation_of_token,
    memberships_for_update,
    roles_called,
    roles_for_update,
    roles_givable,
)

from .staff import roles_wanted, staff_add_user

VALID_FOR = timedelta(days=7)
SALT = "properties.invitation"
PRUNED_AT_ONCE = 500  # forgotten in one go


@transaction.atomic
def staff_invite(
    *, property_id: uuid.UUID, email: str, name: str, roles: Iterable[str], invited_by_id: uuid.UUID
) -> Invitation:
    """Ask somebody to work at the hotel in `roles`: a link goes to the address after the commit.

    Raises `AlreadyStaff`, `AlreadyInvited`, `UnknownRole`, `RoleMissing`.
    """
    wanted = roles_wanted(property_id, roles)
    if Membership.objects.filter(property_id=property_id, user__email__iexact=email).exists():
        raise AlreadyStaff(email)
    waiting = Invitation.objects.filter(property_id=property_id, accepted_at=None, revoked_at=None)
    if waiting.filter(email__iexact=email).exists():
        raise AlreadyInvited(email)
    invitation = Invitation(
        property_id=property_id, email=email, name=name, roles=wanted, invited_by_id=invited_by_id, serial=0
    )
    return _send(invitation)


@transaction.atomic
def invitation_send_again(*, invitation_id: uuid.UUID, invited_by_id: uuid.UUID) -> Invitation:
    """Mail a new link that counts a week from now; the old one opens nothing, and the sender answers for the roles.

    Raises `InvitationClosed`, `UnknownRole` for a role that is no longer in use.
    """
    invitation = _waiting(invitation_id)
    roles_wanted(invitation.property_id, invitation.roles)
    invitation.invited_by_id = invited_by_id
    return _send(invitation)


@transaction.atomic
def invitation_revoke(*, invitation_id: uuid.UUID) -> Invitation:
    """Take an invitation back: from this moment on its link opens nothing. Raises `InvitationClosed`."""
    invitation = invitation_for_update(invitation_id)
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationClosed("used" if invitation.accepted_at else "revoked", ask=str(invitation.invited_by))
    invitation.revoked_at = timezone.now()
    invitation.save()
    publish(
        StaffInvitationRevoked(
            property_id=invitation.property_id,
            business_date=business_date_of(invitation.property_id),
            invitation_id=invitation.pk,
        )
    )
    return invitation


def invitations_prune() -> int:
    """Forget invitations that were accepted, taken back or ran out `KEEP_INVITATIONS_DAYS` ago; return how many."""
    before = timezone.now() - timedelta(days=settings.KEEP_INVITATIONS_DAYS)
    over = Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    ids = list(Invitation.objects.filter(over).order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    for invitation_id in ids:
        with transaction.atomic():
            invitation_for_update(invitation_id).delete()
    return len(ids)


def invitation_check(token: str) -> Invitation:
    """Return the invitation whose link this is, if it can be accepted now. Raises `InvitationClosed`."""
    invitation = invitation_of_token(digest(token))
    if invitation is None:
        raise InvitationClosed
    _refuse_closed(invitation)
    return invitation


def account_claimed(user: User) -> bool:
    """Tell whether the account is somebody's already: a mailed link must not set its password."""
    return not account_facts([user.pk])[user.pk].invited


@transaction.atomic
def invitation_accept(
    *, token: str, user_id: uuid.UUID | None = None, name: str = "", password: str = ""
) -> tuple[User, Invitation]:
    """Let the invited person work at the hotel; return her and the invitation.

    `user_id` is who is signed in, and must have the invited address. Without it the link itself is the proof of the
    address: the account is made, in `name` and with `password`, unless it is somebody's already. Raises
    `InvitationClosed`, `WrongPerson`, `UnknownRole`.
    """
    found = invitation_of_token(digest(token))
    if found is None:
        raise InvitationClosed
    memberships_for_update(found.property_id)
    roles_for_update(found.property_id)
    invitation = invitation_for_update(found.pk)
    if invitation.token_hash != found.token_hash:
        raise InvitationClosed
    _refuse_closed(invitation)
    user = _person(invitation, user_id=user_id, name=name, password=password)
    with within(replace(acting(), user=lambda: user)):  # nobody may be signed in yet, and yet it is she who acts
        if not Membership.objects.filter(property_id=invitation.property_id, user=user).exists():
            staff_add_user(property_id=invitation.property_id, user_id=user.pk, roles=invitation.roles)
        invitation.accepted_at = timezone.now()
        invitation.save()
    return User.objects.get(pk=user.pk), invitation


def invitation_mail(*, invitation_id: uuid.UUID, serial: int) -> None:
    """Mail the link number `serial`, unless it went already or does not count any more.

    The language is the reader's own, or the hotel's for somebody new. Raises `OSError` if the mail is not taken.
    """
    invitation = Invitation.objects.select_related("property", "invited_by").filter(pk=invitation_id).first()
    if invitation is None or invitation.serial != serial or invitation.sent_at is not None or _why_closed(invitation):
        return
    known = User.objects.filter(email__iexact=invitation.email).first()
    with translation.override(known.locale if known else invitation.property.locale):
        mail_send(subject=_subject(invitation), text=_text(invitation), to=[invitation.email])
    with transaction.atomic():
        sent = invitation_for_update(invitation_id)
        if sent.serial == serial:
            sent.sent_at = timezone.now()
            sent.save()


def token_of(invitation: Invitation) -> str:
    """Return the secret part of the link: it follows from the row and our key, so a stolen database opens nothing."""
    mac = salted_hmac(SALT, f"{invitation.pk}:{invitation.serial}", algorithm="sha256").digest()
    return urlsafe_b64encode(mac).decode().rstrip("=")


def digest(token: str) -> str:
    """Return what is kept of the secret part of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def _send(invitation: Invitation) -> Invitation:
    invitation.serial += 1
    invitation.token_hash = digest(token_of(invitation))
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.sent_at = None
    invitation.save()
    publish(
        StaffInvited(
            property_id=invitation.property_id,
            business_date=business_date_of(invitation.property_id),
            invitation_id=invitation.pk,
            serial=invitation.serial,
        )
    )
    return invitation


def _waiting(invitation_id: uuid.UUID) -> Invitation:
    """Return the locked invitation if it was neither accepted nor taken back."""
    invitation = invitation_for_update(invitation_id)
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationClosed("used" if invitation.accepted_at else "revoked", ask=str(invitation.invited_by))
    return invitation


def _why_closed(invitation: Invitation) -> str:
    if invitation.accepted_at:
        return "used"
    if invitation.revoked_at:
        return "revoked"
    return "expired" if invitation.has_expired() else ""


def _refuse_closed(invitation: Invitation) -> None:
    """Raise `InvitationClosed` for one that cannot be accepted, also when its inviter could not invite so today."""
    reason = _why_closed(invitation)
    if not reason:
        inviter = User.objects.get(pk=invitation.invited_by_id)  # anew: her rights are those of her present epoch
        may = Permission.STAFF_CHANGE in rights_at(inviter, invitation.property_id)
        if not may or not set(invitation.roles) <= set(roles_givable(inviter, invitation.property_id)):
            reason = "withdrawn"
    if reason:
        raise InvitationClosed(reason, ask=str(invitation.invited_by))


def _person(invitation: Invitation, *, user_id: uuid.UUID | None, name: str, password: str) -> User:
    user = User.objects.select_for_update(no_key=True).filter(email__iexact=invitation.email).first()
    if user is not None and (not user.is_active or user.kind != User.Kind.PERSON):
        raise InvitationClosed("account", ask=str(invitation.invited_by))
    if user_id is not None:
        if user is None or user.pk != user_id:
            raise WrongPerson(invitation.email)
        return user
    if user is None:
        locale = Property.objects.values_list("locale", flat=True).get(pk=invitation.property_id)
        return user_create(email=invitation.email, name=name, password=password, locale=locale)
    if account_claimed(user):
        raise WrongPerson(invitation.email)
    return user_join(user_id=user.pk, name=name, password=password)


def _subject(invitation: Invitation) -> str:
    facts = {"who": invitation.invited_by.name, "hotel": invitation.property.name}
    return _("%(who)s invites you to %(hotel)s") % facts


def _text(invitation: Invitation) -> str:
    called = roles_called(invitation.property_id)
    facts = {
        "name": invitation.name,
        "who": invitation.invited_by.name,
        "hotel": invitation.property.name,
        "roles": ", ".join(called.get(role, role) for role in invitation.roles),
        "link": settings.SITE_URL + reverse("properties:open_invitation", args=[token_of(invitation)]),
    }
    return (
        _(
            "Good day %(name)s,\n\n%(who)s invites you to work at %(hotel)s as: %(roles)s.\n\n%(link)s\n\n"
            "The link works once and for seven days. Do not pass it on: it lets you in. If you do not know why you "
            "get this mail, do nothing."
        )
        % facts
    )
