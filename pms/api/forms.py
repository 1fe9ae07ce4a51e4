"""What people tell the API kernel: what an app may do for them, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ConsentForm(forms.Form):
    """At which hotels an app may act for somebody, and what it may do there."""

    hotels = forms.MultipleChoiceField(label=_("At these hotels"), widget=forms.CheckboxSelectMultiple)
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, hotels: Sequence[tuple[str, str]], scopes: Sequence[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for name, choices in (("hotels", hotels), ("scopes", scopes)):
            field: Any = self.fields[name]
            field.choices = choices
            field.initial = [value for value, _label in choices]
