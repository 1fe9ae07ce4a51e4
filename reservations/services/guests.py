"""Writes of guest profiles."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue, NotThere
from properties.models import Property
from reservations.drafts import GuestDraft
from reservations.models import Guest


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
