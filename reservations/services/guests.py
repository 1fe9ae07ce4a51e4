"""Writes of guest profiles."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, NotThere
from properties.models import Property
from properties.services.changes import apply
from reservations.drafts import GuestDraft
from reservations.models import Guest

CHANGEABLE = frozenset({"first_name", "last_name", "email", "phone", "country"})


@transaction.atomic
def guest_change(
    *,
    hotel: Property,
    guest_id: uuid.UUID,
    values: Mapping[str, Any],
    originals: Mapping[str, Any] | None = None,
    seen_version: int | None = None,
) -> Guest:
    """Correct a profile of the hotel's organization, merged with what others saved since `seen_version`.

    Raises `StaleVersion` when somebody else changed the same field to another value; then nothing is saved.
    """
    profiles = Guest.objects.select_for_update(no_key=True)
    guest: Guest | None = profiles.filter(pk=guest_id, organization_id=hotel.organization_id).first()
    if guest is None:
        raise NotThere(_("That guest"))
    if apply(guest, values=values, originals=originals, seen_version=seen_version, allowed=CHANGEABLE):
        guest.save()
    return guest


@transaction.atomic
def guest_note(*, hotel: Property, draft: GuestDraft) -> Guest:
    """Return the profile the draft names, or a new one of the hotel's organization.

    Two people of one name are two people: profiles are merged by a person who looks, never by a guess.
    """
    if draft.guest_id:
        known: Guest | None = Guest.objects.filter(pk=draft.guest_id, organization_id=hotel.organization_id).first()
        if known is None:
            raise NotThere(_("That guest"))
        return known
    if not draft.last_name.strip() and not draft.first_name.strip():
        raise InvalidValue(
            _("A guest needs a name. Nothing was booked; type at least the last name."), field="last_name"
        )
    guest = Guest(
        organization_id=hotel.organization_id,
        first_name=draft.first_name.strip(),
        last_name=draft.last_name.strip(),
        email=draft.email.strip(),
        phone=draft.phone.strip(),
        country=draft.country.strip().upper(),
    )
    guest.save()
    return guest
