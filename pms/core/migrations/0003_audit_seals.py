"""Seals of audit entries get a table of their own: the application's role may not change an entry to put one there.

The two columns that were meant for it stay in the table for one release more, out of sight: processes of the release
before still name them when they write an entry. They are nullable, so nobody has to fill them.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_drop_unused_log_table")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "property_id",
                    models.UUIDField(help_text="The chain: a hotel, or the nil UUID for that of the installation."),
                ),
                ("seq", models.BigIntegerField()),
                ("salt", models.BinaryField(null=True)),
                ("digest", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("property_id", "seq"), name="audit_seal_once_per_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("property_id", models.UUIDField()),
                ("asked_by_id", models.UUIDField(null=True)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("entries", models.BigIntegerField(default=0)),
                ("findings", models.JSONField(default=list)),
            ],
            options={"indexes": [models.Index(fields=["property_id", "-id"], name="audit_check_of_chain")]},
        ),
        migrations.RemoveConstraint(model_name="auditentry", name="audit_chain_is_dense"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="auditentry", name="chain_seq"),
                migrations.RemoveField(model_name="auditentry", name="chain_hash"),
            ],
        ),
    ]
