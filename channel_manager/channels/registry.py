"""What a channel is to the rest of the house: a profile with its limits and a client; found by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from channel_manager.drafts import (
    Acknowledgement,
    AvailabilityRun,
    BookingDraft,
    Products,
    PushAnswer,
    Received,
)
from channel_manager.errors import ChannelUnknown
from pms.core.origins import origin_called


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as the log keeps it; request and answer are masked already."""

    purpose: str
    summary: str
    request: str
    answer: str
    http_status: int | None
    ok: bool
    error: str
    reference: str
    milliseconds: int

    @classmethod
    def unanswered(cls, purpose: str, request: str, error: str) -> CallRecord:
        """Return the record of a call to which no answer came."""
        return cls(purpose, "", request, "", None, ok=False, error=error[:300], reference="", milliseconds=0)


@dataclass(slots=True)
class Line:
    """What a client needs of a connection: whom to call as whom, where tokens are kept, who writes calls down."""

    hotel_id: str
    base_url: str
    credentials: Mapping[str, str]
    record: Callable[[CallRecord], None]
    token: Callable[[], str | None]
    keep_token: Callable[[str | None, float], None]  # seconds it may be used; None forgets it


class Client(Protocol):
    """What every channel can do. Each method may raise `ChannelUnreachable` or `ChannelRefused`."""

    def pull(self, queue: str) -> list[Received]:
        """Return what waits in the queue, masked. Raises `ChannelAnswerUnreadable` with the masked body as a fact."""

    def acknowledge(self, queue: str, items: Sequence[Acknowledgement]) -> set[str]:
        """Tell the channel that these are ours now; return the numbers of those it does not know (any more)."""

    def push(self, runs: Sequence[AvailabilityRun]) -> PushAnswer:
        """Send rooms to sell in one message; return what was taken."""

    def products(self) -> Products:
        """Return the rooms and rates that can be mapped."""

    def check(self) -> None:
        """Make one harmless call that proves address and credentials."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One field of a connection's credentials."""

    name: str
    label: Any
    secret: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """A channel: its name, queues, limits, and how to speak and read its language."""

    kind: str
    name: str
    about: Any
    system: str  # how bookings name it as the owner of their outside number
    queues: tuple[str, ...]
    credentials: tuple[Credential, ...]
    client: Callable[[Line], Client]
    split: Callable[[bytes], list[Received]]  # a raw body into its reservations, masked
    read: Callable[[str], BookingDraft]  # a stored body into what it says
    poll_seconds: float = 20.0  # not more often, except on this machine
    ack_pause: float = 5.0  # between an acknowledgement and the next question
    most_value: int = 254
    most_runs: int = 500  # of availability in one message


_profiles: dict[str, Profile] = {}


def register(profile: Profile) -> None:
    """Add a channel, and say what people call it; called once by its `profile.py`."""
    _profiles[profile.kind] = profile
    for code in {profile.kind, profile.system}:
        origin_called(code, profile.name, way=_("as a channel"))


def profile_of(kind: str) -> Profile:
    """Return the channel `kind`. Raises `ChannelUnknown`."""
    if kind not in _profiles:
        raise ChannelUnknown(_("There is no channel “%(kind)s”. Nothing was changed.") % {"kind": kind}, field="kind")
    return _profiles[kind]


def profiles() -> list[Profile]:
    """Return all channels, by name."""
    return sorted(_profiles.values(), key=lambda profile: profile.name)
