"""Our steps in the guide of a hotel's first hour: usual prices, and the first booking."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pms.core import slots
from pms.core.money import minor_digits
from pms.core.numbers import DecimalField
from properties.guide import SLOT, Step
from properties.models import Property

from .permissions import Permission
from .selectors.offers import room_types_sold
from .selectors.rates import base_rate_plan
from .selectors.stays import reservations_of
from .services.inventory import HORIZON
from .services.rates import base_prices_set


class UsualPricesForm(forms.Form):
    """What a night usually costs in each type of room."""

    def __init__(self, *args: Any, hotel: Property, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kinds = list(room_types_sold(hotel))
        for kind in self.kinds:
            self.fields[str(kind.pk)] = DecimalField(
                label=f"{kind.name}, {hotel.currency}",
                min_value=0,
                max_value=Decimal(10**9),
                decimal_places=minor_digits(hotel.currency),
                help_text=_("A night for two, taxes in it.") if kind.max_adults > 1 else _("A night, taxes in it."),
            )

    def clean(self) -> dict[str, Any]:
        """Ask for a type first where there is none."""
        facts = super().clean() or self.cleaned_data
        if not self.kinds:
            raise forms.ValidationError(_("There is nothing to price yet. Add rooms in the step before."))
        return facts


def declare() -> None:
    """Register our steps; called once when the app is ready."""
    slots.register(SLOT, slots.Entry("prices", PRICES, right=Permission.RATE_CHANGE, order=35))
    slots.register(SLOT, slots.Entry("booking", BOOKING, right=Permission.RESERVATION_BOOK, order=90))


def _save_prices(hotel: Property, form: Any) -> None:
    base_prices_set(
        hotel=hotel,
        first=hotel.business_date,
        last=hotel.business_date + HORIZON,
        weekdays=frozenset(range(7)),
        prices={kind.pk: form.cleaned_data[str(kind.pk)] for kind in form.kinds},
        tax_percent=Decimal(0),  # of a hotel that left the taxes out; else the rate of that step stands
    )


PRICES = Step(
    label=_("Prices"),
    lead=_("One plan is enough. It holds for every night; change single days whenever you like."),
    done=lambda hotel: base_rate_plan(hotel) is not None,
    form=lambda hotel, data: UsualPricesForm(data, hotel=hotel),
    save=_save_prices,
)
BOOKING = Step(
    label=_("First booking"),
    lead=_("Try it: choose tonight, a room and a name. A booking can be cancelled."),
    done=lambda hotel: reservations_of(hotel).exists(),
    minutes=2,
    leads_to=lambda hotel: reverse("reservations:create_booking", args=[hotel.code]),
    act=_("Make a booking"),
)
