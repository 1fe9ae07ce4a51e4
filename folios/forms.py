"""What people type on folio pages: the shape of it, nothing of the rules."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.core.money import minor_digits
from pms.core.numbers import DecimalField

from .documents.invoice import Recipient


class PlaceForm(forms.Form):
    """Where a list goes on: below the row at this place."""

    after = forms.CharField(required=False, max_length=120)


class _MoneyForm(forms.Form):
    """A form that moves money: `key` is made once per drawn form, so that sending it twice posts once."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    window = forms.TypedChoiceField(label=_("Window"), coerce=int)

    def __init__(self, *args: Any, windows: list[tuple[int, str]], currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = uuid.uuid4
        chosen: Any = self.fields["window"]
        chosen.choices = windows
        if len(windows) == 1:
            chosen.widget = forms.HiddenInput()
            chosen.initial = windows[0][0]
            self.initial.pop("window", None)
        self.places = minor_digits(currency)

    def amount_field(self, label: Any, *, required: bool = True) -> DecimalField:
        """Return a field for an amount in the hotel's currency."""
        return DecimalField(label=label, required=required, max_digits=10, decimal_places=self.places, localize=True)

    @property
    def natural_key(self) -> str:
        """Return the key under which this form posts once."""
        return f"form:{self.cleaned_data['key']}"


class ChargeForm(_MoneyForm):
    """What was consumed, how often, at which price; an empty price is the usual one of the code.

    A remark stands behind the name of what was consumed: the guest reads both on the bill.
    """

    transaction_code = forms.ChoiceField(label=_("What"))
    quantity = DecimalField(label=_("Quantity"), initial=Decimal(1), max_digits=6, decimal_places=2)
    description = forms.CharField(label=_("Remark on the bill"), required=False, max_length=110)

    def __init__(
        self,
        *args: Any,
        codes: list[tuple[str, str]],
        prices: dict[str, Decimal],
        names: dict[str, str],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.prices, self.names = prices, names
        chosen: Any = self.fields["transaction_code"]
        chosen.choices = codes
        self.fields["amount"] = self.amount_field(_("Price"), required=False)

    def clean(self) -> dict[str, Any]:
        """Fill in the usual price where none was typed, and the name before the remark."""
        data = super().clean() or self.cleaned_data
        if data.get("description") and "transaction_code" in data:
            data["description"] = f"{self.names[data['transaction_code']]}: {data['description']}"
        if "amount" in data and data["amount"] is None:
            data["amount"] = self.prices.get(data.get("transaction_code", ""))
            if data["amount"] is None:
                self.add_error("amount", _("This has no usual price: type one."))
        return data


class PaymentForm(_MoneyForm):
    """Money received: by which means, how much, under which reference."""

    method = forms.ChoiceField(label=_("Means"))
    reference = forms.CharField(label=_("Reference"), required=False, max_length=100)

    def __init__(self, *args: Any, methods: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: Any = self.fields["method"]
        chosen.choices = methods
        if len(methods) == 1:
            chosen.widget = forms.HiddenInput()
            chosen.initial = methods[0][0]
        self.fields["amount"] = self.amount_field(_("Amount"))
        self.fields["amount"].widget.attrs["class"] = "num amount"


class ReverseForm(forms.Form):
    """Why a posting is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class WindowForm(forms.Form):
    """For whom a window is."""

    name = forms.CharField(label=_("Who pays this part"), max_length=120)


class InvoiceForm(forms.Form):
    """To whom the invoice is written."""

    name = forms.CharField(label=_("Name"), max_length=150)
    address = forms.CharField(
        label=_("Address"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    tax_number = forms.CharField(label=_("Tax number"), required=False, max_length=40)

    def recipient(self) -> Recipient:
        """Return what was typed."""
        data = self.cleaned_data
        return Recipient(data["name"], data["address"], data["tax_number"])
