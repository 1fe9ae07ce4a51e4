"""What the page of the day shows: who comes, who leaves, who stays, which rooms are ready, what needs a decision."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from pms.core.money import ZERO, quantize
from pms.live.fragments import Audience
from properties.clock import part_of_day
from properties.models import Property, Room
from properties.selectors import hotel_by_id, rooms_of
from properties.taxes import TaxTable
from reservations.models import Reservation, ReservationNight, RoomAssignment, RoomTypeNight
from reservations.pricing import lodging

from .nights import priced_night
from .rows import OVERBOOKED, UNMAPPED, StayRow, rows_where, stay_row, stay_rows, stays

Status = Reservation.Status
EXPECTED = (Status.CONFIRMED, Status.TENTATIVE)
Rows = dict[uuid.UUID, StayRow]


def due_in(hotel: Property) -> Q:
    """Return who is to arrive today, those of earlier days who never did included."""
    return Q(status=Status.CONFIRMED, arrival__lte=hotel.business_date)


def due_out(hotel: Property) -> Q:
    """Return who is to leave today, those who should have left included."""
    return Q(status=Status.IN_HOUSE, departure__lte=hotel.business_date)


def stay_over(hotel: Property) -> Q:
    """Return who sleeps here tonight as well."""
    return Q(status=Status.IN_HOUSE, departure__gt=hotel.business_date)


def arrival_rows(pks: Sequence[uuid.UUID], audience: Audience) -> Rows:
    """Return the arrivals among `pks`; who has arrived or cancelled is no longer one."""
    return rows_where(audience, pks, due_in)


def departure_rows(pks: Sequence[uuid.UUID], audience: Audience) -> Rows:
    """Return the departures among `pks`."""
    return rows_where(audience, pks, due_out)


def in_house_rows(pks: Sequence[uuid.UUID], audience: Audience) -> Rows:
    """Return the stay-overs among `pks`."""
    return rows_where(audience, pks, stay_over)


@dataclass(frozen=True, slots=True)
class Lists:
    """The three lists of guests, each in its order."""

    arrivals: Sequence[StayRow]
    departures: Sequence[StayRow]
    in_house: Sequence[StayRow]


def day_lists(hotel: Property, audience: Audience) -> Lists:
    """Return who comes, leaves and stays today, in two queries for all of them."""
    today = due_in(hotel) | Q(status=Status.IN_HOUSE)
    rows = stay_rows(hotel, stays(hotel.pk).filter(today), audience.rights).values()
    by_label: dict[str, list[StayRow]] = {"due_in": [], "due_out": [], "in_house": []}
    for row in rows:
        by_label[row.label].append(row)
    return Lists(
        arrivals=sorted(by_label["due_in"], key=lambda row: row.place),
        departures=sorted(by_label["due_out"], key=lambda row: row.room_place),
        in_house=sorted(by_label["in_house"], key=lambda row: row.room_place),
    )


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How many are still to come, have come, are still to leave, and how much is to be decided; and when it is."""

    pk: uuid.UUID
    hotel_code: str
    come: int
    arrived: int
    leave: int
    work: int
    hour: str


def day_counts(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, DayCounts]:
    """Return the counts of the audience's hotel, in one query: each piece that shows them is named by the hotel."""
    if audience.property_id not in pks:
        return {}
    hotel = hotel_by_id(audience.property_id)
    came = Q(status=Status.IN_HOUSE, arrival=hotel.business_date)
    counted = Reservation.objects.filter(property_id=hotel.pk).aggregate(
        come=Count("pk", filter=due_in(hotel)),
        arrived=Count("pk", filter=came),
        leave=Count("pk", filter=due_out(hotel)),
        work=Count("pk", filter=_undecided(hotel)),
    )
    return {hotel.pk: DayCounts(hotel.pk, hotel.code, **counted, hour=part_of_day(hotel.local_now()))}


def departing(hotel: Property) -> list[Reservation]:
    """Return the stays that are due to leave, in the order of their booking."""
    return list(Reservation.objects.filter(due_out(hotel), property_id=hotel.pk).order_by("created_at", "pk"))


# --- what needs a decision --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A stay that somebody has to decide about: `what` is unmapped, overbooked or unassigned."""

    pk: uuid.UUID
    what: str
    stay: StayRow

    @property
    def place(self) -> str:
        """Return where the item stands: the worst first, then by date and name."""
        worst = {"overbooked": 0, "unmapped": 1, "unassigned": 2}[self.what]
        return f"{worst} {self.stay.place}"


def _undecided(hotel: Property) -> Q:
    roomless = ~Exists(RoomAssignment.objects.filter(reservation_id=OuterRef("pk"), active=True))
    unmapped = Q(flags__contains=[UNMAPPED]) | Q(room_type=None) | Q(rate_plan=None)
    waits = unmapped | (Q(roomless) & (Q(flags__contains=[OVERBOOKED]) | Q(arrival__lte=hotel.business_date)))
    return Q(status__in=[*EXPECTED, Status.IN_HOUSE], departure__gt=hotel.business_date) & waits


def work_items(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, WorkItem]:
    """Return what is to decide about the stays `pks`; settled ones are left out."""
    hotel = hotel_by_id(audience.property_id)
    waiting = stays(hotel.pk).filter(_undecided(hotel), pk__in=pks)
    return {item.pk: item for item in _items(hotel, waiting, audience)}


def day_work(hotel: Property, audience: Audience) -> list[WorkItem]:
    """Return everything that needs a decision, the worst first."""
    return sorted(_items(hotel, stays(hotel.pk).filter(_undecided(hotel)), audience), key=lambda item: item.place)


def _items(hotel: Property, reservations: QuerySet[Reservation], audience: Audience) -> list[WorkItem]:
    return [_item(stay_row(hotel, reservation, audience.rights)) for reservation in reservations]


def _item(row: StayRow) -> WorkItem:
    what = "overbooked" if row.overbooked else "unmapped" if row.unmapped else "unassigned"
    return WorkItem(row.pk, what, row)


# --- rooms ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoomCell:
    """A room of the rack: how it is, whether somebody is in it, whether somebody comes into it today."""

    pk: uuid.UUID
    hotel_code: str
    number: str
    floor: str
    place: str
    kind_code: str
    condition: str
    occupied: bool
    expected: bool


def room_cells(pks: Sequence[uuid.UUID], audience: Audience) -> dict[uuid.UUID, RoomCell]:
    """Return the cells of these rooms in house order; archived ones and other hotels' are left out."""
    return _cells(hotel_by_id(audience.property_id), pks)


def day_floors(hotel: Property) -> list[tuple[str, list[RoomCell]]]:
    """Return all rooms by floor, in house order."""
    cells = sorted(_cells(hotel, None).values(), key=lambda cell: cell.floor.zfill(8))
    return [(floor, list(rooms)) for floor, rooms in groupby(cells, key=lambda cell: cell.floor)]


def _cells(hotel: Property, pks: Sequence[uuid.UUID] | None) -> dict[uuid.UUID, RoomCell]:
    coming = RoomAssignment.everywhere.filter(
        room_id=OuterRef("pk"),
        active=True,
        nights__contains=hotel.business_date,
        reservation__status=Status.CONFIRMED,
        reservation__arrival__lte=hotel.business_date,
    )
    rooms = rooms_of(hotel.pk).select_related("room_type").annotate(expected=Exists(coming))
    found = rooms if pks is None else rooms.filter(pk__in=pks)
    return {
        room.pk: RoomCell(
            pk=room.pk,
            hotel_code=hotel.code,
            number=room.number,
            floor=room.floor,
            place=f"{room.floor} {room.sort_key}",
            kind_code=room.room_type.code,
            condition=room.condition,
            occupied=room.occupancy == Room.Occupancy.OCCUPIED,
            expected=room.expected,
        )
        for room in found
    }


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of the business date (domain.md 12); `None` where there is nothing to divide by."""

    pk: uuid.UUID
    currency: str
    sold: int
    sellable: int
    occupancy: Decimal | None
    adr: Decimal | None
    revpar: Decimal | None
    due: int
    ready: int
    to_inspect: int
    to_clean: int
    roomless: int

    @property
    def bars(self) -> list[tuple[str, Decimal, Decimal]]:
        """Return the parts of the gauge as (condition, from, width) of a hundred."""
        parts = (("inspected", self.ready), ("clean", self.to_inspect), ("dirty", self.to_clean), ("", self.roomless))
        bars, start = [], ZERO
        for condition, rooms in parts:
            if rooms:
                width = quantize(Decimal(100 * rooms) / self.due, "EUR")
                bars.append((condition, start, max(ZERO, width - Decimal("0.6"))))
                start += width
        return bars


def day_figures(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, DayFigures]:
    """Return the figures of the audience's hotel: there is one piece of them, named by the hotel."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: figures_of(hotel_by_id(audience.property_id))}


def figures_of(hotel: Property) -> DayFigures:
    """Return the figures of the hotel's business date."""
    house = RoomTypeNight.objects.filter(property_id=hotel.pk, room_type=None, night=hotel.business_date).first()
    sellable = house.physical - house.out_of_order if house else 0
    sold, paid, revenue = _sold_tonight(hotel)
    beds = sold + (house.bound if house else 0)  # a room made of others fills each of its parts
    ready = _readiness(hotel)
    return DayFigures(
        pk=hotel.pk,
        currency=hotel.currency,
        sold=sold,
        sellable=sellable,
        occupancy=(Decimal(100 * beds) / sellable).quantize(Decimal("0.1")) if sellable else None,
        adr=quantize(revenue / paid, hotel.currency) if paid else None,
        revpar=quantize(revenue / sellable, hotel.currency) if sellable else None,
        due=ready.total(),
        ready=ready["ready"],
        to_inspect=ready["to_inspect"],
        to_clean=ready["to_clean"],
        roomless=ready["roomless"],
    )


def _sold_tonight(hotel: Property) -> tuple[int, int, Decimal]:
    """Return rooms sold, rooms sold for money, and their room revenue without value added tax."""
    table = TaxTable.of(hotel.pk)
    tonight = ReservationNight.objects.filter(
        property_id=hotel.pk,
        night=hotel.business_date,
        counted=True,
        reservation__status__in=Reservation.HOLDING,
    )
    priced = lodging([priced_night(night) for night in tonight], table, hotel.currency)
    return len(priced), sum(night.gross > 0 for night in priced), sum((night.net for night in priced), ZERO)


def _readiness(hotel: Property) -> Counter[str]:
    """Count today's arrivals by what their room still needs."""
    counts: Counter[str] = Counter()
    for row in stay_rows(hotel, stays(hotel.pk).filter(due_in(hotel)), rights=()).values():
        if row.room is None:
            counts["roomless"] += 1
        elif row.room.ready:
            counts["ready"] += 1
        elif row.room.condition == Room.Condition.CLEAN and not row.room.occupied:
            counts["to_inspect"] += 1
        else:
            counts["to_clean"] += 1
    return counts
