"""The only place that answers "may this user … at this property?".

Three functions serve pages, API, admin and sockets alike: `properties_for`, `permitted` and `fetch`. A user's rights in
all hotels are one query per permission epoch, never guardian's checker object by object.

Whoever acts through a program (an access token) may do less than she may herself: the door that let her in narrows its
own copy of the user with `narrow`, and every answer here keeps to that.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext as _

from pms.core.errors import NotAllowed, NotThere

from . import second_step
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


def forget() -> None:
    """Read everybody's rights anew: the database was put back, and epochs are given a second time."""
    with _cache_lock:
        _cache.clear()


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


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a user is held to while she acts through a program: these hotels, these rights."""

    properties: frozenset[uuid.UUID]
    rights: frozenset[str]


def narrow(user: User, *, properties: Iterable[uuid.UUID], rights: Iterable[str]) -> None:
    """Hold this copy of `user` to these hotels and rights, whatever else she may do; it never adds any."""
    user.narrowing = Narrowing(frozenset(properties), frozenset(rights))


def rights_at(user: Any, property_id: uuid.UUID) -> frozenset[str]:
    """Return the codes of what `user` may do at the property; nothing for strangers and disabled users."""
    held = _all_rights_at(user, property_id)
    narrowing: Narrowing | None = getattr(user, "narrowing", None)
    return held if narrowing is None else held & narrowing.rights


def works_at(user: Any, property_id: uuid.UUID) -> bool:
    """Tell whether the property exists for `user`: she has some right there, even if not through this program."""
    return bool(_all_rights_at(user, property_id))


def properties_for(user: Any, right: str) -> frozenset[uuid.UUID] | None:
    """Return the ids of the properties where `user` holds `right`; None means all (the installation's superuser)."""
    if not _is_known(user):
        return frozenset()
    narrowing: Narrowing | None = getattr(user, "narrowing", None)
    if narrowing is not None:
        return frozenset(pk for pk in narrowing.properties if right in rights_at(user, pk))
    if user.is_superuser:
        return None
    return frozenset(pk for pk, codes in rights_by_property(user).items() if right in codes)


def permitted(user: Any, right: str, property_id: uuid.UUID) -> None:
    """Return if `user` holds `right` at the property.

    Raises `NotThere` for somebody who has no right in that hotel at all (it does not exist for her), `NotAllowed` for
    a colleague without this right.
    """
    if right in rights_at(user, property_id):
        return
    if not works_at(user, property_id):
        raise NotThere(_("That hotel"))
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
    properties = row.property_ids()  # type: ignore[attr-defined]
    if any(right in rights_at(user, property_id) for property_id in properties):
        return row
    raise NotAllowed(right) if any(works_at(user, property_id) for property_id in properties) else NotThere(name)


def _all_rights_at(user: Any, property_id: uuid.UUID) -> frozenset[str]:
    """Return what `user` may do at the property herself; nothing at a hotel that she is not let into here."""
    if not _is_known(user):
        return frozenset()
    narrowing: Narrowing | None = getattr(user, "narrowing", None)
    if narrowing is not None and property_id not in narrowing.properties:
        return frozenset()
    return all_codes() if user.is_superuser else rights_by_property(user).get(property_id, frozenset())


def _is_known(user: Any) -> bool:
    """Tell whether `user` may hold rights at all; whom a hotel asks for a second step, `_read_rights` looks up."""
    return isinstance(user, User) and user.is_active and not (user.is_superuser and second_step.due(user))


def _read_rights(user: User) -> RightsByProperty:
    if second_step.due(user):
        return {}
    app_label, model = settings.TENANT_MODEL.lower().split(".")
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS_OF_USER, [user.pk, app_label, model])
        for object_pk, codename in cursor.fetchall():
            found[uuid.UUID(object_pk)].add(codename)
    return {property_id: frozenset(codes) for property_id, codes in found.items()}
