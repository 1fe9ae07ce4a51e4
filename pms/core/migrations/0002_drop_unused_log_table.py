"""Drops the log table that django-auditlog makes although ours replaces it.

Its first migration knows nothing of swapping. The table is empty for ever, but its foreign keys stop Django's flush
(TRUNCATE names only the tables of models in use).
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("auditlog", "0017_add_actor_email")]

    operations = [migrations.RunSQL("DROP TABLE IF EXISTS auditlog_logentry", migrations.RunSQL.noop)]
