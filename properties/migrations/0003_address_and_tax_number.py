"""What every invoice must name: where the seller is, and under which number it pays its taxes."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0002_taxes")]

    operations = [
        migrations.AddField(
            model_name="property",
            name="address",
            field=models.TextField(blank=True, db_default="", default="", max_length=500, verbose_name="address"),
        ),
        migrations.AddField(
            model_name="property",
            name="tax_number",
            field=models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="tax number"),
        ),
    ]
