"""`ApiClient`: a partner's program, the hotels it is bound to and what it may do there."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row


class ApiClient(Row):
    """Our record beside allauth's `Client`, which holds the id and the hashed secret and issues the tokens.

    `properties` are plain ids: the kernel has no foreign key into the domain (architecture.md 2). What the client may
    do follows from `scopes`: its service user holds, at each of the properties, a role with exactly their rights.
    """

    oidc = models.OneToOneField("allauth_idp_oidc.Client", on_delete=models.PROTECT, related_name="api_client")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    properties = ArrayField(models.UUIDField(), verbose_name=_("hotels"))
    scopes = ArrayField(models.CharField(max_length=100), verbose_name=_("scopes"))
    rate_per_minute = models.PositiveIntegerField(
        _("requests a minute"), default=6000, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate_per_minute__gte=1), name="api_client_may_ask_at_all"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role(self) -> str:
        """Return the name of the role that holds the rights of this client at each of its hotels."""
        return f"api:{self.pk.hex}"

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the hotels that the client is bound to."""
        return tuple(self.properties)
