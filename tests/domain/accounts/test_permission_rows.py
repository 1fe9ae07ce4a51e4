"""Every registered right has its row on the tenant after a migration, under its present name."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from pms.accounts import registry
from pms.accounts.apps import _write_permissions
from pms.accounts.services import tenant_content_type

pytestmark = pytest.mark.django_db


def names() -> dict[str, str]:
    rows = Permission.objects.filter(content_type=tenant_content_type(), codename__in=registry.all_codes())
    return dict(rows.values_list("codename", "name"))


def wanted() -> dict[str, str]:
    return {right.code: str(right.label) for right in registry.rights()}


def test_missing_rows_are_made_and_renamed_ones_follow() -> None:
    assert names() == wanted()
    Permission.objects.filter(codename="room_mark").delete()
    Permission.objects.filter(codename="room_view").update(name="Old name")
    kept = Permission.objects.get(codename="room_view").pk

    _write_permissions(apps.get_app_config("properties"))

    assert names() == wanted()
    assert Permission.objects.get(codename="room_view").pk == kept


def test_other_apps_write_none() -> None:
    Permission.objects.filter(codename="room_mark").delete()

    _write_permissions(apps.get_app_config("core"))

    assert not Permission.objects.filter(codename="room_mark").exists()
