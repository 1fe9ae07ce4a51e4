"""`User`: people who sign in by e-mail, and service users that API clients act as."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from pms.core.crypto import EncryptedJSONField
from pms.core.models import Row


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept as typed and compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new user who can sign in with `password` (or, without one, not by password at all)."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a user of the installation itself, who may do everything in every hotel."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin, Row):
    """A person, or a service user owned by an API client.

    What somebody may do is never stored here but granted per property to roles (`pms.accounts.access`).
    `permission_epoch` rises with every change of it, so caches and open sockets notice at once.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        SERVICE = "service", _("service user")

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    locale = models.CharField(_("language"), max_length=10, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    # Given by a command to who looks after several houses (`pms.accounts.support`); it is no right in any hotel.
    is_support = models.BooleanField(_("support"), default=False, db_default=False, editable=False)
    permission_epoch = models.PositiveBigIntegerField(default=1, editable=False)
    # The issuer whose second step she came in with, where that counts and she has none of her own (`openid.counting`).
    second_step_by = models.CharField(max_length=255, blank=True, default="", db_default="", editable=False)

    # What a sign-in is checked by; who asks for many people at once reads no more.
    SIGN_IN_FIELDS: ClassVar[tuple[str, ...]] = ("password", "second_step_by", "permission_epoch")

    # Set by `pms.accounts.access.narrow` on the copy that acts through a program; never stored.
    narrowing: Any = None
    # Set by `pms.accounts.support` on the copy in whose name somebody of the support acts, with her visit.
    acted_by: Any = None
    visit: Any = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # people are not made like other rows

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]

    def property_ids(self) -> tuple[uuid.UUID, ...]:
        """Return no property: a person may work in several, which memberships tell."""
        return ()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must carry: besides the password, whose second step it was opened with."""
        plain: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # unknown to the stubs
        if not self.second_step_by:
            return plain
        salt = "accounts.second_step_by"
        return salted_hmac(salt, f"{plain} {self.second_step_by}", secret=secret, algorithm="sha256").hexdigest()


class Counter(models.Model):
    """A failed try, or a one-time code that was used, until it runs out; read and written by `counters` alone."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class SecondStepPolicy(models.Model):
    """Whom a hotel asks for a second step beyond those whom the house always asks (`second_step`)."""

    # A plain id: the kernel has no foreign key into the domain (docs/architecture.md 2).
    property_id = models.UUIDField(primary_key=True, editable=False)
    asked = models.BooleanField(_("asks at all"), default=True)
    roles = ArrayField(models.CharField(max_length=64), default=list, verbose_name=_("further roles"))
    support = models.BooleanField(_("support may act in people's names"), default=False, db_default=False)

    def __str__(self) -> str:
        return str(self.property_id)


class OpenidIdentity(models.Model):
    """Who a person is for an OpenID Connect provider; an issuer never gives the same subject to somebody else."""

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="openid_subject_is_one_person"),
            models.UniqueConstraint(fields=["issuer", "user"], name="openid_person_is_one_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.user} / {self.issuer}"


class SupportVisit(models.Model):
    """Somebody of the support acts in the name of a person of one hotel until `ends_at`, or until it is ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    property_id = models.UUIDField(db_index=True, editable=False)
    supporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    session_key = models.CharField(max_length=40, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.supporter} / {self.user}"

    def running(self) -> bool:
        """Tell whether it lasts still."""
        return self.ended_at is None and timezone.now() < self.ends_at


class Letter(models.Model):
    """A mail of the house to a person that has still to go out; what was sent is not kept.

    It may carry a link that opens an account, so it is encrypted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content = EncryptedJSONField()
    written_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager[Letter]] = models.Manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="letter_due")]

    def __str__(self) -> str:
        return f"{self.pk}"
