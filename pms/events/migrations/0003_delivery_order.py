"""A delivery carries the number of its event: the first of a lane is one look into an index.

Without it each claim compared all that waits with all that waits (measured: 6 s for one claim of 6,000).
"""

from __future__ import annotations

from django.db import migrations, models

from pms.core import sql

NUMBER_WHAT_WAITS = """
    UPDATE events_delivery AS delivery SET seq = event.seq
    FROM events_streamevent AS event WHERE event.id = delivery.event_id AND delivery.seq IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_number_and_prune")]

    operations = [
        migrations.AddField(model_name="delivery", name="seq", field=models.BigIntegerField(editable=False, null=True)),
        migrations.RemoveIndex(model_name="delivery", name="delivery_lane"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["receiver", "property_id", "seq"],
                name="delivery_lane",
            ),
        ),
        sql.install(__file__, "number_stream.sql", undo=""),
        sql.install(__file__, "prune_stream.sql", undo=""),
        migrations.RunSQL(NUMBER_WHAT_WAITS, migrations.RunSQL.noop),
    ]
