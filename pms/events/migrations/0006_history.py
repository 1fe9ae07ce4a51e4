"""Which history the database tells: the row that a restored copy does not fit."""

from __future__ import annotations

import uuid

from django.db import migrations, models


def begin(apps, schema_editor):
    apps.get_model("events", "History").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("events", "0005_round_trip_in_milliseconds")]

    operations = [
        migrations.CreateModel(
            name="History",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("origin", models.CharField(blank=True, max_length=60)),
                ("mark", models.UUIDField(default=uuid.uuid4)),
            ],
            options={"verbose_name_plural": "histories"},
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
