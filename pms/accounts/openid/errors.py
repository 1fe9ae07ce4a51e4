"""Why a sign-in with a provider came to nothing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pms.core.errors import DomainError, Kind


class OpenidRefused(DomainError, code="openid_refused", kind=Kind.FORBIDDEN):
    """Nobody was signed in through a provider.

    `reason` chooses the sentence; `detail` is for the log alone. Whoever is not let in never learns whether there is
    an account: unknown, shut out, another domain and an unverified address sound alike.
    """

    def __init__(self, reason: str, *, detail: str = "") -> None:
        words = {
            "state": _("This sign-in was begun elsewhere, or too long ago. Nobody was signed in; begin again."),
            "cancelled": _("The sign-in was broken off. Nobody was signed in; begin again or use your password."),
            "away": _("The sign-in service does not answer. Nobody was signed in; try again, or use your password."),
            "again": _("The sign-in service did not ask you again who you are. Nothing was done; try again."),
            "other": _("That was the account of somebody else. Nothing was done; choose your own and try again."),
            "unknown": _(
                "Nobody works here under this account, or it may not sign in this way. Nobody was signed in; ask a "
                "manager of your hotel, or use your password."
            ),
        }
        other = _(
            "The sign-in service sent an answer that we do not trust. Nobody was signed in; begin again, and tell who "
            "looks after the installation if it stays so."
        )
        super().__init__(words.get(reason, other))
        self.reason, self.detail = reason, detail
