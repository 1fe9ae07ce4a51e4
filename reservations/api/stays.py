"""Operations on stays: read, note, assign, check in and out, cancel."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from pms.api.base import ApiView
from pms.api.calls import Call
from pms.api.operations import operation
from pms.api.paging import Page
from pms.core.errors import NotThere
from reservations.models import Reservation
from reservations.permissions import Permission
from reservations.selectors.partners import room_numbered, stays_shown
from reservations.services.front_desk import (
    reservation_check_in,
    reservation_check_out,
    reservation_undo_check_in,
    reservation_undo_check_out,
)
from reservations.services.notes import reservation_notes_change
from reservations.services.stays import (
    reservation_assign_room,
    reservation_cancel,
    reservation_unassign_room,
)

from . import serializers as shapes
from .actions import with_actions
from .expansions import OF_STAY
from .overrides import accepted

TAG = "reservations"
# What is done with one stay is answered by the stay as it then is.
act = partial(operation, body=shapes.EmptyInput, output=shapes.ReservationOutput)


class ReservationListApi(ApiView):
    """Stays of the hotel."""

    tag = TAG

    @operation(
        summary="List the reservations",
        scope="reservations.read",
        right=Permission.RESERVATION_VIEW,
        query=shapes.ReservationQuery,
        output=shapes.ReservationOutput,
        expand=OF_STAY,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the stays by arrival; `from` and `to` ask for stays that sleep here in one of these nights."""
        query, filters = call.query, {}
        if "status" in query:
            filters["status__in"] = query["status"]
        for name, field in (("arrival", "arrival"), ("departure", "departure"), ("booking", "booking_id")):
            if name in query:
                filters[field] = query[name]
        if "from" in query:
            filters["departure__gt"] = query["from"]
        if "to" in query:
            filters["arrival__lte"] = query["to"]
        page = call.page(stays_shown(call.hotel).filter(**filters), order=("arrival", "number", "id"))
        with_actions(call.hotel, page.rows)
        return page


def _shown(call: Call, pk: uuid.UUID) -> Reservation:
    stay: Reservation | None = stays_shown(call.hotel).filter(pk=pk).first()
    if stay is None:
        raise NotThere(_("That reservation"))
    with_actions(call.hotel, [stay])
    return stay


class ReservationApi(ApiView):
    """One stay."""

    tag = TAG

    @operation(
        summary="Read a reservation",
        scope="reservations.read",
        right=Permission.RESERVATION_VIEW,
        output=shapes.ReservationOutput,
        expand=OF_STAY,
    )
    def get(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Return the stay with its nights and what can be done with it."""
        return _shown(call, reservation_id)

    @operation(
        summary="Change the notes of a reservation",
        scope="reservations.write",
        right=Permission.RESERVATION_CHANGE,
        body=shapes.ReservationPatch,
        output=shapes.ReservationOutput,
        versioned=True,
        refusals=["stale_version", "version_required"],
    )
    def patch(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Change what was sent, merged with what others saved meanwhile."""
        reservation_notes_change(
            hotel=call.hotel, reservation_id=reservation_id, seen=call.seen or 0, values=call.values
        )
        return _shown(call, reservation_id)


class AssignRoomApi(ApiView):
    """Give a stay a room."""

    tag = TAG

    @act(
        summary="Assign a room",
        scope="reservations.assign",
        right=Permission.RESERVATION_ASSIGN,
        body=shapes.AssignInput,
        refusals=["room_taken", "not_available", "wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Plan the stay into the room for all its open nights."""
        room = room_numbered(call.hotel, call.data["room"])
        if room is None:
            raise NotThere(_("That room"))
        reservation_assign_room(hotel=call.hotel, reservation_id=reservation_id, room_id=room.pk)
        return _shown(call, reservation_id)


class CancelApi(ApiView):
    """Give a stay up before its arrival."""

    tag = TAG

    @act(
        summary="Cancel a reservation",
        scope="reservations.cancel",
        right=Permission.RESERVATION_CANCEL,
        body=shapes.CancelInput,
        refusals=["wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Cancel; the nights can be sold again at once."""
        reservation_cancel(hotel=call.hotel, reservation_id=reservation_id, reason=call.data["reason"])
        return _shown(call, reservation_id)


class UnassignRoomApi(ApiView):
    """Take the planned room away."""

    tag = TAG

    @act(
        summary="Take the assigned room away",
        scope="reservations.assign",
        right=Permission.RESERVATION_ASSIGN,
        refusals=["wrong_state", "not_available"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Unassign; the stay keeps the type it booked."""
        reservation_unassign_room(hotel=call.hotel, reservation_id=reservation_id)
        return _shown(call, reservation_id)


class CheckInApi(ApiView):
    """Give the guest the key."""

    tag = TAG
    overridable: ClassVar[dict[str, str]] = {"room_not_ready": Permission.ROOM_OVERRIDE}

    @act(
        summary="Check in",
        scope="reservations.check_in",
        right=Permission.RESERVATION_CHECK_IN,
        body=shapes.ActInput,
        refusals=["room_not_ready", "room_occupied", "room_not_assigned", "not_due", "wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Check in; the folio opens in the same moment."""
        codes = accepted(call, self.overridable)
        reservation_check_in(hotel=call.hotel, reservation_id=reservation_id, accepted=codes)
        return _shown(call, reservation_id)


class CheckOutApi(ApiView):
    """Let the guest leave."""

    tag = TAG
    overridable: ClassVar[dict[str, str]] = {"early_departure": Permission.RESERVATION_CHECK_OUT}

    @act(
        summary="Check out",
        scope="reservations.check_out",
        right=Permission.RESERVATION_CHECK_OUT,
        body=shapes.ActInput,
        refusals=["folio_not_settled", "folio_has_postings", "early_departure", "wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Check out; with an open balance it is refused."""
        codes = accepted(call, self.overridable)
        reservation_check_out(hotel=call.hotel, reservation_id=reservation_id, accepted=codes)
        return _shown(call, reservation_id)


class UndoCheckInApi(ApiView):
    """Take a check-in back."""

    tag = TAG

    @act(
        summary="Undo a check-in",
        scope="reservations.check_in",
        right=Permission.RESERVATION_CHECK_IN,
        refusals=["already_posted", "folio_has_postings", "wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Take it back on its own business date, while nothing was posted."""
        reservation_undo_check_in(hotel=call.hotel, reservation_id=reservation_id)
        return _shown(call, reservation_id)


class UndoCheckOutApi(ApiView):
    """Take a check-out back."""

    tag = TAG

    @act(
        summary="Undo a check-out",
        scope="reservations.check_out",
        right=Permission.RESERVATION_CHECK_OUT,
        refusals=["already_posted", "room_occupied", "room_taken", "not_available", "wrong_state"],
    )
    def post(self, call: Call, reservation_id: uuid.UUID) -> Any:
        """Take it back on its own business date, while the room is still free."""
        reservation_undo_check_out(hotel=call.hotel, reservation_id=reservation_id)
        return _shown(call, reservation_id)
