"""What can go wrong between the hotel and its channels."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from pms.core.db_errors import on_constraint
from pms.core.errors import DomainError, Kind


class ChannelUnknown(DomainError, code="channel_unknown", kind=Kind.RULE):
    """A channel was named that this installation does not speak with."""


class ChannelUnreachable(DomainError, code="channel_unreachable", kind=Kind.BUSY):
    """The channel did not answer in time, or not at all."""


class ChannelRefused(DomainError, code="channel_refused"):
    """The channel answered, but with a refusal (wrong credentials, an unknown hotel, a fault of its own)."""


class ChannelAnswerUnreadable(DomainError, code="channel_answer_unreadable"):
    """What came from the channel is not what its documentation promises; it is kept aside."""


class ChannelAddressForbidden(DomainError, code="channel_address_forbidden", kind=Kind.RULE):
    """The address lies inside our own network, where no channel lives."""


class ChannelHotelTaken(DomainError, code="channel_hotel_taken"):
    """Another live connection speaks for the same hotel of the same channel."""


class ConnectionNotReady(DomainError, code="connection_not_ready"):
    """The connection cannot go live yet: its credentials or its mapping are missing."""


def _taken(_diagnostics: Any) -> ChannelHotelTaken:
    return ChannelHotelTaken(
        _("This hotel of the channel is connected already. Nothing was changed; change or suspend that connection."),
        field="hotel_id",
    )


on_constraint("channel_hotel_live_once", _taken)
on_constraint("channel_hotel_once_per_hotel", _taken)
