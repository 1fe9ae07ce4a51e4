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


class SupportMayNot(DomainError, code="support_may_not", kind=Kind.FORBIDDEN):
    """Something that is for a person's own hand was tried in her name."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Support does not do this in somebody's name: money, rights, keys and the account are for her own "
                "hand. Nothing was changed; end the visit first."
            )
        )


class SupportRefused(DomainError, code="support_refused"):
    """A visit of the support was not begun: `reason` says what was wrong (person, hotel, reason)."""

    def __init__(self, reason: str, *, field: str | None = None) -> None:
        words = {
            "hotel": _("The hotel does not allow support to act in its people's names. An owner can, under Sign-in."),
            "reason": _("Say why in a sentence: the hotel's owners read it. The visit was not begun."),
        }
        other = _("Nobody in this hotel can be acted for under this address. The visit was not begun.")
        super().__init__(words.get(reason, other), field=field, reason=reason)


class NoticeClosed(DomainError, code="notice_closed"):
    """A link "this was not me" is too old, or none of ours."""

    def __init__(self) -> None:
        super().__init__(
            _("This link is too old or not whole. Nothing was changed; choose a new password and tell a manager.")
        )
