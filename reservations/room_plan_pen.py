"""Draws the rows of the room plan as text: two thousand bars are too many for the template language.

Measured for 300 rooms and 30 days (bench/room_plan.py): a template spends ten times what all queries of the plan take.
Whatever people typed (names, room numbers, types, floors) goes through `escape` in this module and nowhere else; the
tests put `<script>` and quotes into each of them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from pms.core.templatetags.ui import condition_looks, icon, status_looks
from reservations.room_plan import Window, pack
from reservations.selectors.room_plan import Plan, PlanClosed, PlanRoom, PlanStay, PlanType, Stock

# Nights that guests pay for a weekend: Friday and Saturday.
WEEKEND = frozenset({4, 5})
MINUS = "\N{MINUS SIGN}"
# Beyond that many rows the browser places the bars of a lane itself (room-plan.css).
MOST_LANE_ROWS = 24
Signs = Mapping[str, tuple[str, str]]
UNMAPPED = PlanType(uuid.UUID(int=0), "", "", 0)


def room_head(room: PlanRoom, kind: PlanType, *, seq: int, signs: Signs | None = None) -> str:
    """Return the head of a room's row; it shows no days, so the same piece serves every open plan."""
    words, sign = (signs or condition_signs())[room.condition]
    occupied = ""
    if room.occupancy == "occupied":
        said, drawn = (signs or condition_signs())["occupied"]
        occupied = f'<span class="occ" title="{said}">{drawn}<span class="hidden-visually">{said}</span></span>'
    return (
        f'<span class="head" id="plan-room-{room.pk}" data-seq="{seq}" data-place="{room_order(room, kind)}">'
        f'<b>{escape(room.number)}</b><small class="kind">{escape(kind.code)}</small>'
        f'<span class="mark" data-condition="{room.condition}" title="{words}">{sign}'
        f'<span class="hidden-visually">{words}</span></span>{occupied}</span>'
    )


def condition_signs() -> Signs:
    """Return the word and the icon of each condition, and of an occupied room, in the active language."""
    signs = {condition: (escape(look.words), str(icon(look.icon))) for condition, look in condition_looks().items()}
    return signs | {"occupied": (escape(gettext("Occupied")), str(icon("bed-double")))}


def room_order(room: PlanRoom, kind: PlanType) -> str:
    """Return what decides where the row of a room stands; a pushed head that differs calls for the whole plan."""
    return escape(f"{kind.code} {room.floor} {room.number}")


def window_title(window: Window) -> str:
    """Return the days of a window as a heading: 12 – 25 March 2026, 21 Nov – 4 Dec 2026."""
    first, last = window.first, window.last
    if (first.year, first.month) == (last.year, last.month):
        begin = date_format(first, pgettext("first day of a range in one month", "j"))
        return f"{begin} – {date_format(last, pgettext('last day of a range in one month', 'j F Y'))}"
    how = (
        pgettext("first day of a range in one year", "j M")
        if first.year == last.year
        else pgettext("first day of a range over two years", "j M Y")
    )
    end = date_format(last, pgettext("last day of a range", "j M Y"))
    return f"{date_format(first, how)} – {end}"


def touch(name: str, pk: object, seq: int) -> str:
    """Return the mark that the socket renews when a stay of that row, lane or house changed."""
    return f'<i hidden class="touch" id="plan-{name}-{pk}" data-seq="{seq}"></i>'


class Pen:
    """Draws one plan for one reader: in the active language, names only if she may see guests."""

    def __init__(self, plan: Plan, *, seq: int, names: bool, hotel_id: uuid.UUID, calendar: dt.date) -> None:
        self.plan, self.seq, self.names, self.hotel_id, self.calendar = plan, seq, names, hotel_id, calendar
        self.window = plan.window
        self.conditions = condition_signs()
        self.looks = {status: (escape(look.words), icon(look.icon)) for status, look in status_looks().items()}
        self.kinds = {
            "out_of_order": (escape(gettext("Out of order")), icon("construction")),
            "out_of_service": (escape(gettext("Out of service")), icon("circle-slash-2")),
        }
        self.flags = {
            name: (escape(words), icon(sign))
            for name, words, sign in (
                ("upgrade", gettext("upgrade"), "arrow-up"),
                ("downgrade", gettext("simpler room than booked"), "arrow-down"),
                ("moves", gettext("part of a longer stay"), "arrow-left-right"),
                ("vip", gettext("VIP"), "crown"),
                ("noted", gettext("has a note"), "sticky-note"),
                ("owes", gettext("balance due"), "wallet"),
            )
        }

    # --- bars --------------------------------------------------------------------------------------------------------

    def bar(self, stay: PlanStay, kind: PlanType | None, row: int = 0) -> str:
        """Return the bar of a stay, or nothing if it does not show in the window.

        What it says to screen readers is completed in the browser (room-plan.js): room and dates of two thousand bars
        would make a third of the page, and follow from where the bar stands. Only days out of sight are written,
        counted from the first one shown.
        """
        place = self.window.place(stay.first, stay.until)
        if place is None:
            return ""
        status = self._status(stay, in_room=kind is not None)
        words, sign = self.looks[status]
        guest = f"{stay.first_name} {stay.last_name}".strip() if self.names else stay.number
        part = "" if stay.first == stay.arrival and stay.until == stay.departure else f"-{stay.first:%m%d}"
        classes = f"stay c{place.at} s{place.length} r{row}" if row else f"stay c{place.at} s{place.length}"
        edges = f' data-from="{(stay.first - self.window.first).days}"' if place.before else ""
        if place.after:
            edges += f' data-to="{(stay.until - self.window.first).days}"'
        if place.stub:
            edges += ' data-stub=""'
        signs = ""
        for said, drawn in self._flags(stay, kind, part):
            words += f", {said}"
            signs += drawn
        if signs:
            signs = f'<span class="flags">{signs}</span>'
        name = escape(stay.number) + part
        return (
            f'<button id="bar-{name}" class="{classes}"{edges} data-status="{status}" tabindex="-1">'
            f'{"" if status == "confirmed" else sign}<span class="clip">{escape(guest)}</span>'
            f'<span class="hidden-visually">, {words}</span>{signs}</button>'
        )

    def part(self, stay: PlanStay) -> str:
        """Return the bar of a stay that has this room as a part of another one; its own bar is that room's."""
        place = self.window.place(stay.first, stay.until)
        if place is None or place.stub:
            return ""
        words = escape(gettext("Part of {room}").format(room=stay.part_of))
        guest = escape(f"{stay.first_name} {stay.last_name}".strip() if self.names else stay.number)
        edges = (' data-from=""' if place.before else "") + (' data-to=""' if place.after else "")
        status = self._status(stay, in_room=True)
        return (
            f'<span class="stay part c{place.at} s{place.length}"{edges} data-status="{status}" '
            f'title="{words}: {guest}">{icon("layers")}<span class="clip">{words}</span>'
            f'<span class="hidden-visually">: {guest}</span></span>'
        )

    def closed(self, period: PlanClosed) -> str:
        """Return the nights in which a room is out of order or out of service; nothing opens from it."""
        place = self.window.place(period.first, period.until)
        if place is None or place.stub:
            return ""
        words, sign = self.kinds[period.kind]
        reason = escape(period.reason)
        edges = (' data-from=""' if place.before else "") + (' data-to=""' if place.after else "")
        return (
            f'<span class="stay closed c{place.at} s{place.length}"{edges} data-condition="{period.kind}" '
            f'title="{words}: {reason}">{sign}<span class="hidden-visually">{words}: </span>'
            f'<span class="clip">{reason}</span></span>'
        )

    def _status(self, stay: PlanStay, *, in_room: bool) -> str:
        if stay.status == "in_house" and stay.departure <= self.plan.business_date:
            return "due_out"
        if not in_room and "overbooked" in stay.flags:
            return "overbooked"
        return stay.status if stay.status in self.looks else "confirmed"

    def _flags(self, stay: PlanStay, kind: PlanType | None, part: str) -> list[tuple[str, str]]:
        found = []
        if kind is not None and stay.room_type_id != kind.pk and stay.room_type_id is not None:
            booked = self.plan.types.get(stay.room_type_id, UNMAPPED)
            found.append("upgrade" if kind.rank >= booked.rank else "downgrade")
        if part:
            found.append("moves")
        if "vip" in stay.flags:
            found.append("vip")
        if stay.noted:
            found.append("noted")
        if stay.owes:
            found.append("owes")
        return [self.flags[name] for name in found]

    # --- rows --------------------------------------------------------------------------------------------------------

    def row(self, room: PlanRoom) -> str:
        """Return the row of a room: its head and the bars of its stays."""
        kind = self.plan.types.get(room.room_type_id, UNMAPPED)
        where = escape(gettext("Room {number}, {type}").format(number=room.number, type=kind.name))
        bars = "".join([self.closed(period) for period in self.plan.closed.get(room.pk, ())])
        stays = self.plan.in_rooms.get(room.pk, ())
        bars += "".join([self.part(stay) if stay.part_of else self.bar(stay, kind) for stay in stays])
        head = room_head(room, kind, seq=self.seq, signs=self.conditions)
        return (
            f'<li class="plan-row" id="row-{room.pk}" data-seq="{self.seq}">{head}{touch("row", room.pk, self.seq)}'
            f'<div class="track" role="group" aria-label="{where}">{bars}</div></li>'
        )

    def lane(self, kind: PlanType | None, *, named: bool = False) -> str:
        """Return the lane of stays that have no room: of a type, or of what is mapped to none."""
        pk = kind.pk if kind else self.hotel_id
        name = kind.name if kind else gettext("Not mapped")
        stays = self.plan.without_room.get(kind.pk if kind else None, [])
        where = escape(gettext("No room, {type}").format(type=name))
        rows = pack([(stay.first, stay.until) for stay in stays])
        bars = "".join(
            [
                self.bar(stay, None, row=row + 1 if row < MOST_LANE_ROWS else 0)
                for stay, row in zip(stays, rows, strict=True)
            ]
        )
        shown = sum(self.window.place(stay.first, stay.until) is not None for stay in stays)
        words = ngettext("{count} without a room", "{count} without a room", shown).format(count=shown)
        code = f'<b class="kind">{escape(kind.code if kind else name)}</b>' if named or not kind else ""
        return (
            f'<li class="plan-row lane" id="lane-{pk}" data-seq="{self.seq}"{"" if bars else " hidden"}>'
            f'<span class="head">{code}<span class="badge" data-tone="amber" title="{words}">{icon("door-open")}'
            f'<span aria-hidden="true">{pgettext("stays without a room", "No room")} {shown}</span>'
            f'<span class="hidden-visually">{words}</span></span></span>'
            f'{touch("lane", pk, self.seq)}<div class="track" role="group" aria-label="{where}">{bars}</div></li>'
        )

    # --- figures -----------------------------------------------------------------------------------------------------

    def type_head(self, kind: PlanType, rooms: int) -> str:
        """Return the line above a type's rooms, with what is left of it each night."""
        return (
            f'<li class="plan-row plan-type"><h3 class="head"><span class="clip">{escape(kind.name)}</span>'
            f' <span class="faint">{rooms}</span></h3>{self.type_figures(kind)}</li>'
        )

    def type_figures(self, kind: PlanType) -> str:
        """Return what is left of a type each night, for the line above its rooms."""
        words = gettext("{type}, still to sell").format(type=kind.name)
        return self._figures(kind.pk, words, f' id="type-{kind.pk}" data-seq="{self.seq}"')

    def day_heads(self) -> str:
        """Return the head of the plan: the days, how full the house is, where the hotel and the calendar stand."""
        house = self.plan.stock.get(None, {})
        cells = []
        for date in self.window.dates():
            weekday, said = date_format(date, "D"), date_format(date, pgettext("a day and its month in full", "j F"))
            marks = self._marks(date)
            note = gettext(", business date") if "is-today" in marks else ""
            note += gettext(", today by the calendar") if "is-calendar" in marks else ""
            classes = " ".join(["day", *marks, *(["new-month"] if date.day == 1 else [])])
            cells.append(
                f'<div class="{classes}" data-date="{date:%Y-%m-%d}"><span aria-hidden="true">{weekday}</span>'
                f'<b aria-hidden="true">{date.day}</b><span class="hidden-visually">{weekday} {said}{note}</span>'
                f"<small>{_percent(house.get(date))}</small></div>"
            )
        return (
            f'<div class="plan-row plan-head" id="plan-head" data-seq="{self.seq}"><span class="head">'
            f'<span class="faint">{gettext("Room")}</span></span><div class="track">{"".join(cells)}</div></div>'
        )

    def foot(self) -> str:
        """Return the lines at the bottom: what is left of each type and of the house."""
        lines = [
            f'<div class="plan-row"><span class="head"><span class="clip">{escape(kind.name)}</span></span>'
            f"{self._figures(kind.pk, gettext('{type}, still to sell').format(type=kind.name))}</div>"
            for kind in self.plan.types.values()
        ]
        house = gettext("House left")
        many = " many" if len(lines) > 4 else ""
        mark, types = touch("stock", self.hotel_id, self.seq), "".join(lines)
        return (
            f'<div class="plan-foot{many}" id="plan-foot" data-seq="{self.seq}">{mark}<div class="types">{types}</div>'
            f'<div class="plan-row total"><span class="head">{house}</span>{self._figures(None, house)}</div></div>'
        )

    def _figures(self, kind: uuid.UUID | None, words: str, more: str = "") -> str:
        nights = self.plan.stock.get(kind, {})
        cells = "".join([_left(nights.get(date)) for date in self.window.dates()])
        return f'<div class="track figures"{more} role="group" aria-label="{escape(words)}">{cells}</div>'

    def backdrop(self) -> str:
        """Return the stripes behind the bars: weekends, the business date, the calendar's day when it differs."""
        marked = [" ".join(self._marks(date)) for date in self.window.dates()]
        stripes = "".join([f'<i class="{marks}"></i>' if marks else "<i></i>" for marks in marked])
        return f'<div class="plan-days" aria-hidden="true">{stripes}</div>'

    def _marks(self, date: dt.date) -> list[str]:
        marks = ["weekend"] if date.weekday() in WEEKEND else []
        if date == self.plan.business_date:
            marks.append("is-today")
        elif date == self.calendar:
            marks.append("is-calendar")
        return marks

    # --- the whole ---------------------------------------------------------------------------------------------------

    def grid(self, group: str) -> str:
        """Return everything inside the plan."""
        lines = self._by_floor() if group == "floor" else self._by_type()
        return "".join([self.day_heads(), self.backdrop(), '<ul class="plan-rows">', *lines, "</ul>", self.foot()])

    def _by_type(self) -> Iterator[str]:
        yield self.lane(None)
        for kind in self.plan.types.values():
            rooms = [room for room in self.plan.rooms if room.room_type_id == kind.pk]
            yield self.type_head(kind, len(rooms))
            yield self.lane(kind)
            yield from map(self.row, rooms)

    def _by_floor(self) -> Iterator[str]:
        yield self.lane(None)
        for kind in self.plan.types.values():
            yield self.lane(kind, named=True)
        floors: dict[str, list[PlanRoom]] = {}
        for room in self.plan.rooms:
            floors.setdefault(room.floor, []).append(room)
        for floor, rooms in floors.items():
            name = gettext("Floor {name}").format(name=floor) if floor else gettext("Without a floor")
            yield (
                f'<li class="plan-row plan-type"><h3 class="head"><span class="clip">{escape(name)}</span>'
                f' <span class="faint">{len(rooms)}</span></h3></li>'
            )
            yield from map(self.row, rooms)

    def pieces(self, *, lanes: Sequence[uuid.UUID], stock: bool, named: bool) -> Iterable[tuple[str, str]]:
        """Return the parts of a plan as id and text: all its rooms, these lanes, and the figures if asked."""
        for room in self.plan.rooms:
            yield f"row-{room.pk}", self.row(room)
        for pk in lanes:
            kind = self.plan.types.get(pk)
            if kind or pk == self.hotel_id:
                yield f"lane-{pk}", self.lane(kind, named=named)
        if stock:
            yield "plan-head", self.day_heads()
            yield "plan-foot", self.foot()
            yield from ((f"type-{kind.pk}", self.type_figures(kind)) for kind in self.plan.types.values())


def _left(night: Stock | None) -> str:
    if night is None:
        return '<span class="faint">–</span>'
    if night.left < 0:
        return f'<span class="short" data-tone="red">{MINUS}{-night.left}</span>'
    return f"<span>{night.left}</span>" if night.left else '<span class="none">0</span>'


def _percent(night: Stock | None) -> str:
    if night is None:
        return "–"
    if night.sellable <= 0:
        return "0 %" if not night.sold else "100 %"
    return f"{round(100 * night.sold / night.sellable)} %"
