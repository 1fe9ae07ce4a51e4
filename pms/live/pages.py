"""What every live page needs: the audience of the person who asks, and the head before anything else is read."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from pms.accounts.access import rights_at
from pms.accounts.languages import language_of
from pms.events.selectors import Head, head_read_with, stream_head

from .fragments import Audience, frame_fragments, zone_of


def audience_of(user: Any, property_id: uuid.UUID) -> Audience:
    """Return who sees what `user` sees at the property."""
    return Audience(property_id, rights_at(user, property_id), language_of(user))


def page_context(request: HttpRequest, property_id: uuid.UUID, *, topics: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the context that live pages share; call it *before* reading the rows the page shows.

    `topics` are the fragments the page shows: `"room_card"` for all of them, `"reservation_head:<pk>"` for one.
    The pieces of the frame are added here.
    """
    timezone.activate(zone_of(property_id))
    # What only looks is as old as the hotel's row, whose day it shows; what acted shows what it did.
    looks, hotel = request.method in {"GET", "HEAD"}, getattr(request, "hotel", None)
    head = head_read_with(hotel) if looks and hotel is not None else stream_head(property_id)
    context = _context(request, property_id, head, topics)
    request.live = context["live"]  # type: ignore[attr-defined]  # the shell's context processor reads it
    return context


def frame_context(request: HttpRequest, hotel: Any) -> dict[str, Any]:
    """Return the same for a page whose view asked for nothing, from before it read anything."""
    return _context(request, hotel.pk, head_read_with(hotel), ())


def _context(request: HttpRequest, property_id: uuid.UUID, head: Head, topics: tuple[str, ...]) -> dict[str, Any]:
    audience = audience_of(request.user, property_id)
    frame = [fragment.topic(property_id) for fragment in frame_fragments() if fragment.right in audience.rights]
    live = {"seq": head.seq, "epoch": head.epoch, "topics": " ".join((*topics, *frame))}
    return {"seq": head.seq, "audience": audience, "can": audience.can, "live": live}
