"""The books are append-only and balanced by law of the database."""

from __future__ import annotations

from django.db import migrations

from pms.core import sql

UNDO = """
    DROP TRIGGER folios_posting_balanced ON folios_posting;
    DROP TRIGGER folios_leg_balanced ON folios_leg;
    DROP TRIGGER folios_posting_append_only ON folios_posting;
    DROP TRIGGER folios_leg_append_only ON folios_leg;
    DROP TRIGGER folios_invoice_append_only ON folios_invoice;
    DROP TRIGGER folios_invoiceline_append_only ON folios_invoiceline;
    DROP FUNCTION folios_balanced();
    DROP FUNCTION folios_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("folios", "0001_initial")]

    operations = [sql.install(__file__, "ledger.sql", undo=UNDO)]
