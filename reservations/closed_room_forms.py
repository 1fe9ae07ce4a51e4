"""The shape of what people type about closed rooms."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.core.forms import VersionedForm
from properties.models import Property, Room
from properties.selectors import rooms_of

from .models import OutOfOrder


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}), **options)


def _condition() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Condition afterwards"), choices=Room.Condition.choices)


class CloseRoomForm(forms.Form):
    """Which room is closed, how, for which nights and why."""

    kind = forms.ChoiceField(
        label=_("How"),
        choices=[
            (OutOfOrder.Kind.OUT_OF_ORDER, _("Out of order: nobody gets it, it is not for sale")),
            (OutOfOrder.Kind.OUT_OF_SERVICE, _("Out of service: it may be given, with a warning")),
        ],
    )
    first = _day(_("First night"))
    last = _day(_("Last night"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    return_condition = _condition()
    forced = forms.BooleanField(
        label=_("Also where its type is sold out"),
        required=False,
        help_text=_("The stays that no longer fit stand on the work list as overbooked."),
    )

    def __init__(self, *args: Any, hotel: Property, **options: Any) -> None:
        day = hotel.business_date
        options.setdefault("initial", {"first": day, "last": day, "return_condition": Room.Condition.DIRTY})
        super().__init__(*args, **options)
        self.fields["room"] = forms.TypedChoiceField(
            label=_("Room"), choices=[(str(room.pk), room.number) for room in rooms_of(hotel.pk)], coerce=uuid.UUID
        )


class ClosedRoomForm(VersionedForm):
    """How long a room stays closed, why, and how it is afterwards."""

    shown = ("reason", "return_condition")
    last = _day(_("Last night"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    return_condition = _condition()
    forced = forms.BooleanField(label=_("Also where its type is sold out"), required=False)

    def values(self) -> dict[str, Any]:
        """Return what was typed; the last night is judged anew, not merged."""
        return {**super().values(), "last": self.cleaned_data["last"]}
