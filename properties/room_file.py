"""Reads a list of rooms as hotels have it: a CSV file or cells pasted from a spreadsheet, in any usual encoding.

Nothing is written here. What cannot be taken is told by line, column and reason; a cell that a spreadsheet would run as
a formula is refused, so that no export of ours can carry it on.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from pms.core.errors import InvalidValue

MOST_ROWS = 10_000
MOST_BYTES = 2 * 1024 * 1024
DELIMITERS = ";,\t|"
FORMULA = re.compile(r"^[=+\-@\t\r]")
NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z .\-]{0,11}")
# What the columns are called in the lists of other systems, without case and signs.
COLUMNS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"number", "room", "roomnumber", "roomno", "no", "nr", "zimmer", "zimmernummer", "habitacion"}),
    "type": frozenset({"type", "roomtype", "category", "code", "zimmertyp", "typ", "kategorie", "tipo"}),
    "floor": frozenset({"floor", "level", "etage", "stock", "stockwerk", "planta", "piso"}),
    "building": frozenset({"building", "house", "wing", "gebaude", "gebäude", "haus", "edificio"}),
    "section": frozenset({"section", "zone", "area", "bereich", "revier", "seccion", "sección"}),
    "features": frozenset({"features", "feature", "amenities", "ausstattung", "merkmale", "caracteristicas"}),
}
LONGEST = {"number": 12, "type": 100, "floor": 12, "building": 60, "section": 60, "features": 500}


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file: the first line names the columns."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line is not taken: `line` as a spreadsheet counts it, `field` one of `COLUMNS`."""

    line: int
    field: str
    reason: str


@dataclass(slots=True)
class RoomLine:
    """One room of the file, with the cells that we understand."""

    line: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Note why the line is not taken."""
        self.problems.append(Problem(self.line, name, reason))


@dataclass(frozen=True, slots=True)
class Known:
    """What the hotel has already: numbers of rooms, types and features by what people call them."""

    numbers: frozenset[str]
    types: Mapping[str, str]
    features: Mapping[str, str]


def table_of(content: bytes) -> Table:
    """Read a file. Raises `InvalidValue` (field `file`) for what is no list of at most 10,000 rooms."""
    if len(content) > MOST_BYTES:
        raise InvalidValue(_("The file is larger than 2 MB. Nothing was read; send the rooms alone."), field="file")
    text = _decoded(content)
    if "\0" in text:
        raise InvalidValue(_("This is no text file. Nothing was read; save the list as CSV."), field="file")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise InvalidValue(
            _("The file cannot be read. Nothing was taken; save the list as CSV."), field="file"
        ) from error
    rows = [[cell.strip() for cell in row] for row in rows]
    while rows and not any(rows[0]):
        rows.pop(0)
    if len(rows) < 2:
        message = _("The file has no rooms: the first line names the columns, each other line is a room.")
        raise InvalidValue(message, field="file")
    if len(rows) - 1 > MOST_ROWS:
        raise InvalidValue(_("The file has more than 10,000 lines. Nothing was read; split it."), field="file")
    return Table(rows[0], rows[1:])


def text_of(table: Table) -> str:
    """Return the table as the page carries it until somebody confirms it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([table.heads, *table.rows])
    return out.getvalue()


def guess(heads: Sequence[str]) -> list[str]:
    """Return for each column which of `COLUMNS` its head means; empty: none, or one that an earlier column is."""
    found: list[str] = []
    for head in heads:
        plain = re.sub(r"[^\w]|_", "", head.casefold())
        name = next((name for name, words in COLUMNS.items() if plain in words), "")
        found.append("" if name in found else name)
    return found


def lines_of(table: Table, columns: Sequence[str], known: Known, *, new_types: bool) -> list[RoomLine]:
    """Return the rooms of the table under these columns; empty lines are left out, wrong ones say why."""
    lines = []
    for place, row in enumerate(table.rows, start=2):
        if any(row):
            cells = {name: row[at] for at, name in enumerate(columns) if name and at < len(row)}
            lines.append(RoomLine(place, cells))
    twice = Counter(line.cells.get("number", "") for line in lines)
    for line in lines:
        _judge(line, known, twice, new_types=new_types)
    return lines


def _judge(line: RoomLine, known: Known, twice: Mapping[str, int], *, new_types: bool) -> None:
    for name, cell in line.cells.items():
        if FORMULA.match(cell):
            line.refuse(name, _("“%s” begins like a formula.") % cell[:20])
        elif len(cell) > LONGEST[name]:
            line.refuse(name, _("longer than %d letters") % LONGEST[name])
    if reason := _against_number(line.cells.get("number", ""), known, twice):
        line.refuse("number", reason)
    kind = line.cells.get("type", "")
    if not kind:
        line.refuse("type", _("There is no room type."))
    elif not new_types and kind.casefold() not in known.types:
        line.refuse("type", _("The hotel has no room type “%s”.") % kind[:40])
    for word in feature_words(line):
        if word.casefold() not in known.features:
            line.refuse("features", _("The hotel has no feature “%s”.") % word[:40])


def _against_number(number: str, known: Known, twice: Mapping[str, int]) -> str:
    if not number:
        return _("There is no room number.")
    if not NUMBER.fullmatch(number):
        return _("“%s” is no room number.") % number[:20]
    if number in known.numbers:
        return _("The hotel has room %s already.") % number
    return _("Room %s stands in the file more than once.") % number if twice[number] > 1 else ""


def feature_words(line: RoomLine) -> list[str]:
    """Return the features that a line names, with commas or bars between."""
    return [word.strip() for word in re.split(r"[,|/]", line.cells.get("features", "")) if word.strip()]


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what spreadsheets of Western Europe write


def _delimiter(text: str) -> str:
    """Return what stands most often in the first line that says anything, outside of quotes."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)
