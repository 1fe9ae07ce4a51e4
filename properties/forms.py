"""The shape of what people type on the hotel's pages; what it means is judged by the services."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from pms.accounts.models import User
from pms.core.countries import CountryField
from pms.core.forms import VersionedForm

from .models import Room
from .room_numbers import room_numbers
from .services.hotels import CHANGEABLE
from .services.setup import RoomPlan

# Ways a hotel may be accented: hues that the palette was checked with, by name.
HUES = ((210, _("Lake blue")), (250, _("Slate")), (300, _("Plum")), (15, _("Brick")), (75, _("Amber")), (150, _("Fir")))
HUE = re.compile("[0-9]{1,3}")

Clock = forms.TimeInput({"type": "time"}, "%H:%M")


def zone_choices() -> list[tuple[str, str]]:
    """Return all time zones of the IANA database that name a place."""
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones()) if "/" in zone]


class MarkForm(forms.Form):
    """What a card sends: the condition, and the version of the room it showed."""

    condition = forms.ChoiceField(choices=Room.Condition.choices)
    version = forms.IntegerField(min_value=1)


class FindForm(forms.Form):
    """What is typed into the palette."""

    q = forms.CharField(max_length=100, required=False)


class LaneForm(forms.Form):
    """Whose work is sent again."""

    receiver = forms.CharField(max_length=150)


class DiscardForm(forms.Form):
    """Why work that stands is given up."""

    prefix = "discard"
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Told the channel by telephone")}),
    )


class RoomFilterForm(forms.Form):
    """Which rooms the board shows."""

    condition = forms.ChoiceField(choices=Room.Condition.choices, required=False)


class KeysetForm(forms.Form):
    """Where a list goes on: below the entry with this number."""

    before = forms.IntegerField(min_value=1, required=False)


def _roles_field(givable: Mapping[str, str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Roles"), widget=forms.CheckboxSelectMultiple, choices=list(givable.items())
    )


class StaffRolesForm(VersionedForm):
    """The roles of a member of the staff, only those the giver may give."""

    shown = ("roles",)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, givable: Mapping[str, str], **options: Any) -> None:
        """`givable` are the roles to choose from, by code, as they are called."""
        self.givable = givable
        super().__init__(*args, **options)

    def complete(self) -> None:
        """Offer the roles."""
        self.fields["roles"] = _roles_field(self.givable)

    def options(self) -> dict[str, Any]:
        """Return the roles to choose from."""
        return {"givable": self.givable}


class StaffForm(forms.Form):
    """A person who begins to work here."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)

    def __init__(self, *args: Any, givable: Mapping[str, str], **options: Any) -> None:
        """`givable` as of `StaffRolesForm`."""
        super().__init__(*args, **options)
        self.fields["roles"] = _roles_field(givable)


class JoinForm(forms.Form):
    """What somebody new adds to her invitation: how she is called, and a password; never the address."""

    name = forms.CharField(label=_("Name"), max_length=150)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("At least ten characters. A sentence is easier to remember than a riddle."),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Judge the password beside name and e-mail: it must not be one of them."""
        facts = super().clean() or self.cleaned_data
        if facts.get("password"):
            try:
                validate_password(facts["password"], User(email=self.email, name=facts.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return facts


class AgeBandsField(forms.CharField):
    """Age groups as people write them, one a line: "Infants 0–2, cot"."""

    widget = forms.Textarea({"rows": 3, "placeholder": "Infants 0–2, cot"})
    LINE = re.compile(r"(?P<name>.*[^\d\s,:–-])[\s:,]+(?P<first>\d{1,2})\s*[-–]\s*(?P<last>\d{1,2})(?P<cot>\s*,.*)?")

    def prepare_value(self, value: Any) -> Any:
        """Return stored groups as lines; what was typed stays as it was typed."""
        if not isinstance(value, list):
            return value
        return "\n".join(
            f"{band['name']} {band['from']}–{band['to']}" + (f", {_('cot')}" if band.get("cot") else "")
            for band in value
        )

    def to_python(self, value: Any) -> Any:
        """Return the groups as the service reads them. Raises `ValidationError` for a line that is none."""
        bands = []
        for line in filter(None, map(str.strip, str(value or "").splitlines())):
            found = self.LINE.fullmatch(line)
            if found is None:
                words = _("“%(line)s” is not read. Write a name and two ages, such as: Children 3–12")
                raise forms.ValidationError(words, params={"line": Truncator(line).chars(30)})
            facts = {"from": int(found["first"]), "to": int(found["last"]), "cot": bool(found["cot"])}
            bands.append({"name": found["name"].strip(), **facts})
        return bands


class CopyHotelForm(forms.Form):
    """A further hotel, set up as one that runs."""

    name = forms.CharField(label=_("Name"), max_length=150)
    code = forms.CharField(
        label=_("Short code"), max_length=12, help_text=_("2 to 12 letters and digits, such as SEA.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    with_rooms = forms.BooleanField(
        label=_("With its rooms"),
        required=False,
        help_text=_("Numbers, floors and sections, connected rooms and suites."),
    )

    def clean_code(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["code"]).upper()


class HotelForm(VersionedForm):
    """Settings of the hotel."""

    shown = tuple(sorted(CHANGEABLE - {"address"}))

    name = forms.CharField(label=_("Name"), max_length=150)
    street = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=16, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country = CountryField(required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    tax_number = forms.CharField(label=_("Tax number"), max_length=40, required=False)
    age_bands = AgeBandsField(
        label=_("Age groups"),
        required=False,
        help_text=_("One line each; older guests are adults. Without any, each declared child is a child."),
    )
    locale = forms.ChoiceField(label=_("Language of letters and invoices"), choices=settings.LANGUAGES)
    check_in_time = forms.TimeField(label=_("Check-in from"), widget=Clock)
    check_out_time = forms.TimeField(label=_("Check-out until"), widget=Clock)
    audit_time = forms.TimeField(label=_("Night audit at"), widget=Clock)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def complete(self) -> None:
        """Offer the hues, among them the one that the hotel has."""
        hue = self.data.get("seen_accent_hue") or self.initial.get("seen_accent_hue")
        self.fields["accent_hue"] = forms.TypedChoiceField(label=_("Accent colour"), coerce=int, choices=_hues(hue))


class SetupForm(forms.Form):
    """The first run: organization, hotel and owner. The rooms are a formset of `RoomLineForm`."""

    organization_name = forms.CharField(label=_("Company"), max_length=150, help_text=_("Who runs the hotel."))
    name = forms.CharField(label=_("Hotel"), max_length=150)
    code = forms.CharField(
        label=_("Short code"), max_length=12, help_text=_("2 to 12 letters or digits; it stands in every address.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        initial="Europe/Berlin",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "data-guess-zone": "fresh"}),
        help_text=_("As this device has it; begin to type a city to choose another."),
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, initial="EUR")
    owner_name = forms.CharField(label=_("Your name"), max_length=150)
    owner_email = forms.EmailField(label=_("Your e-mail"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=True),
        help_text=_("At least 10 characters; a short sentence is best."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.is_bound:  # somebody saw the guess and sent what she wants
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = "typed"

    def zones(self) -> list[str]:
        """Return the names to choose from."""
        return [zone for zone, _words in zone_choices()]

    def clean_code(self) -> str:
        """Return the code in capitals, as every address writes it."""
        return str(self.cleaned_data["code"]).upper()

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Judge the password beside name and e-mail: it must not be one of them."""
        facts = super().clean() or self.cleaned_data
        person = User(email=facts.get("owner_email", ""), name=facts.get("owner_name", ""))
        if facts.get("password"):
            try:
                validate_password(facts["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return facts


class RoomLineForm(forms.Form):
    """One kind of room and the numbers of its rooms, as a person says them: "101–120, 211"."""

    name = forms.CharField(label=_("Type"), max_length=100)
    code = forms.CharField(label=_("Code"), max_length=12)
    numbers = forms.CharField(label=_("Room numbers"), max_length=2000)
    guests = forms.IntegerField(label=_("Guests"), min_value=1, max_value=20)

    def has_changed(self) -> bool:
        """Tell whether the line says anything: an emptied one, or our example without numbers, makes nothing."""
        typed = {name: str(self[name].value() or "").strip() for name in self.fields}
        example = {name: str(self.initial.get(name, "")) for name in self.fields}
        return any(typed.values()) and typed != example

    def clean_numbers(self) -> list[str]:
        """Return the single numbers; every part that cannot be read is named."""
        numbers = room_numbers(self.cleaned_data["numbers"])
        if numbers.wrong:
            raise forms.ValidationError(
                _("Not read: %(parts)s. Write single numbers and ranges such as 101–120, with commas between."),
                params={"parts": ", ".join(f"“{Truncator(part).chars(20)}”" for part in numbers.wrong[:5])},
            )
        if twice := sorted(number for number, times in Counter(numbers.found).items() if times > 1):
            raise forms.ValidationError(_("Written twice: %(numbers)s."), params={"numbers": ", ".join(twice)})
        return numbers.found


class RoomLines(forms.BaseFormSet):
    """All lines: a number or a code may stand in one of them only."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Let every line be left empty, the examples too."""
        return super().get_form_kwargs(index) | {"empty_permitted": True}

    def clean(self) -> None:
        """Put an error at the line that repeats another's number or code."""
        numbers: dict[str, str] = {}
        codes: set[str] = set()
        for form in self.forms:
            line = dict(getattr(form, "cleaned_data", None) or {})  # a copy: an error takes the field out
            if not line.keys() >= {"name", "code", "numbers"}:
                continue
            if taken := [number for number in line["numbers"] if number in numbers]:
                words = _("In the line of %(other)s already: %(numbers)s.")
                facts = {"numbers": ", ".join(taken[:5]), "other": numbers[taken[0]]}
                form.add_error("numbers", forms.ValidationError(words, params=facts))
            if line["code"] in codes:
                form.add_error("code", _("This code stands in another line already."))
            codes.add(line["code"])
            numbers |= dict.fromkeys(line["numbers"], line["name"])

    def plans(self) -> list[RoomPlan]:
        """Return the filled lines as plans; the guests of a type are adults."""
        return [
            RoomPlan(code=line["code"], name=line["name"], numbers=line["numbers"], max_adults=line["guests"])
            for line in self.cleaned_data
            if line
        ]


# The factory returns a subclass of the formset it is given; the stubs know only the base.
RoomLineSet = cast(
    type[RoomLines], forms.formset_factory(RoomLineForm, formset=RoomLines, extra=3, max_num=30, validate_max=True)
)
# What a small hotel usually has, as an example to overwrite; a line left empty makes nothing.
COMMON_TYPES = [{"name": _("Single"), "code": "SGL", "guests": 1}, {"name": _("Double"), "code": "DBL", "guests": 2}]


def _hues(hue: Any) -> list[tuple[int, Any]]:
    """Return the hues to choose from, among them the one the hotel has."""
    own = int(hue) if HUE.fullmatch(str(hue or "")) else HUES[0][0]
    return [*HUES] if own in dict(HUES) else [(own, _("As it is")), *HUES]
