"""`Membership`: who works at which hotel, in which roles. `Role`: what the people of one role may do there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from pms.accounts.registry import ROLES
from pms.core.models import VersionedRow

from .hotels import Property


class Membership(VersionedRow):
    """A person at a hotel. The staff service keeps the groups that hold the rights in step with `roles`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("roles"))
    # Shut out of this hotel, roles kept: she may come back. Her account and her other hotels are no matter of ours.
    disabled_at = models.DateTimeField(_("disabled since"), null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(fields=["user", "property"], name="membership_once_per_hotel"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.property.code}"


class Role(VersionedRow):
    """A standard role of the house as this hotel has it, or one of its own. The service keeps its group in step.

    People hold a role by its `code`, which never changes; a standard role without a name is called by the house's word.
    """

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="roles")
    code = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=60, blank=True)
    rights = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("rights"))
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(fields=["property", "code"], name="role_code_once_per_hotel"),
            models.UniqueConstraint(
                "property",
                Lower("name"),
                condition=models.Q(archived_at=None) & ~models.Q(name=""),
                name="role_name_once_per_hotel",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(ROLES.get(self.code, self.code))

    def is_standard(self) -> bool:
        """Tell whether the house knows this role, so that it can be put back to what it holds from the start."""
        return self.code in ROLES
