"""A night knows whether it stands on the stay's folio."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reservations", "0004_reservation_commission")]

    operations = [
        migrations.AddField(
            model_name="reservationnight",
            name="posted",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
