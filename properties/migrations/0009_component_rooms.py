"""Rooms made of others: a room says its parts, each part of which room it is one."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0008_photos_and_logo"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="properties.room",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="parts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=36),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="made of",
            ),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(("part_of", None), _negated=True), fields=["property"], name="rooms_that_are_parts"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("part_of", None), ("parts", []), _connector="OR"), name="room_part_has_no_parts"
            ),
        ),
    ]
