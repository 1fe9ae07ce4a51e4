"""What a channel gets for a stay."""

from __future__ import annotations

from django.db import migrations

import pms.core.money


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0003_business_dates_of_acts"),
    ]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="commission",
            field=pms.core.money.MoneyField(
                blank=True, decimal_places=3, editable=False, max_digits=14, null=True, verbose_name="commission"
            ),
        ),
    ]
