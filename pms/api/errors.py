"""Refusals that only the public API has; the codes stand in docs/api.md."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pms.core.errors import DomainError, Kind


class Unreadable(DomainError, code="unreadable", kind=Kind.UNREADABLE):
    """The request does not have the form that the description of the API gives for it."""


class UnknownParameter(DomainError, code="unknown_parameter", kind=Kind.UNREADABLE):
    """The address has a parameter that this operation does not know, so it would have been ignored silently."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"This operation has no parameter {', '.join(names)}. Nothing was done; correct or leave out.",
            parameters=names,
        )
        self.names = names


class InsufficientScope(DomainError, code="insufficient_scope", kind=Kind.FORBIDDEN):
    """The token was not issued for this kind of work."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This needs the scope {scope}, which the token does not have. Nothing was done; ask for a token with it.",
            scope=scope,
        )


class CursorInvalid(DomainError, code="cursor_invalid", kind=Kind.UNREADABLE):
    """The cursor is not one that this list gave."""

    def __init__(self) -> None:
        super().__init__(
            "This cursor does not belong to this list. Follow `next` as it was given, or start again without a cursor.",
            field="cursor",
        )


class CursorExpired(DomainError, code="cursor_expired"):
    """The events after this number are no longer kept."""


class EpochChanged(DomainError, code="epoch_changed"):
    """The stream was restored to an earlier point: numbers mean other events now."""


class UnknownScope(DomainError, code="unknown_scope", kind=Kind.RULE):
    """A client was to get a scope that no app declares."""


class RedirectUriInvalid(DomainError, code="redirect_uri_invalid", kind=Kind.RULE):
    """An app named an address to which access must not be sent."""


class ScopeBeyondOwn(DomainError, code="scope_beyond_own", kind=Kind.FORBIDDEN):
    """A program was to get, or to be given a secret for, more than whoever asked holds."""

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(
            _("Nobody gives more than she may do herself. Nothing was done; leave out: %s.") % ", ".join(scopes),
            field="scopes",
            scopes=scopes,
        )


class ClientDisabled(DomainError, code="client_disabled"):
    """The program was shut out; it gets no new secret."""

    def __init__(self) -> None:
        super().__init__(_("This program was shut out. Nothing was changed; make a new one instead."))


class TooManyJobs(DomainError, code="too_many_jobs"):
    """As much bulk work of this program as may wait at a hotel waits already."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"{most} jobs of this program have not ended yet. Nothing was queued; wait for one of them.", most=most
        )


class JobEnded(DomainError, code="job_ended"):
    """The bulk work has ended: there is nothing left to stop."""

    def __init__(self, status: str) -> None:
        super().__init__("This job has ended already. Nothing was stopped.", status=status)
