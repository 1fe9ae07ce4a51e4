"""What can be refused about people and their sign-in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pms.core.errors import AlreadyTaken, DomainError, Kind


class EmailTaken(AlreadyTaken, code="email_taken"):
    """Another user signs in with this address."""

    def __init__(self, email: str = "") -> None:
        words = _("%(email)s signs in here already. Nobody was added.") % {"email": email or _("Somebody")}
        super().__init__(words, field="email")


class TooManySignIns(DomainError, code="too_many_sign_ins", kind=Kind.LIMITED):
    """An address or a place on the network failed to sign in too often."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "There were too many failed attempts to sign in. Nobody was signed in; wait five minutes and try "
                "again, or choose a new password through the link we mail you."
            )
        )


class TooManyTries(DomainError, code="too_many_tries", kind=Kind.LIMITED):
    """A link was opened, or a mail asked for, too often."""

    def __init__(self) -> None:
        super().__init__(_("That was tried too often. Nothing was done; wait some minutes and try again."))
