import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_counters"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondStepPolicy",
            fields=[
                ("property_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("asked", models.BooleanField(default=True, verbose_name="asks at all")),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        default=list,
                        size=None,
                        verbose_name="further roles",
                    ),
                ),
            ],
        ),
    ]
