"""What the desk can do with a stay now, what stands against it, and what would happen: for rows, heads and dialogs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from pms.core import slots
from pms.core.money import ZERO
from pms.core.templatetags.ui import condition_look, money, short_day
from pms.live.fragments import Audience
from properties.errors import RoomOccupied
from properties.models import Property, Room
from reservations import rules
from reservations.errors import NotDueYet, RoomNotAssigned, RoomNotReady
from reservations.models import Reservation, RoomAssignment

from .stays import nights_counted

Status = Reservation.Status
ONE_DAY = dt.timedelta(days=1)
# Upper apps put panels about a stay here: provider(ids, audience) -> {id: facts}, the template draws `facts`.
PANELS = "reservation_panel"
NOT_SETTLED = "folio_not_settled"


@dataclass(frozen=True, slots=True)
class Blocked:
    """The weightiest reason against an act; its words are made when they are drawn, in the reader's language."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def overridable(self) -> bool:
        """Tell whether somebody with the right may do it all the same: never into a room with somebody in it."""
        return self.code == RoomNotReady.code

    @property
    def roomless(self) -> bool:
        """Tell whether a room is all that is missing."""
        return self.code == RoomNotAssigned.code

    @property
    def wants_other_room(self) -> bool:
        """Tell whether another room would help."""
        return self.code in {RoomNotReady.code, RoomOccupied.code}

    @property
    def unsettled(self) -> bool:
        """Tell whether money is open."""
        return self.code == NOT_SETTLED

    @property
    def icon(self) -> str:
        """Return the sign of the reason."""
        if self.overridable:
            return condition_look(self.facts["condition"]).icon
        signs = {RoomOccupied.code: "key-round", RoomNotAssigned.code: "bed-double", NOT_SETTLED: "wallet"}
        return signs.get(self.code, "clock")

    @property
    def tone(self) -> str:
        """Return the colour of the reason: red where work waits, blue where a look would do."""
        return {"dirty": "red", "clean": "blue"}.get(self.facts.get("condition", ""), "amber")

    @property
    def text(self) -> str:
        """Return the reason in a few words."""
        facts = self.facts
        if self.code == RoomOccupied.code:
            return _("%s is still occupied") % str(facts["room"])
        if self.code == RoomNotReady.code:
            return _room_words(facts)
        if self.roomless:
            return _("No room yet")
        if self.unsettled:
            sum_open = money(abs(facts["balance"]), facts["currency"])
            owed = (
                _("Check-out waits: %s is to be paid back")
                if facts["balance"] < 0
                else _("Check-out waits: %s is open")
            )
            return owed % sum_open
        if self.code != NotDueYet.code:
            return _("The stay is not confirmed yet")
        if facts["arrival"] > facts["today"]:
            return _("Check-in opens on %s") % short_day(facts["arrival"])
        return _("The stay was to end on %s") % short_day(facts["departure"])


def _room_words(facts: dict[str, Any]) -> str:
    words: dict[str, str] = {
        Room.Condition.DIRTY: _("%s is dirty"),
        Room.Condition.CLEAN: _("%s is clean, not yet inspected"),
    }
    said = words.get(facts["condition"], _("%s is not ready"))
    return said % str(facts["room"])


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """What the desk's buttons ask of a stay; None: nothing stands against the act."""

    check_in: Blocked | None
    check_out: Blocked | None
    early: bool
    undo_check_in: bool
    undo_check_out: bool


def desk_facts(hotel: Property, reservation: Reservation, rooms: Sequence[RoomAssignment]) -> DeskFacts:
    """Return what can be done with a stay read with its active assignments; no query."""
    today = hotel.business_date
    room = next((one.room for one in rooms if one.nights.lower <= today < one.nights.upper), None)
    return DeskFacts(
        check_in=_against_check_in(reservation, room, hotel),
        check_out=_against_check_out(reservation),
        early=reservation.status == Status.IN_HOUSE and reservation.departure > today,
        undo_check_in=not rules.against_undoing_check_in(reservation, hotel),
        undo_check_out=not rules.against_undoing_check_out(reservation, rooms[-1].room if rooms else None, hotel),
    )


def _against_check_in(reservation: Reservation, room: Room | None, hotel: Property) -> Blocked | None:
    reasons = rules.against_check_in(reservation, room, hotel)
    if not reasons:
        return None
    dates = {"arrival": reservation.arrival, "departure": reservation.departure, "today": hotel.business_date}
    return Blocked(reasons[0].code, {**reasons[0].facts, **dates})


def _against_check_out(reservation: Reservation) -> Blocked | None:
    """Return the open balance: it vetoes every departure. An early one only needs to be meant."""
    if reservation.status != Status.IN_HOUSE or not reservation.balance:
        return None
    return Blocked(NOT_SETTLED, {"balance": reservation.balance, "currency": reservation.booking.currency})


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an early departure gives back."""

    nights: Sequence[dt.date]
    price: Decimal
    departure: dt.date
    total: Decimal
    same_day: bool


def leaving_now(hotel: Property, reservation: Reservation) -> Leaving:
    """Return what happens to the nights if the guest leaves now: tonight is given back with all that follow."""
    departure = min(max(hotel.business_date, reservation.arrival + ONE_DAY), reservation.departure)
    dropped = [night for night in nights_counted(reservation) if night.night >= hotel.business_date]
    price = sum((night.price for night in dropped), ZERO)
    same_day = hotel.business_date <= reservation.arrival
    return Leaving([night.night for night in dropped], price, departure, reservation.total - price, same_day)


def panels_of(reservation: Reservation, audience: Audience) -> list[dict[str, Any]]:
    """Return what upper apps show about the stay to this audience, each with the template that draws it."""
    return panels([reservation.pk], audience)[reservation.pk]


def panels(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Return the panels of several stays, as `panels_of` does of one."""
    drawn: dict[uuid.UUID, list[dict[str, Any]]] = {pk: [] for pk in pks}
    for one in slots.entries(PANELS, rights=audience.rights):
        for pk, facts in one.provider(list(pks), audience).items():
            drawn[pk].append({"code": one.code, "template": one.template, "facts": facts})
    return drawn


def overridden(stay: DeskFacts, code: str) -> bool:
    """Tell whether `code` is the one reason against the check-in, and one that may be overridden."""
    blocked = stay.check_in
    return blocked is not None and blocked.overridable and blocked.code == code
