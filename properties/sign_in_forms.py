"""The shape of what is chosen on the page "Sign-in"."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Role


class SecondStepForm(forms.Form):
    """Who else needs a second step; at a trial hotel also whether anybody does from now on."""

    def __init__(self, *args: Any, roles: Collection[Role], trial: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("These roles too"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(role.code, str(role)) for role in roles],
        )
        if trial:
            self.fields["asked"] = forms.BooleanField(label=_("Ask from now on"), required=False)
