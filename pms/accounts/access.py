"""The only place that answers "may this user … at this property?".

Three functions serve pages, API, admin and sockets alike: `properties_for`, `permitted` and `fetch`. A user's rights in
all hotels are one query per permission epoch, never guardian's checker object by object.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models

from pms.core.errors import NotAllowed, NotThere

from .models import User
from .registry import all_codes

Model = TypeVar("Model", bound=models.Model)
RightsByProperty = Mapping[uuid.UUID, frozenset[str]]

CACHED_USERS = 5_000
# Group permissions on the tenant, by the group memberships of one user.
RIGHTS_OF_USER = """
    SELECT granted.object_pk, permission.codename
    FROM guardian_groupobjectpermission AS granted
    JOIN auth_permission AS permission ON permission.id = granted.permission_id
    JOIN django_content_type AS type ON type.id = granted.content_type_id
    JOIN accounts_user_groups AS member ON member.group_id = granted.group_id
    WHERE member.user_id = %s AND type.app_label = %s AND type.model = %s
"""

_cache: OrderedDict[tuple[uuid.UUID, int], RightsByProperty] = OrderedDict()
_cache_lock = Lock()


def rights_by_property(user: User) -> RightsByProperty:
    """Return the rights of `user` in each hotel where she has any (not meaningful for superusers: they hold all)."""
    key = (user.pk, user.permission_epoch)
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    fresh = _read_rights(user)
    with _cache_lock:
        _cache[key] = fresh
        while len(_cache) > CACHED_USERS:
            _cache.popitem(last=False)
    return fresh


def rights_at(user: Any, property_id: uuid.UUID) -> frozenset[str]:
    """Return the codes of what `user` may do at the property; nothing for strangers and disabled users."""
    if not _is_known(user):
        return frozenset()
    if user.is_superuser:
        return all_codes()
    return rights_by_property(user).get(property_id, frozenset())


def properties_for(user: Any, right: str) -> frozenset[uuid.UUID] | None:
    """Return the ids of the properties where `user` holds `right`; None means all (the installation's superuser)."""
    if not _is_known(user):
        return frozenset()
    if user.is_superuser:
        return None
    return frozenset(pk for pk, codes in rights_by_property(user).items() if right in codes)


def permitted(user: Any, right: str, property_id: uuid.UUID) -> None:
    """Return if `user` holds `right` at the property.

    Raises `NotThere` for somebody who has no right in that hotel at all (it does not exist for her), `NotAllowed` for
    a colleague without this right.
    """
    codes = rights_at(user, property_id)
    if right in codes:
        return
    if not codes:
        raise NotThere("That hotel")
    raise NotAllowed(right)


def fetch(rows: models.QuerySet[Model], user: Any, right: str, **lookup: Any) -> Model:
    """Return the one row of `rows` that matches `lookup`, if `user` holds `right` at its property.

    Raises `NotThere` if there is none or it is another hotel's, `NotAllowed` as in `permitted`.
    """
    model = rows.model
    name = str(model._meta.verbose_name).capitalize()
    row = rows.filter(**lookup).first()
    if row is None:
        raise NotThere(name)
    held = [rights_at(user, property_id) for property_id in row.property_ids()]  # type: ignore[attr-defined]
    if any(right in codes for codes in held):
        return row
    raise NotAllowed(right) if any(held) else NotThere(name)


def _is_known(user: Any) -> bool:
    return isinstance(user, User) and user.is_active


def _read_rights(user: User) -> RightsByProperty:
    app_label, model = settings.TENANT_MODEL.lower().split(".")
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS_OF_USER, [user.pk, app_label, model])
        for object_pk, codename in cursor.fetchall():
            found[uuid.UUID(object_pk)].add(codename)
    return {property_id: frozenset(codes) for property_id, codes in found.items()}
