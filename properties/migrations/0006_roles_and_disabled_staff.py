"""The roles of a hotel as rows, and people who are shut out of it without leaving it."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0005_floors_from_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="disabled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="disabled since"),
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("field_versions", models.JSONField(blank=True, default=dict, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("code", models.CharField(editable=False, max_length=40)),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="rights",
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="archived")),
                (
                    "property",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="roles", to="properties.property"
                    ),
                ),
            ],
            options={
                "verbose_name": "role",
                "verbose_name_plural": "roles",
                "constraints": [
                    models.UniqueConstraint(fields=("property", "code"), name="role_code_once_per_hotel"),
                    models.UniqueConstraint(
                        models.F("property"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("archived_at", None), models.Q(("name", ""), _negated=True)),
                        name="role_name_once_per_hotel",
                    ),
                ],
            },
        ),
    ]
