"""The round trip of a canary in whole milliseconds."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0004_standing_work")]

    operations = [
        migrations.RemoveField(model_name="canary", name="round_trip"),
        migrations.AddField(model_name="canary", name="round_trip_ms", field=models.PositiveIntegerField(null=True)),
    ]
