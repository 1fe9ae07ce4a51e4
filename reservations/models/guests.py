"""`Guest`: a person who sleeps here, or who books for somebody."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.folding import folded
from pms.core.models import VersionedRow
from pms.core.remarks import RemarkField
from properties.models import Organization


class Guest(VersionedRow):
    """A person's profile, shared by the hotels of one organization (architecture.md 6)."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    first_name = RemarkField(_("first name"), max_length=100, blank=True)
    last_name = RemarkField(_("last name"), max_length=100)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # "marti jordi": how people are found and sorted, without any server's collation (architecture.md 11).
    sort_key = RemarkField(max_length=210, editable=False)

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        indexes = [
            models.Index(fields=["organization", "sort_key"], name="guests_in_order"),
            GinIndex(OpClass("sort_key", name="gin_trgm_ops"), name="guests_by_part"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Return the name as the desk says it: "Jordi Martí"."""
        return f"{self.first_name} {self.last_name}".strip()

    def save(self, *args: object, **options: object) -> None:
        """Keep the sort key in step with the name on every path."""
        self.sort_key = folded(f"{self.last_name} {self.first_name}").strip()[:210]
        super().save(*args, **options)

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return every hotel of the organization: they share its guests."""
        return self.organization.property_ids()
