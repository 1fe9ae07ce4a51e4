"""`Membership`: who works at which hotel, in which roles."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import VersionedRow

from .hotels import Property


class Membership(VersionedRow):
    """A person at a hotel. The staff service keeps the groups that hold the rights in step with `roles`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("roles"))

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(fields=["user", "property"], name="membership_once_per_hotel"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.property.code}"
