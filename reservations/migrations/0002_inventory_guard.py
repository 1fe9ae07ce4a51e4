"""The one door through which counters move is a function of the database."""

from __future__ import annotations

from django.db import migrations

from pms.core import sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_initial")]

    operations = [
        sql.install(__file__, "inventory.sql", undo="DROP FUNCTION inventory_move(uuid, jsonb, boolean);"),
    ]
