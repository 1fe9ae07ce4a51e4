"""Rooms made of others: what they bind of the stock, and the rows that hold their parts."""

from __future__ import annotations

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.manager
from django.db import migrations, models

from pms.core import sql

BEFORE = (Path(__file__).parent.parent / "sql" / "inventory.sql").read_text(encoding="utf-8")
UNDO = f"""
    DROP FUNCTION inventory_move(uuid, jsonb, boolean);
    DROP FUNCTION inventory_rebind(uuid, date[], boolean);
    DROP FUNCTION inventory_bound(uuid, date);
    DROP FUNCTION inventory_suites(uuid, date);
    DROP FUNCTION inventory_sum(jsonb, jsonb, integer);
    {BEFORE}
"""


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0009_component_rooms"),
        ("reservations", "0008_out_of_order"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="roomassignment",
            options={
                "base_manager_name": "everywhere",
                "verbose_name": "room assignment",
                "verbose_name_plural": "room assignments",
            },
        ),
        migrations.AlterModelManagers(
            name="roomassignment",
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("everywhere", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="roomtypenight",
            name="inventory_parts_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="roomtypenight",
            name="inventory_not_oversold",
        ),
        migrations.AddField(
            model_name="roomassignment",
            name="part_of",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="in_parts",
                to="reservations.roomassignment",
            ),
        ),
        migrations.AddField(
            model_name="roomtypenight",
            name="bound",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="roomtypenight",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("block__gte", 0),
                    ("bound__gte", 0),
                    ("forced__gte", 0),
                    ("hold__gte", 0),
                    ("out_of_order__gte", 0),
                    ("physical__gte", 0),
                    ("sold__gte", 0),
                ),
                name="inventory_parts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="roomtypenight",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "physical__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("sold"), "+", models.F("block")
                                            ),
                                            "+",
                                            models.F("hold"),
                                        ),
                                        "+",
                                        models.F("bound"),
                                    ),
                                    "+",
                                    models.F("out_of_order"),
                                ),
                                "-",
                                models.F("limit"),
                            ),
                            "-",
                            models.F("forced"),
                        ),
                    )
                ),
                name="inventory_not_oversold",
            ),
        ),
        sql.install(__file__, "component_rooms.sql", undo=UNDO),
    ]
