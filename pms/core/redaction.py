"""Masks card numbers before anything is written or logged.

Guests do write their card into remarks. So no field is trusted by its name alone: every run of 13 to 19 digits that
passes the Luhn check loses all but its last four (reliability.md, design rule 29).
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

# Digits with single spaces, dots or dashes between them; not part of a longer run of digits.
CANDIDATE = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){12,18}(?!\d)")
SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|cvc|cvv|seriescode|card_?number|api_?key|credential", re.IGNORECASE
)
HIDDEN = "[hidden]"


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

    def mask(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        return f"{'*' * (len(digits) - 4)}{digits[-4:]}" if luhn(digits) else match.group()

    return CANDIDATE.sub(mask, text)


def redact(value: Any) -> Any:
    """Return a copy of `value` (of text, lists and dicts) without card numbers and without secrets by name."""
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, MutableMapping):
        return {key: HIDDEN if SECRET_KEYS.search(str(key)) else redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact a log line just before it is written (a structlog processor)."""
    clean: MutableMapping[str, Any] = {
        key: item if key.startswith("_") else (HIDDEN if SECRET_KEYS.search(key) else redact(item))
        for key, item in event.items()
    }
    return clean
