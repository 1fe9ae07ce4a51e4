"""Opens hotels and changes their settings."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from pms.core.money import is_currency
from pms.events.base import Changes
from pms.events.publish import publish
from properties.capacity import check_bands
from properties.errors import HotelCodeTaken, UnknownCurrency
from properties.events import HotelChanged, HotelOpened
from properties.models import Organization, Property
from properties.selectors import hotel_for_update

from .changes import apply, check
from .roles import standard_roles_set
from .staff import staff_add_user

# Code, currency and time zone are not here: addresses, sums and nights that exist already would change their meaning.
PLACE = ("street", "postal_code", "city", "country")
CHANGEABLE = frozenset(
    {
        *PLACE,
        "name",
        "address",
        "tax_number",
        "phone",
        "email",
        "website",
        "age_bands",
        "locale",
        "check_in_time",
        "check_out_time",
        "audit_time",
        "accent_hue",
    }
)


@transaction.atomic
def organization_create(*, name: str) -> Organization:
    """Make an organization (a chain or a single owner); it has no hotel yet."""
    organization = Organization(name=name)
    check(organization)
    organization.save()
    return organization


@transaction.atomic
def hotel_open(
    *,
    organization: Organization,
    owner_id: uuid.UUID,
    code: str,
    name: str,
    time_zone: str,
    currency: str,
    address: str = "",
    tax_number: str = "",
    locale: str = "en",
    business_date: dt.date | None = None,
    accent_hue: int = 210,
) -> Property:
    """Make a hotel with its standard roles and its first owner; the business date begins as today's local date.

    Raises `HotelCodeTaken`, `UnknownCurrency`, `InvalidValue`.
    """
    if Property.objects.filter(code__iexact=code).exists():
        raise HotelCodeTaken(code)
    hotel = Property(
        organization=organization,
        code=code,
        name=name,
        address=address,
        tax_number=tax_number,
        time_zone=time_zone,
        currency=currency,
        locale=locale,
        accent_hue=accent_hue,
    )
    check(hotel, leave={"business_date"})
    if not is_currency(currency):
        raise UnknownCurrency(currency)
    hotel.business_date = business_date or timezone.localdate(timezone=ZoneInfo(time_zone))
    hotel.save()
    standard_roles_set(property_id=hotel.pk)
    staff_add_user(property_id=hotel.pk, user_id=owner_id, roles=["owner"])
    publish(HotelOpened(property_id=hotel.pk, business_date=hotel.business_date, version=hotel.version))
    return hotel


@transaction.atomic
def hotel_change(
    *,
    property_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> Property:
    """Change settings of the hotel (the fields in `CHANGEABLE`), merged with what others saved since `seen_version`.

    `originals` is what the form showed, so that a field nobody touched never counts as changed. Raises `StaleVersion`
    when somebody else changed the same field, `InvalidValue` for a value the hotel cannot have.
    """
    hotel = hotel_for_update(property_id)
    if "age_bands" in values:
        values = {**values, "age_bands": check_bands(values["age_bands"])}
    changes = apply(hotel, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals)
    if changes.keys() & set(PLACE) and "address" not in changes:
        changes = {**changes, **_write_address(hotel)}
    if changes:
        hotel.save()
        publish(
            HotelChanged(
                property_id=hotel.pk, business_date=hotel.business_date, version=hotel.version, changes=changes
            )
        )
    return hotel


def _write_address(hotel: Property) -> Changes:
    """Write the address as it stands on invoices from its parts, and return that change."""
    before = hotel.address
    town = f"{hotel.postal_code} {hotel.city}".strip()
    hotel.address = "\n".join(line for line in (hotel.street, town, hotel.country) if line)
    return {"address": (before, hotel.address)} if hotel.address != before else {}
