"""Finds the entries of a hotel that stand in no hotel's own chain, and those of one object, without a long lock."""

from __future__ import annotations

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("core", "0003_audit_seals")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("property_id__isnull", True)), fields=["additional_data"], name="audit_of_many"
            ),
        ),
        AddIndexConcurrently(
            model_name="auditentry", index=models.Index(fields=["object_pk", "-id"], name="audit_of_object")
        ),
    ]
