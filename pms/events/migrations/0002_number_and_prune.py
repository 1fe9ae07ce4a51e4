"""The stream is numbered at commit by the database, and pruned through one door."""

from __future__ import annotations

from django.db import migrations

from pms.core import sql


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        sql.install(
            __file__,
            "number_stream.sql",
            undo="""
                DROP TRIGGER events_number_last ON events_streamevent; DROP FUNCTION events_number_last();
                DROP TRIGGER events_number_stream ON events_streamevent; DROP FUNCTION events_number_stream();
            """,
        ),
        sql.install(__file__, "prune_stream.sql", undo="DROP FUNCTION events_prune(timestamptz);"),
    ]
