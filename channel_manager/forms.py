"""The shape of what people type on the channels' pages; what it means is judged by the services."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.core.numbers import DecimalField

from .channels.registry import Profile, profiles
from .models import RateMapping, RoomMapping

NOT_MAPPED = _("Not mapped yet")
Ours = Sequence[tuple[uuid.UUID, str]]


class ChannelForm(forms.Form):
    """Which channel a new connection is for."""

    kind = forms.ChoiceField(label=_("Channel"), choices=lambda: [(one.kind, one.name) for one in profiles()])


class FilterForm(forms.Form):
    """Which messages the inbox shows."""

    show = forms.ChoiceField(choices=[("attention", "attention"), ("unmapped", "unmapped")], required=False)


class ConnectionForm(forms.Form):
    """A connection's account. Secrets are written, never shown: a field left empty keeps what is stored."""

    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    hotel_id = forms.CharField(label=_("Hotel number there"), max_length=40)
    base_url = forms.URLField(
        label=_("Address"),
        max_length=200,
        required=False,
        assume_scheme="https",
        help_text=_("Leave empty for the channel’s own address."),
    )
    poll_seconds = DecimalField(label=_("Seconds between polls"), max_digits=6, decimal_places=1, required=False)

    def __init__(self, *args: Any, profile: Profile, **options: Any) -> None:
        super().__init__(*args, **options)
        self.profile = profile
        for field in profile.credentials:
            widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if field.secret else forms.TextInput()
            self.fields[f"account_{field.name}"] = forms.CharField(
                label=field.label, max_length=300, required=False, widget=widget, strip=True
            )

    def account(self) -> dict[str, str]:
        """Return what was typed of the account."""
        return {field.name: self.cleaned_data[f"account_{field.name}"] for field in self.profile.credentials}

    def values(self) -> dict[str, Any]:
        """Return what else was typed, without what was left empty."""
        given = {"hotel_id": self.cleaned_data["hotel_id"], "base_url": self.cleaned_data["base_url"]}
        pace = self.cleaned_data["poll_seconds"]
        return given if pace is None else given | {"poll_seconds": pace}


class MappingForm(forms.Form):
    """Which of our types and plans each room and rate of the channel is."""

    def __init__(
        self,
        *args: Any,
        rooms: Sequence[RoomMapping],
        rates: Sequence[RateMapping],
        kinds: Ours,
        plans: Ours,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        for room in rooms:
            self._add("room", room, room.room_type_id, kinds)
        for rate in rates:
            self._add("rate", rate, rate.rate_plan_id, plans)

    def _add(self, what: str, row: RoomMapping | RateMapping, chosen: uuid.UUID | None, ours: Ours) -> None:
        self.fields[f"{what}_{row.external_id}"] = forms.ChoiceField(
            label=f"{row.name} ({row.external_id})" if row.name else row.external_id,
            choices=[("", NOT_MAPPED), *((str(pk), name) for pk, name in ours)],
            required=False,
            initial=str(chosen or ""),
        )

    def chosen(self, what: str) -> dict[str, uuid.UUID | None]:
        """Return the channel's number of each room (or rate) and what it is."""
        prefix = f"{what}_"
        return {
            name.removeprefix(prefix): uuid.UUID(value) if value else None
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }

    def of(self, what: str) -> list[forms.BoundField]:
        """Return the fields of the rooms, or of the rates."""
        return [self[name] for name in self.fields if name.startswith(f"{what}_")]

    @property
    def room_fields(self) -> list[forms.BoundField]:
        """Return the fields of the rooms."""
        return self.of("room")

    @property
    def rate_fields(self) -> list[forms.BoundField]:
        """Return the fields of the rates."""
        return self.of("rate")
