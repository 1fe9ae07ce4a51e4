"""The shape of what is chosen on the page "Sign-in"."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Role

SUPPORT = "+support"  # no role is called so


class SecondStepForm(forms.Form):
    """Who else needs a second step, and whether support may act here; at a trial whether anybody is asked now."""

    def __init__(self, *args: Any, roles: Collection[Role], trial: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("These roles too"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(role.code, str(role)) for role in roles],
        )
        self.fields["support"] = forms.BooleanField(
            label=_("Support may act in our people’s names"),
            required=False,
            help_text=_(
                "For an hour at most, with a reason that you read in the feed, and never for money, rights, keys or "
                "anybody’s account. Off: whoever is at it is out at once."
            ),
        )
        shown = [*self.initial.get("roles", ()), *([SUPPORT] if self.initial.get("support") else [])]
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=" ".join(shown))
        if trial:
            self.fields["asked"] = forms.BooleanField(label=_("Ask from now on"), required=False)

    def difference(self) -> tuple[set[str], set[str]]:
        """Return what this person ticked and what she unticked, as roles and SUPPORT; the rest is nobody's change."""
        chosen, seen = set(self.cleaned_data["roles"]), set(self.cleaned_data["seen"].split())
        chosen |= {SUPPORT} if self.cleaned_data["support"] else set()
        return chosen - seen, seen - chosen


class VisitForm(forms.Form):
    """In whose name support acts, where, why and for how long."""

    code = forms.CharField(label=_("Hotel"), max_length=12, help_text=_("Its short code."))
    email = forms.EmailField(label=_("E-mail of the person"), max_length=254)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}), help_text=_("The hotel reads this.")
    )
    minutes = forms.TypedChoiceField(
        label=_("How long"), coerce=int, choices=[(15, _("15 minutes")), (30, _("30 minutes")), (60, _("One hour"))]
    )
