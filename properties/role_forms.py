"""The shape of what people type and tick about roles and staff; what it means is judged by the services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.core.forms import VersionedForm

from .services.roles import Toggle

TOGGLE = re.compile(r"([a-z0-9_]{1,40}):([a-z0-9_]{1,100}):([01])")


def toggles_text(toggles: Iterable[Toggle]) -> str:
    """Return toggles as the matrix sends them: `front_desk:folio_post:1 front_desk:ledger_view:0`."""
    return " ".join(f"{one.role}:{one.right}:{int(one.on)}" for one in toggles)


class TogglesForm(forms.Form):
    """The ticks of the matrix that somebody touched."""

    toggles = forms.CharField(max_length=100_000, required=False)

    def clean_toggles(self) -> list[Toggle]:
        """Return the toggles; one that cannot be read makes all of them unreadable."""
        found = [TOGGLE.fullmatch(part) for part in self.cleaned_data["toggles"].split()]
        if not all(found):
            raise forms.ValidationError(_("These ticks cannot be read."))
        return [Toggle(one[1], one[2], one[3] == "1") for one in found if one]


class RenameRoleForm(VersionedForm):
    """What a role is called; an empty name gives a standard role the house's word again."""

    shown = ("name",)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=60, required=False)

    def __init__(self, *args: Any, standard: bool = False, **options: Any) -> None:
        self.standard = standard
        super().__init__(*args, **options)
        if standard:
            self.fields["name"].help_text = _("Empty: as everywhere in the house.")

    def options(self) -> dict[str, Any]:
        """Return whether the role is one of the house's own."""
        return {"standard": self.standard}


class NewRoleForm(forms.Form):
    """A role of the hotel's own."""

    name = forms.CharField(label=_("Name"), max_length=60)

    def __init__(self, *args: Any, copies: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("Nothing: start from scratch")), *copies.items()]
        self.fields["copy"] = forms.ChoiceField(label=_("May do the same as"), choices=choices, required=False)


class ReplacementForm(forms.Form):
    """Which role people get instead of an archived one."""

    def __init__(self, *args: Any, givable: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("Choose a role")), *givable.items()]
        self.fields["replacement"] = forms.ChoiceField(
            label=_("Its people get instead"), choices=choices, required=False
        )


class CopyRolesForm(forms.Form):
    """To which other hotel the roles are copied."""

    def __init__(self, *args: Any, hotels: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["hotel"] = forms.ChoiceField(label=_("Hotel"), choices=list(hotels.items()))


class StaffFilterForm(forms.Form):
    """Whom of the staff the list shows."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.ChoiceField(choices=[(state, state) for state in ("active", "invited", "disabled")], required=False)
    role = forms.CharField(max_length=40, required=False)
