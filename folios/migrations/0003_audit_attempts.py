"""A run of the night audit knows who started it and which attempt holds it; a window may name who pays it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("folios", "0002_ledger_law")]

    operations = [
        migrations.AddField(
            model_name="foliowindow",
            name="name",
            field=models.CharField(blank=True, max_length=120, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="nightaudit",
            name="attempt",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="nightaudit",
            name="user_id",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
