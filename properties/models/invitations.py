"""`Invitation`: somebody was asked to work at a hotel and has not answered yet."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row

from .hotels import Property


class Invitation(Row):
    """An address that may join the staff in these roles by a mailed link, once, until the link runs out.

    The link is never stored, only its digest; a new `serial` makes a new link, and the one before opens nothing.
    """

    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"), editable=False)
    name = models.CharField(_("name"), max_length=150)
    roles = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("roles"))
    # Who answers for the roles: they are judged by what this person may give when the link is used.
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    serial = models.PositiveIntegerField(default=1, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("runs out"), editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("taken back"), null=True, editable=False)

    tenant_path: ClassVar[str] = "property_id"

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "property",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_once_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} @ {self.property.code}"

    def has_expired(self) -> bool:
        """Tell whether the link has run out."""
        return self.expires_at <= timezone.now()
