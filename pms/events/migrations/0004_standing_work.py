"""Deliveries remember since when they are tried and parked, and may be given up; workers give a sign of life."""

from __future__ import annotations

from django.db import migrations, models

from pms.core import sql

STATES = [("pending", "waiting"), ("done", "delivered"), ("parked", "parked"), ("dropped", "given up")]


class Migration(migrations.Migration):
    dependencies = [("events", "0003_delivery_order")]

    operations = [
        migrations.CreateModel(
            name="Canary",
            fields=[
                ("queue", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("arrived_at", models.DateTimeField()),
                ("round_trip", models.FloatField(null=True)),
                ("alarmed_at", models.DateTimeField(null=True)),
            ],
            options={"verbose_name_plural": "canaries"},
        ),
        migrations.AlterModelOptions(
            name="delivery", options={"verbose_name": "delivery", "verbose_name_plural": "deliveries"}
        ),
        migrations.AddField(model_name="delivery", name="first_tried_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="delivery", name="parked_at", field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(choices=STATES, default="pending", max_length=8),
        ),
        sql.install(__file__, "prune_stream.sql", undo=""),
    ]
