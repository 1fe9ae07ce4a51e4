"""Wiring of accounts: permission rows after each migration, the audit of users, sessions that end."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy


class AccountsConfig(AppConfig):
    name = "pms.accounts"
    label = "accounts"
    verbose_name = gettext_lazy("Accounts")

    def ready(self) -> None:
        from pms.core.audit import audited
        from pms.core.db_errors import on_constraint
        from pms.events.history import on_other_history

        from . import access, figures, notices, second_step, sign_ins
        from .errors import EmailTaken

        figures.declare()
        sign_ins.declare()
        notices.declare()
        on_other_history(access.forget)
        on_other_history(second_step.forget)
        audited(self.get_model("User"), hide=("password", "last_login", "permission_epoch"))
        on_constraint("user_email_once_in_any_case", lambda _diagnostics: EmailTaken())
        post_migrate.connect(_write_permissions, dispatch_uid="accounts:permissions")
        user_login_failed.connect(_sign_in_failed, dispatch_uid="accounts:failed")
        # Whichever door it left by: sign-out, the list of one's devices, a flush, the administration.
        post_delete.connect(_session_gone, sender="sessions.Session", dispatch_uid="accounts:sessions")
        # A second step that comes or goes decides what its owner may do.
        for signal in (post_save, post_delete):
            signal.connect(_second_step_changed, sender="mfa.Authenticator", dispatch_uid="accounts:second_steps")
        post_save.connect(_password_saved, sender=self.get_model("User"), dispatch_uid="accounts:passwords")


def _write_permissions(sender: AppConfig, using: str = "default", **_signal: Any) -> None:
    """Make a permission row on the tenant for every registered right, once the tenant's app is migrated.

    A test's flush empties the table, so this is no migration (architecture.md 11).
    """
    tenant_app = settings.TENANT_MODEL.partition(".")[0]
    if sender.label != tenant_app or not apps.is_installed("django.contrib.auth"):
        return
    from django.contrib.auth.models import Permission

    from . import registry
    from .services import tenant_content_type

    tenant = tenant_content_type()
    rows = Permission.objects.using(using)
    names = {right.code: str(right.label)[:255] for right in registry.rights()}
    known = {row.codename: row for row in rows.filter(content_type=tenant, codename__in=names)}
    for code, row in known.items():
        if row.name != names[code]:
            row.name = names[code]
            row.save(update_fields=["name"])
    rows.bulk_create(
        [
            Permission(content_type=tenant, codename=code, name=name)
            for code, name in names.items()
            if code not in known
        ],
        ignore_conflicts=True,  # two processes may migrate at once
    )


def _sign_in_failed(sender: Any, **_signal: Any) -> None:
    from pms.core.metrics import SIGN_INS_FAILED

    SIGN_INS_FAILED.inc()


def _session_gone(instance: Any, **_signal: Any) -> None:
    """Let the open pages of that session close: the signal of every session row that is deleted.

    One that ran out before has none open any more, and a clean-up deletes very many of those.
    """
    from django.contrib.auth import SESSION_KEY
    from django.utils import timezone

    if instance.expire_date <= timezone.now():
        return
    user_id = instance.get_decoded().get(SESSION_KEY)
    if user_id is not None:
        _look_at_sessions(user_id)


def _password_saved(
    instance: Any, *, created: bool, update_fields: frozenset[str] | None = None, **_signal: Any
) -> None:
    """A new password ends the sessions that were opened with the old one; whoever is shut out has none."""
    if not created and (update_fields is None or {"password", "is_active"} & update_fields):
        _look_at_sessions(instance.pk)


def _second_step_changed(instance: Any, *, created: bool | None = None, **_signal: Any) -> None:
    if created is False:  # used, or called something else
        return
    from django.db import transaction

    from .services import rights_changed

    with transaction.atomic():
        rights_changed(user_ids=[instance.user_id])


def _look_at_sessions(user_id: Any) -> None:
    from pms.events import bell

    bell.ring_user(user_id, "sessions")
