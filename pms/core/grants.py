"""Gives the application's database role what it needs and no more, after every migration.

Two roles (architecture.md 11): the owner migrates, the application runs without DDL and without UPDATE or DELETE on
ledgers, the audit log and the event stream. A model says so itself with `append_only = True`.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from psycopg import sql


def append_only_tables() -> list[str]:
    """Return the tables whose rows may be added and read, never changed."""
    return [model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)]


def grant_to_app_role(using: str = "default", **_signal: Any) -> None:
    """Grant the application's role its rights, if it is another role than the one that migrates (`post_migrate`)."""
    connection = connections[using]
    role = settings.DATABASE_APP_ROLE
    # In one piece: there is no moment in which the running application may change a ledger.
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user AND NOT rolsuper", [role])
        if cursor.fetchone() is None:
            return
        name = sql.Identifier(role)
        existing = set(connection.introspection.table_names(cursor))
        statements = [
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        ]
        statements += [
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name)
            for table in append_only_tables()
            if table in existing
        ]
        for statement in statements:
            cursor.execute(statement)
