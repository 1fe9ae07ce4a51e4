"""Reads room numbers as people write them: "101–120, 211-220, 505A"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

RANGE = re.compile(r"(?P<first>\d+)\s*[-–—]\s*(?P<last>\d+)")
SINGLE = re.compile(r"[0-9A-Za-z][0-9A-Za-z .\-]{0,11}")
# A slip such as 101-10200 must not fill the house.
LONGEST_RANGE = 500


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers found, in the order written, and the parts that could not be read."""

    found: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def room_numbers(text: str) -> Numbers:
    """Return the room numbers in `text`: single ones and ranges, separated by commas, semicolons or lines."""
    result = Numbers()
    for part in (part.strip() for part in re.split(r"[,;\n]", text)):
        numbers = _numbers(part)
        if part and not numbers:
            result.wrong.append(part)
        result.found.extend(numbers)
    return result


def _numbers(part: str) -> list[str]:
    match = RANGE.fullmatch(part)
    if match is None:
        return [part] if SINGLE.fullmatch(part) else []
    first, last = match["first"], match["last"]
    if len(first) > 12 or len(last) > 12 or not 0 <= int(last) - int(first) < LONGEST_RANGE:
        return []
    # "001-010" keeps its leading zeros.
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]


def floor_of(number: str) -> str:
    """Return the floor that a number tells by custom: all but the last two digits (101 → 1, 1204 → 12), else ""."""
    digits = re.match(r"\d+", number)
    return digits.group()[:-2].lstrip("0") if digits and len(digits.group()) > 2 else ""
