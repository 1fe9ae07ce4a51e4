"""Masks card numbers before anything is written or logged.

Guests do write their card into remarks. So no field is trusted by its name alone: every group of 13 to 19 digits that
passes the Luhn check loses all but its last four (reliability.md, design rule 29).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

# A stay ("2026-11-22 2026-11-24") is sixteen digits too, and every tenth such run passes the Luhn check by chance;
# so do ids and hashes. None of them is searched for cards.
DATE = r"(?<!\d)(?:(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]\d\.[01]\d\.(?:19|20)\d\d)(?!\d)"
ID = r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32,})(?![0-9A-Za-z])"
# Digits with up to two blanks, dots, dashes (of any width) or underscores between them.
GAP = r"(?:[^\S\r\n]|[._\u2010-\u2015-]){0,2}"
RUN = re.compile(rf"{ID}|(?P<digits>(?!{DATE})\d(?:{GAP}(?!{DATE})\d){{12,}})")
LENGTHS = range(19, 12, -1)
# First digits of the card schemes; asked for only where a number is cut out of a longer run.
SCHEMES = frozenset("23456")
SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|cvc|cvv|series_?code|card_?number|api[_-]?key|credential",
    re.IGNORECASE,
)
HIDDEN = "[hidden]"
# Links that let somebody in, or take something back, stand in the lines of servers and of Django itself.
KEY_IN_PATH = re.compile(r"(/(?:setup|invitation|not-me|undo|password/reset/key|confirm-email)/)[^/\s\"'?]+")
# What a provider of sign-ins sends back, and any token, wherever an address carries one.
KEY_IN_QUERY = re.compile(
    r"([?&;](?:code|state|nonce|key|sig|signature|id_token|[a-z_]*token|[a-z_]*secret|password)=)[^&;#\s\"']+",
    re.IGNORECASE,
)


def luhn(digits: str) -> bool:
    """Tell whether `digits` carries a valid Luhn check digit (ISO/IEC 7812-1), as every card number does."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char)
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def mask_cards(text: str) -> str:
    """Return `text` with every card number in it masked: `4111 1111 1111 1111` → `************1111`."""
    return RUN.sub(lambda run: _masked(run.group()) if run["digits"] else run.group(), text)


def _masked(run: str) -> str:
    """Mask the cards in a run of digits; a room number or an expiry date may stand beside them."""
    places = [place for place, char in enumerate(run) if char.isdigit()]
    done, clean = 0, []
    for first, last in _cards(run, places):
        digits = re.sub(r"\D", "", run[first : last + 1])
        clean += [run[done:first], "*" * (len(digits) - 4), digits[-4:]]
        done = last + 1
    return "".join([*clean, run[done:]])


def _cards(run: str, places: list[int]) -> Iterator[tuple[int, int]]:
    """Yield where cards begin and end: only whole groups of digits, the longest first."""
    start = 0
    while start < len(places):
        found = next((length for length in LENGTHS if _is_card(run, places, start, length)), 0)
        if found:
            yield places[start], places[start + found - 1]
        start += found or 1


def _is_card(run: str, places: list[int], start: int, length: int) -> bool:
    end = start + length
    if end > len(places):
        return False
    if (start and places[start - 1] == places[start] - 1) or (end < len(places) and places[end] == places[end - 1] + 1):
        return False  # cut out of a longer number
    digits = "".join(run[place] for place in places[start:end])
    return luhn(digits) and (length == len(places) or digits[0] in SCHEMES)


def redact(value: Any) -> Any:
    """Return a copy of `value` without card numbers, and in its mappings without secrets by name.

    Text, lists and mappings are searched through. Anything else stays what it is unless a card shows in it.
    """
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, Mapping):
        return {redact(key): _hidden(item) if _is_secret(key) else redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    shown = repr(value)
    clean = mask_cards(shown)
    return value if clean == shown else clean


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact a log line just before it is written (a structlog processor)."""
    clean = {key: item if key.startswith("_") else redact({key: item})[key] for key, item in event.items()}
    return {key: _without_keys(item) if isinstance(item, str) else item for key, item in clean.items()}


def _without_keys(text: str) -> str:
    return KEY_IN_QUERY.sub(rf"\1{HIDDEN}", KEY_IN_PATH.sub(rf"\1{HIDDEN}", text))


def _is_secret(key: Any) -> bool:
    return SECRET_KEYS.search(str(key)) is not None


def _hidden(value: Any) -> Any:
    """Hide `value`, but leave a pair a pair: the audit shows changes as old and new."""
    return [HIDDEN for _ in value] if isinstance(value, list | tuple) else HIDDEN


# --- what leaves the house --------------------------------------------------------------------------------------------

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# As people write them from abroad, or with the leading zero of a city.
PHONE = re.compile(r"(?<![\w.:-])(?:\+|00)\d[\d ()/.-]{6,}\d(?!\w)|(?<![\w.:-])0\d{2,4}[ /-]\d[\d -]{3,}\d(?!\w)")
PERSONAL_KEYS = re.compile(
    r"(?:^|_)(?:(?:first|last|full|user)_?name|name|guest|booker|holder|e?mail|phone|mobile|street|city|address|birth"
    r"|passport|document|remarks?|notes?|comments?|login)(?:_|$)",
    re.IGNORECASE,
)


def redact_for_strangers(value: Any) -> Any:
    """Return a copy of `value` for a reader outside: besides cards and secrets, without whom it is about.

    Fields that are named after persons are hidden, mail addresses and telephone numbers are masked in any text.
    """
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _is_secret(key) or PERSONAL_KEYS.search(str(key)) else redact_for_strangers(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_for_strangers(item) for item in value]
    if isinstance(value, str):
        clean = _without_keys(mask_cards(value))
        return PHONE.sub(HIDDEN, EMAIL.sub(HIDDEN, clean))
    return redact(value)
