"""The right to read what happens in the house: everybody who works there holds it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.accounts.registry import ROLES as STANDARD_ROLES


class Permission(models.TextChoices):
    """What a person may see or do here."""

    ACTIVITY_VIEW = "activity_view", _("See what happens in the house")


ROLES = {role: set(Permission) for role in STANDARD_ROLES}

# What only shows something; every other right changes something.
READS = {Permission.ACTIVITY_VIEW}
GUARDED: set[Permission] = set()  # none needs a second step at sign-in
EXPLAINED = {
    Permission.ACTIVITY_VIEW: _("The feed and the bell; each entry only for who may see what it is about."),
}
