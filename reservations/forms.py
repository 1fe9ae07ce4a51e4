"""What people type on reservation pages, in the shape one service takes."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pms.core.countries import CountryField
from pms.core.forms import Lines, VersionedForm
from pms.core.money import minor_digits
from pms.core.numbers import DecimalField
from pms.core.templatetags.ui import day
from properties.models import Property, RoomType

from .drafts import GuestDraft, StayDraft
from .models import Reservation
from .selectors.lists import Search
from .selectors.offers import MOST_NIGHTS, Offer, Party

ONE_DAY = dt.timedelta(days=1)
MOST_PEOPLE = 20
HORIZON = dt.timedelta(days=365)
MOST_PRICED = dt.timedelta(days=731)
AGE = re.compile(r"[0-9]|1[0-7]")
BETWEEN_AGES = re.compile(r"[\s,;]+")


class Day(forms.DateInput):
    """A day chosen from the browser's own calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def _count(label: Any, *, least: int) -> forms.IntegerField:
    widget = forms.NumberInput({"class": "num", "inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=MOST_PEOPLE, widget=widget)


class StayForm(forms.Form):
    """What the guest asks for. `offer` names the chosen one as "<type>:<plan>"; nothing chosen is fine."""

    arrival = forms.DateField(label=_("Arrival"), widget=Day)
    departure = forms.DateField(label=_("Departure"), widget=Day)
    adults = _count(_("Adults"), least=1)
    children = forms.CharField(
        label=_("Ages of children"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"inputmode": "numeric", "placeholder": _("such as 5, 9"), "autocomplete": "off"}),
    )
    offer = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, hotel: Property) -> None:
        super().__init__(data)
        self.hotel = hotel

    @classmethod
    def opened(cls, hotel: Property) -> StayForm:
        """Return the form as it opens: tonight for two."""
        begin = hotel.business_date
        shown = {"arrival": begin, "departure": begin + ONE_DAY, "adults": 2, "children": "", "offer": ""}
        return cls(shown, hotel=hotel)

    def clean_arrival(self) -> dt.date:
        """Return the arrival; the past cannot be sold, and the hotel's day decides what is past."""
        arrival: dt.date = self.cleaned_data["arrival"]
        if arrival < self.hotel.business_date:
            day = date_format(self.hotel.business_date, "D j M Y")
            raise forms.ValidationError(_("The hotel's day is %s. Choose that day or a later one.") % day)
        return arrival

    def clean_children(self) -> tuple[int, ...]:
        """Return the ages: "5, 9" or "5 9"; what is no age is not passed over, or the child would be missing."""
        ages = [age for age in BETWEEN_AGES.split(self.cleaned_data["children"].strip()) if age]
        if not all(AGE.fullmatch(age) for age in ages):
            raise forms.ValidationError(_("Write the age of each child, 0 to 17, such as 5, 9."))
        return tuple(int(age) for age in ages)

    def clean(self) -> dict[str, Any]:
        """Hold the departure behind the arrival, and both within what one reservation may have."""
        facts = super().clean() or self.cleaned_data
        arrival, departure = facts.get("arrival"), facts.get("departure")
        if arrival and departure:
            if departure <= arrival:
                self.add_error("departure", _("The departure must be after the arrival."))
            elif (departure - arrival).days > MOST_NIGHTS:
                self.add_error("departure", _("One reservation holds at most %d nights.") % MOST_NIGHTS)
        return facts

    @property
    def party(self) -> Party:
        """Return who comes."""
        return Party(self.cleaned_data["adults"], self.cleaned_data["children"])

    @property
    def nights(self) -> int:
        """Return how many nights are asked for."""
        return int((self.cleaned_data["departure"] - self.cleaned_data["arrival"]).days)

    def draft(self, offer: Offer, *, notes: str) -> StayDraft:
        """Return the stay on `offer` as the booking service takes it."""
        return StayDraft(
            arrival=self.cleaned_data["arrival"],
            departure=self.cleaned_data["departure"],
            room_type_id=offer.room_type.pk,
            rate_plan_id=offer.rate_plan.pk,
            adults=self.cleaned_data["adults"],
            children=self.cleaned_data["children"],
            notes=notes,
        )


class GuestForm(forms.Form):
    """Who books. `guest_id` names a profile that was chosen from those found; `quoted` is the sum that was shown.

    `key` is made once per opened page, so that a form whose answer got lost and that is sent again books once.
    """

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    guest_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, error_messages={"required": _("A guest needs a name.")}
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    country = CountryField(required=False)
    notes = forms.CharField(
        label=_("Notes for the house"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    quoted = forms.DecimalField(required=False, max_digits=14, decimal_places=3, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial["key"] = self.initial.get("key") or uuid.uuid4()
        # A known guest has her name already.
        self.fields["last_name"].required = not (self.data.get("guest_id") or self.initial.get("guest_id"))

    def draft(self) -> GuestDraft:
        """Return the person as the booking service takes her."""
        facts = self.cleaned_data
        return GuestDraft(
            last_name=facts["last_name"],
            first_name=facts["first_name"],
            email=facts["email"],
            phone=facts["phone"],
            country=facts["country"],
            guest_id=facts["guest_id"],
        )


class CancelForm(forms.Form):
    """Why a stay is given up."""

    prefix = "cancel"
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("Guest called: trip postponed")}),
    )


class NotesForm(VersionedForm):
    """Notes of a stay."""

    prefix = "stay"
    shown = ("notes",)
    notes = Lines(label=_("Notes for the house"), max_length=5000, required=False)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ProfileForm(VersionedForm):
    """What the house knows of a guest, to correct."""

    prefix = "guest"
    shown = ("first_name", "last_name", "email", "phone", "country")
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )
    country = CountryField(required=False)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ListForm(forms.Form):
    """Search and filters of the list of reservations, kept in the address."""

    q = forms.CharField(
        label=_("Guest or number"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Guest, number, channel’s number")}),
    )
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *Reservation.Status.choices]
    )
    first = forms.DateField(label=_("Arrival from"), required=False, widget=Day)
    last = forms.DateField(label=_("Arrival until"), required=False, widget=Day)
    after = forms.RegexField(r"^\d{4}-\d\d-\d\d_[0-9a-f-]{36}$", required=False, widget=forms.HiddenInput)

    def search(self) -> Search:
        """Return what was asked for; a filter that cannot be read filters nothing."""
        facts = self.cleaned_data if self.is_valid() else {**self.cleaned_data}
        return Search(
            text=facts.get("q") or "",
            status=facts.get("status") or "",
            first=facts.get("first"),
            last=facts.get("last"),
            after=_after(facts.get("after") or ""),
        )


def search_of(asked: QueryDict, hotel: Property) -> Search:
    """Return what the list is to show for these parameters; without any, everything from the business date on."""
    return ListForm(asked or {"first": hotel.business_date.isoformat()}).search()


def _after(text: str) -> tuple[dt.date, uuid.UUID] | None:
    day, _underline, pk = text.partition("_")
    try:
        return (dt.date.fromisoformat(day), uuid.UUID(pk)) if pk else None
    except ValueError:
        return None


class PricesForm(forms.Form):
    """Prices of the base plan for a range of nights: one field a room type, named by its key; empty leaves it."""

    first = forms.DateField(label=_("From the night of"), widget=Day)
    last = forms.DateField(label=_("To the night of"), widget=Day)
    weekdays = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("days of the week", "On"),
        coerce=int,
        choices=list(WEEKDAYS_ABBR.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    tax = DecimalField(
        label=_("Value added tax in the price, percent"), min_value=0, max_value=99, max_digits=5, decimal_places=2
    )

    def __init__(self, data: Any = None, *, hotel: Property, kinds: Iterable[RoomType], first_time: bool) -> None:
        begin = hotel.business_date
        super().__init__(data, initial={"first": begin, "last": begin + HORIZON, "weekdays": list(range(7))})
        self.begin, self.kinds = begin, list(kinds)
        if not first_time:
            del self.fields["tax"]
        for kind in self.kinds:
            places = minor_digits(hotel.currency)
            self.fields[str(kind.pk)] = DecimalField(
                label=kind.name,
                min_value=Decimal(1).scaleb(-places),
                max_digits=9,
                decimal_places=places,
                required=False,
                error_messages={"min_value": _("This gives the nights away: type a price above 0.")},
            )

    @property
    def prices(self) -> dict[uuid.UUID, Decimal]:
        """Return the prices that were typed, by room type."""
        typed = {kind.pk: self.cleaned_data[str(kind.pk)] for kind in self.kinds}
        return {pk: price for pk, price in typed.items() if price is not None}

    @property
    def price_fields(self) -> list[forms.BoundField]:
        """Return the fields of the room types."""
        return [self[str(kind.pk)] for kind in self.kinds]

    def clean(self) -> dict[str, Any]:
        """Hold the range in order and within what a mass change may touch; something has to be typed."""
        facts = super().clean() or self.cleaned_data
        first, last = facts.get("first"), facts.get("last")
        if first and first < self.begin:
            self.add_error("first", _("That night is over: begin with %(day)s.") % {"day": day(self.begin)})
        if first and last and not dt.timedelta(0) <= last - first <= MOST_PRICED:
            self.add_error("last", _("The last night lies before the first, or more than two years after it."))
        if not self.errors and not self.prices:
            raise forms.ValidationError(_("Type the price of one room type at least."))
        return facts
