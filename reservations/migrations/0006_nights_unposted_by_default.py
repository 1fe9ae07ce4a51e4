"""What does not know of posted nights yet, as processes of the release before, books nights that are not."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reservations", "0005_nights_posted")]

    operations = [
        migrations.AlterField(
            model_name="reservationnight",
            name="posted",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
