"""Figures as people type them: one reader for every form, whatever the language of the page.

The API is stricter: there an amount is text with a point.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# Between thousands people write a point, a comma, an apostrophe or a space; before the rest one of the first two.
SIGN, SPACES = r"(?P<sign>[+\-−]?)", r" \u00a0\u202f"
PLAIN = re.compile(rf"{SIGN}(?P<whole>[0-9]*)(?:(?P<mark>[.,])(?P<rest>[0-9]*))?")
GROUPED = re.compile(
    rf"{SIGN}(?P<whole>[1-9][0-9]{{0,2}}(?:(?P<group>[.,'’{SPACES}])[0-9]{{3}})(?:(?P=group)[0-9]{{3}})*)"
    r"(?:(?!(?P=group))(?P<mark>[.,])(?P<rest>[0-9]*))?"
)


class Ambiguous(ValueError):
    """The figure may mean two amounts: one comma or point with three digits behind it."""


def read_decimal(text: str, *, places: int) -> Decimal:
    """Return the number that `text` means where `places` digits may follow the point: "5.50", "5,50", "1.234,50".

    "1,234" is a thousand where nothing may follow, and a fraction where three digits may; otherwise it raises
    `Ambiguous`. Raises `ValueError` for what is no number.
    """
    text = text.strip()
    grouped = GROUPED.fullmatch(text)
    if grouped and grouped["mark"] is None and text.count(".") + text.count(",") == 1 and places:
        if places < 3:
            raise Ambiguous(text)
        grouped = None
    found = grouped or PLAIN.fullmatch(text)
    if found is None or not (found["whole"] or found["rest"]):
        raise ValueError(text)
    whole = re.sub("[^0-9]", "", found["whole"])
    sign = "-" if found["sign"] in {"-", "−"} else ""
    # Only digits that were typed count as places: a currency without any refuses "5.0".
    rest = f".{found['rest']}" if found["rest"] else ""
    return Decimal(f"{sign}{whole or 0}{rest}")


class DecimalField(forms.DecimalField):
    """A figure with a comma or a point; `decimal_places` has to be said. What was typed stays in the field."""

    default_error_messages = {
        "invalid": _("Write a number such as 5.50 or 5,50."),
        "ambiguous": ngettext_lazy(
            "“%(typed)s” can mean two things. Write %(whole)s, or %(places)d digit at most behind the “%(mark)s”.",
            "“%(typed)s” can mean two things. Write %(whole)s, or %(places)d digits at most behind the “%(mark)s”.",
            "places",
        ),
    }

    def __init__(self, *, decimal_places: int, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "num"}))
        super().__init__(decimal_places=decimal_places, **options)
        self.places = decimal_places

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # in the stubs a whole number
        """Return the number. Raises `ValidationError` for what is none, or may be two."""
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        text = str(value).strip()
        try:
            return read_decimal(text, places=self.places)
        except Ambiguous as error:
            mark = "," if "," in text else "."
            facts = {"typed": text, "whole": text.replace(mark, ""), "places": self.places, "mark": mark}
            raise ValidationError(self.error_messages["ambiguous"], code="ambiguous", params=facts) from error
        except (ValueError, InvalidOperation) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class ColumnDecimalField(DecimalField):
    """The same for a column whose figures are shown as they are stored: "12.600". There a point is always a point."""

    def __init__(self, *, decimal_places: int, **options: Any) -> None:
        super().__init__(decimal_places=decimal_places, **options)
        self.places = min(decimal_places, 2)  # a comma with three digits behind it is not guessed

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # in the stubs a whole number
        """Return the number; only a comma can be ambiguous."""
        found = PLAIN.fullmatch(str(value or "").strip())
        if found and found["mark"] == "." and found["whole"]:
            return read_decimal(str(value), places=len(found["rest"]) + 3)
        return super().to_python(value)
