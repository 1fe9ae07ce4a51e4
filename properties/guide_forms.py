"""What the guide of the first hour asks: only what a first booking needs, each with a sensible answer ready."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.accounts.registry import ROLES
from pms.core.countries import CountryField
from pms.core.numbers import DecimalField

from .forms import COMMON_TYPES, HotelForm, RoomLines, RoomLineSet
from .models import Property

# Value added tax of lodging and of most else, in percent, as proposals only: whoever sets the hotel up checks them.
TAXES: Mapping[str, tuple[str, str]] = {
    "AT": ("10", "20"), "BE": ("6", "21"), "BG": ("9", "20"), "CH": ("3.8", "8.1"), "CY": ("9", "19"),
    "CZ": ("12", "21"), "DE": ("7", "19"), "DK": ("25", "25"), "EE": ("13", "24"), "ES": ("10", "21"),
    "FI": ("14", "25.5"), "FR": ("10", "20"), "GB": ("20", "20"), "GR": ("13", "24"), "HR": ("13", "25"),
    "HU": ("5", "27"), "IE": ("13.5", "23"), "IT": ("10", "22"), "LT": ("12", "21"), "LU": ("3", "17"),
    "LV": ("12", "21"), "MT": ("7", "18"), "NL": ("21", "21"), "NO": ("12", "25"), "PL": ("8", "23"),
    "PT": ("6", "23"), "RO": ("11", "21"), "SE": ("12", "25"), "SI": ("9.5", "22"), "SK": ("5", "23"),
}  # fmt: skip
UNKNOWN = ("0", "0")
MOST_PEOPLE = 5


class PlaceOfHotelForm(HotelForm):
    """Where the hotel is and how it is reached."""

    shown = ("street", "postal_code", "city", "country", "phone", "email", "tax_number")
    street = forms.CharField(label=_("Street and number"), max_length=200)
    city = forms.CharField(label=_("City"), max_length=100)
    country = CountryField()
    name = locale = website = age_bands = check_in_time = check_out_time = audit_time = None  # type: ignore[assignment]

    def complete(self) -> None:
        """Ask for no colour."""


class TaxesForm(forms.Form):
    """The two rates every hotel knows, and what the city takes."""

    lodging = DecimalField(label=_("On the room, percent"), min_value=0, max_value=99, decimal_places=3)
    other = DecimalField(label=_("On most else, percent"), min_value=0, max_value=99, decimal_places=3)
    city_tax = DecimalField(
        label=_("City tax per adult and night"),
        min_value=0,
        max_value=1000,
        decimal_places=2,
        required=False,
        help_text=_("Outside of the price. Empty where there is none; other bases are set later."),
    )

    def __init__(self, data: Any = None, *, hotel: Property) -> None:
        lodging, other = TAXES.get(hotel.country, UNKNOWN)
        proposed = {"lodging": Decimal(lodging), "other": Decimal(other)} if hotel.country in TAXES else {}
        super().__init__(data, initial=proposed)


class PeopleForm(forms.Form):
    """A few colleagues at once: empty lines are nobody."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        roles = [(role, label) for role, label in ROLES.items() if role != "owner"]
        for place in range(MOST_PEOPLE):
            self.fields[f"name-{place}"] = forms.CharField(label=_("Name"), max_length=150, required=False)
            self.fields[f"email-{place}"] = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
            self.fields[f"role-{place}"] = forms.ChoiceField(label=_("Role"), choices=roles, initial="front_desk")

    def lines(self) -> list[tuple[Any, Any, Any]]:
        """Return the fields line by line, for the template."""
        return [(self[f"name-{at}"], self[f"email-{at}"], self[f"role-{at}"]) for at in range(MOST_PEOPLE)]

    def clean(self) -> dict[str, Any]:
        """Ask for the other half of a line that has one."""
        facts = super().clean() or self.cleaned_data
        for at in range(MOST_PEOPLE):
            name, email = facts.get(f"name-{at}"), facts.get(f"email-{at}")
            if name and not email and f"email-{at}" not in self.errors:
                self.add_error(f"email-{at}", _("Where does the link go?"))
            if email and not name:
                self.add_error(f"name-{at}", _("What is she or he called?"))
        return facts

    def people(self) -> list[dict[str, Any]]:
        """Return who was named."""
        clean = self.cleaned_data
        return [
            {"name": clean[f"name-{at}"], "email": clean[f"email-{at}"], "roles": [clean[f"role-{at}"]]}
            for at in range(MOST_PEOPLE)
            if clean[f"email-{at}"]
        ]


def room_lines(data: Any, *, some: bool) -> RoomLines:
    """Return the lines of types and numbers, with examples where the hotel has no types yet."""
    examples = [] if some else COMMON_TYPES
    return RoomLineSet(data, initial=examples) if data else RoomLineSet(initial=examples)
