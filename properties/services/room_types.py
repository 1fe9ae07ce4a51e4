"""Room types: what the hotel sells."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue
from pms.core.locks import Lock, lock_exclusive
from pms.events.publish import publish
from properties.errors import RoomTypeCodeTaken, RoomTypeInUse
from properties.events import RoomTypeAdded, RoomTypeArchived, RoomTypeArchiving, RoomTypeChanged, RoomTypeRestored
from properties.models import Room, RoomType, RoomTypeSpan
from properties.selectors import business_date_of, room_type_for_update

from .changes import apply, check
from .places import features_check

CHANGEABLE = frozenset(RoomType.CHANGEABLE)


@transaction.atomic
def room_type_add(
    *,
    property_id: uuid.UUID,
    code: str,
    name: str,
    rank: int = 10,
    max_adults: int = 2,
    max_children: int = 0,
    inspect_departures: bool = False,
    **more: Any,
) -> RoomType:
    """Make a room type; `rank` orders types from the simplest to the finest, `more` are other fields of it.

    Raises `RoomTypeCodeTaken`, `InvalidValue`.
    """
    if unknown := set(more) - CHANGEABLE:
        raise TypeError(f"A room type is not made with {sorted(unknown)}.")
    _refuse_taken(property_id, code)
    features_check(property_id, more.get("features") or [])
    room_type = RoomType(
        property_id=property_id,
        code=code,
        name=name,
        rank=rank,
        max_adults=max_adults,
        max_children=max_children,
        inspect_departures=inspect_departures,
        **more,
    )
    check(room_type)
    _check_capacity(room_type)
    room_type.save()
    publish(
        RoomTypeAdded(
            property_id=property_id,
            business_date=business_date_of(property_id),
            room_type_id=room_type.pk,
            version=room_type.version,
        )
    )
    return room_type


@transaction.atomic
def room_type_change(
    *,
    room_type_id: uuid.UUID,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    originals: Mapping[str, Any] | None = None,
) -> RoomType:
    """Change a room type, merged with what others saved since `seen_version`.

    Raises `RoomTypeCodeTaken`, `StaleVersion`, `InvalidValue`.
    """
    room_type = room_type_for_update(room_type_id)
    changes = apply(room_type, values=values, allowed=CHANGEABLE, seen_version=seen_version, originals=originals)
    if not changes:
        return room_type
    if "code" in changes:
        _refuse_taken(room_type.property_id, room_type.code, but=room_type.pk)
    if "features" in changes:
        features_check(room_type.property_id, room_type.features)
    _check_capacity(room_type)
    room_type.save()
    publish(
        RoomTypeChanged(
            property_id=room_type.property_id,
            business_date=room_type.property.business_date,
            room_type_id=room_type.pk,
            version=room_type.version,
            changes=changes,
        )
    )
    return room_type


@transaction.atomic
def room_type_archive(*, room_type_id: uuid.UUID) -> RoomType:
    """Take a room type out of use; it stays in history, and so does its code (`room_type_restore`).

    Raises `RoomTypeInUse` while rooms are of it.
    """
    property_id = _property_of(room_type_id)
    lock_exclusive(Lock.INVENTORY, property_id)  # before the row: whoever sells it may refuse under this lock
    room_type = room_type_for_update(room_type_id)
    if room_type.archived_at is not None:
        return room_type
    later = RoomTypeSpan.objects.filter(room_type=room_type, days__endswith__gt=room_type.property.business_date)
    ever = RoomTypeSpan.objects.filter(room_type=room_type, days__upper_inf=True)
    of_it = Q(room_type=room_type) | Q(type_spans__in=later | ever)
    rooms = Room.objects.filter(of_it, archived_at=None).distinct().count()
    if rooms:
        raise RoomTypeInUse(rooms=rooms)
    facts: dict[str, Any] = {"property_id": room_type.property_id, "business_date": room_type.property.business_date}
    publish(RoomTypeArchiving(room_type_id=room_type.pk, **facts))
    room_type.archived_at = timezone.now()
    room_type.save()
    publish(RoomTypeArchived(room_type_id=room_type.pk, version=room_type.version, **facts))
    return room_type


@transaction.atomic
def room_type_restore(*, room_type_id: uuid.UUID) -> RoomType:
    """Take an archived room type into use again, with its prices and photos; rooms are given to it anew."""
    room_type = room_type_for_update(room_type_id)
    if room_type.archived_at is None:
        return room_type
    room_type.archived_at = None
    room_type.save()
    publish(
        RoomTypeRestored(
            property_id=room_type.property_id,
            business_date=room_type.property.business_date,
            room_type_id=room_type.pk,
            version=room_type.version,
        )
    )
    return room_type


def _check_capacity(room_type: RoomType) -> None:
    if room_type.max_adults < 1:
        raise InvalidValue(_("A room sleeps at least one adult. Nothing was saved."), field="max_adults")
    if room_type.max_occupancy is not None and room_type.max_occupancy < 1:
        raise InvalidValue(_("A room holds at least one person. Nothing was saved."), field="max_occupancy")


def _property_of(room_type_id: uuid.UUID) -> uuid.UUID:
    """Return the hotel of a room type (it never changes), to take that hotel's locks before the row's."""
    found: uuid.UUID = RoomType.objects.values_list("property_id", flat=True).get(pk=room_type_id)
    return found


def _refuse_taken(property_id: uuid.UUID, code: str, *, but: uuid.UUID | None = None) -> None:
    other = RoomType.objects.filter(property_id=property_id, code=code).exclude(pk=but).first()
    if other is not None:
        raise RoomTypeCodeTaken(code, archived=other.archived_at is not None)
