"""The shape of what a phone sends."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from properties.forms import MarkForm as CardMarkForm

from .cards import GROUPS


class MarkForm(CardMarkForm):
    """One tap: the condition, the version the card showed, and a key under which the same tap counts once."""

    key = forms.CharField(max_length=64, required=False)


class FilterForm(forms.Form):
    """Which rooms the page shows."""

    show = forms.ChoiceField(choices=[(name, name) for name in GROUPS], required=False)
    floor = forms.CharField(max_length=12, required=False)


def chosen_of(asked: Mapping[str, str]) -> dict[str, str]:
    """Return what the page is to show (`show`, `floor`; empty: all); what cannot be read filters nothing."""
    form = FilterForm(asked)
    return dict(form.cleaned_data) if form.is_valid() else {"show": "", "floor": ""}
