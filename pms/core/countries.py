"""Countries as people know them: chosen by name in the reader's language, kept by the two letters of ISO 3166-1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

LETTERS = re.compile(r"[A-Z]{2}")


def country_name(code: str) -> str:
    """Return the country in the reader's language; letters that no country has stay as they are."""
    return str(countries.name(code)) or code


def _choices() -> Iterator[tuple[str, str]]:
    yield "", "–"
    for country in countries:
        yield country.code, country.name


class CountryInput(forms.Select):
    """All countries, and what a channel or an older list wrote: nothing kept is lost by opening a form."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Return Django's groups, with the value in use among them."""
        known = {code for code, _name in self.choices}
        self.choices = [*self.choices, *((code, code) for code in value if code not in known)]
        return super().optgroups(name, value, attrs)


class CountryField(forms.ChoiceField):
    """A country; cleaned to its two letters, in capitals. `ValidationError` for what is neither code nor empty."""

    widget = CountryInput
    default_error_messages = {"invalid_choice": _("Choose the country from the list.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": _("Country"), "choices": _choices, **options})

    def to_python(self, value: Any) -> str:
        """Return the letters in capitals."""
        return str(super().to_python(value)).strip().upper()

    def valid_value(self, value: Any) -> bool:
        """Accept what the house keeps: two letters; new ones come from the list."""
        return bool(LETTERS.fullmatch(str(value)))
