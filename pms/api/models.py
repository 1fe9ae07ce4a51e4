"""`ApiClient`: a partner's program, its hotels and what it may do there; `ApiGrant`: for whom it acts."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pms.core.models import Row, VersionedRow


class ApiClient(VersionedRow):
    """Our record beside allauth's `Client`, which holds the id and the hashed secret and issues the tokens.

    `properties` are plain ids: the kernel has no foreign key into the domain (architecture.md 2). What the client may
    do follows from `scopes`: its service user holds, at each of the properties, a role with exactly their rights.

    A client `on_behalf` has no rights of its own: people let it act for them (`ApiGrant`), at those of these hotels
    where they work. After its secret was rotated the former one opens the token endpoint until
    `previous_secret_until`, so that a partner can change it without an outage.
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
    on_behalf = models.BooleanField(_("acts for people"), default=False, db_default=False)
    previous_secret = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    previous_secret_until = models.DateTimeField(null=True, editable=False)

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


class ApiGrant(Row):
    """What one person lets one program do for her: at these hotels, with these scopes, until she takes it back.

    It only narrows: at the moment of each call the program may do what the grant says *and* she herself may do.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    properties = ArrayField(models.UUIDField(), verbose_name=_("hotels"))
    scopes = ArrayField(models.CharField(max_length=100), verbose_name=_("scopes"))
    granted_at = models.DateTimeField(_("granted"))
    revoked_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("access of an app")
        verbose_name_plural = _("access of apps")
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="one_grant_of_a_person_to_an_app")]

    def __str__(self) -> str:
        return f"{self.client} · {self.user}"

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the hotels at which the program may act for her."""
        return tuple(self.properties)


class Job(VersionedRow):
    """Many lines of one kind of write, worked through in the background for a program.

    `person` is for whom the program acts, None if it works on its own account; `scopes` are those of the token it was
    queued with. How far it is stands in its chunks.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    property_id = models.UUIDField()
    kind = models.CharField(_("kind"), max_length=40)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    scopes = ArrayField(models.CharField(max_length=100))
    total = models.PositiveIntegerField(_("lines"))
    # Why the whole of it stopped: {"code", "detail"}; what is wrong with single lines stands in the chunks.
    problem = models.JSONField(null=True)
    finished_at = models.DateTimeField(null=True)

    # Counted from its chunks by `selectors.with_progress`.
    done: int
    errors: list[dict[str, Any]]
    result: list[dict[str, Any]]

    ENDED: ClassVar[frozenset[str]] = frozenset({"succeeded", "failed", "cancelled"})

    class Meta:
        verbose_name = _("bulk work")
        verbose_name_plural = _("bulk work")
        indexes = [models.Index(fields=["property_id", "client", "created_at"], name="jobs_of_client")]

    def __str__(self) -> str:
        return f"{self.kind} · {self.total}"

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the hotel that the lines are of."""
        return (self.property_id,)


class JobChunk(models.Model):
    """Some lines of a job, done in one transaction with `done_at`: so a killed worker does none of them twice.

    What was done is forgotten (`lines` may name guests); `results` and `errors` stay. Neither watched nor audited: what
    the lines change is.
    """

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="chunks")
    # The number of its first line, from 1 on.
    first = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    lines = models.JSONField(default=list)
    results = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "first"], name="job_line_in_one_chunk")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.first}"


class SpentRefreshToken(models.Model):
    """A refresh token that was traded for new ones, by its hash: whoever sends it again holds a copy.

    `granted_at` is that of the person's word it came from; after a later word it gives nothing away any more. Neither
    watched nor audited.
    """

    hash = models.CharField(max_length=255, primary_key=True)
    grant = models.ForeignKey(ApiGrant, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.grant_id} {self.granted_at}"


class ApiUse(models.Model):
    """When a client or a grant (`subject_id`) was last used, to some minutes. Neither watched nor audited."""

    subject_id = models.UUIDField(primary_key=True)
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject_id} {self.used_at}"
