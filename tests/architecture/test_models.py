"""Every row finds its hotel, foreign keys point down and protect, and nothing on the way loses news."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps

from pms.core.models import Row

from . import house

# Models without a property of their own, and why.
NO_PROPERTY: dict[str, str] = {
    "accounts.OpenidIdentity": "who a person is for a provider of sign-ins; a person may work in several hotels",
    "events.Canary": "a queue serves all hotels of the installation",
    "events.History": "one row: where the database of the installation comes from",
    "accounts.Letter": "mails to people, whichever hotels they work in",
    "accounts.Counter": "failed tries to sign in, before anybody knows who it is",
    "api.JobChunk": "lines of a job, which says the hotel itself",
    "api.SpentRefreshToken": "the hash of a key that is void; its grant says the hotels",
    "api.ApiUse": "when a client or a grant was last used; both say their hotels themselves",
}
# Foreign keys that are not judged, and why.
EXEMPT_KEYS = {
    "events.Delivery.event": "a delivery is part of its event; both go together when the stream is pruned",
    "core.AuditEntry.content_type": "field of django-auditlog",
    "core.AuditEntry.actor": "field of django-auditlog",
}
# From the lowest to the highest; siblings share a place (docs/architecture.md 2).
ORDER = [
    *((name,) for name in house.KERNEL),
    ("properties",),
    ("reservations",),
    ("folios", "housekeeping"),
    ("channel_manager",),
    ("notifications",),
]
PLACE = {app: place for place, names in enumerate(ORDER) for app in names}


def our_models() -> list[type[models.Model]]:
    """Return the concrete models of the house."""
    return [model for model in django_apps.get_models() if house.is_ours(model.__module__)]


def tenant() -> type[models.Model]:
    """Return the model that stands for one hotel."""
    found: type[models.Model] = django_apps.get_model(settings.TENANT_MODEL)
    return found


def leads_to_tenant(model: type[models.Model], path: str) -> bool:
    """Tell whether the attributes of `path`, followed from `model`, end in the id of a hotel."""
    *steps, last = path.split("__")
    for step in steps:
        field = _field(model, step)
        if field is None or not field.is_relation:
            return False
        model = field.related_model
    if last == model._meta.pk.attname and model is tenant():
        return True
    field = _field(model, last)
    # The attribute ends in _id: following the row itself would be one query a step.
    return field is not None and field.is_relation and field.attname == last and field.related_model is tenant()


def _field(model: type[models.Model], name: str) -> Any:
    return next((field for field in model._meta.concrete_fields if name in (field.name, field.attname)), None)


def without_tenant(model: type[models.Model]) -> str:
    """Return what is wrong with the way from `model` to its hotel, or nothing."""
    label = model._meta.label
    if label in NO_PROPERTY:
        return ""
    if issubclass(model, Row) and model.property_ids is not Row.property_ids:
        return ""
    path = getattr(model, "tenant_path", "")
    if path:
        return "" if leads_to_tenant(model, path) else f"{label}: {path!r} leads to no hotel"
    # Tables of the kernel carry the plain id, no foreign key.
    if not issubclass(model, Row) and _field(model, "property_id") is not None:
        return ""
    return f"{label}: says no tenant_path and does not override property_ids"


def wrong_keys(model: type[models.Model]) -> list[str]:
    """Return what is wrong with the foreign keys of `model`."""
    found = []
    for field in model._meta.local_fields:
        name = f"{model._meta.label}.{field.name}"
        if not isinstance(field, models.ForeignKey) or name in EXEMPT_KEYS:
            continue
        target: Any = field.related_model
        if field.remote_field.on_delete is not models.PROTECT:
            found.append(f"{name}: on_delete is not PROTECT")
        if not house.is_ours(target.__module__):
            continue
        own, other = model._meta.app_label, target._meta.app_label
        if own != other and PLACE[own] <= PLACE[other]:
            found.append(f"{name}: points up or sideways, to {target._meta.label}")
        if own != other and field.remote_field.related_name != "+":
            found.append(f"{name}: reaches into another app, so related_name has to be '+'")
    return found


def test_every_row_finds_its_hotel():
    house.assert_none(
        [wrong for model in our_models() if (wrong := without_tenant(model))],
        "Say tenant_path (or override property_ids for rows of the organization); else access and audit cannot tell "
        "whose the row is:",
    )


def test_foreign_keys_point_down_and_protect():
    house.assert_none(
        [wrong for model in our_models() for wrong in wrong_keys(model)],
        "Foreign keys point down only, with on_delete=PROTECT (SET_NULL and CASCADE bypass the signals that announce "
        "a change) and related_name='+' across apps:",
    )


def is_hidden_link(field: Any) -> bool:
    """Tell whether a many-to-many field keeps its pairs in a table that Django made up."""
    return field.remote_field.through._meta.auto_created and house.is_ours(field.related_model.__module__)


def test_no_many_to_many_changes_unseen():
    found = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_many_to_many
        if is_hidden_link(field)
    ]

    house.assert_none(found, "A hidden link table sends no news and leaves no audit: write it as a Row of its own:")


def test_exemptions_name_models_that_exist():
    known = {model._meta.label for model in our_models()}

    house.assert_none(sorted(set(NO_PROPERTY) - known), "There is no such model (any more):")
    house.assert_none([name for name in EXEMPT_KEYS if name.rpartition(".")[0] not in known], "No such model:")


@pytest.mark.parametrize("path", ["", "property", "room__property_id", "name"])
@isolate_apps("properties")
def test_control_a_row_that_finds_no_hotel_is_seen(path: str):
    class Lost(Row):
        name = models.CharField(max_length=10)
        property = models.ForeignKey(tenant(), models.PROTECT, related_name="+")
        tenant_path = path

        class Meta:
            app_label = "properties"

    assert without_tenant(Lost)
    Lost.tenant_path = "property_id"
    assert not without_tenant(Lost)


@isolate_apps("pms.live", "properties")
def test_control_a_wrong_key_is_seen():
    class Low(Row):
        hotel = models.ForeignKey(tenant(), models.CASCADE, related_name="lows")

        class Meta:
            app_label = "live"

    class Fine(Row):
        hotel = models.ForeignKey(tenant(), models.PROTECT, related_name="fines")

        class Meta:
            app_label = "properties"

    assert wrong_keys(Low) == [
        "live.Low.hotel: on_delete is not PROTECT",
        "live.Low.hotel: points up or sideways, to properties.Property",
        "live.Low.hotel: reaches into another app, so related_name has to be '+'",
    ]
    assert not wrong_keys(Fine)
