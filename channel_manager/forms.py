"""The shape of what people type on the channels' pages; what it means is judged by the services."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from pms.core.errors import StaleVersion
from pms.core.forms import VersionedForm
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


class ConnectionForm(VersionedForm):
    """A connection's account. Secrets are written, never shown: a field left empty keeps what is stored."""

    shown = ("hotel_id", "base_url", "poll_seconds")
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
        self.profile = profile
        super().__init__(*args, **options)

    def complete(self) -> None:
        """Ask for what the channel calls an account."""
        for field in self.profile.credentials:
            widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if field.secret else forms.TextInput()
            self.fields[f"account_{field.name}"] = forms.CharField(
                label=field.label, max_length=300, required=False, widget=widget, strip=True
            )

    def options(self) -> dict[str, Any]:
        """Return the channel."""
        return {"profile": self.profile}

    def after_conflict(self, conflict: StaleVersion) -> Self:
        """Return the form with both values to choose from, and the account as it was typed: it is not saved yet."""
        form = super().after_conflict(conflict)
        for name, typed in self.account().items():
            form.initial[f"account_{name}"] = typed
            if isinstance(widget := form.fields[f"account_{name}"].widget, forms.PasswordInput):
                widget.render_value = True
        return form

    def account(self) -> dict[str, str]:
        """Return what was typed of the account."""
        return {field.name: self.cleaned_data[f"account_{field.name}"] for field in self.profile.credentials}

    def values(self) -> dict[str, Any]:
        """Return what else was typed, without what was left empty."""
        given = {"hotel_id": self.cleaned_data["hotel_id"], "base_url": self.cleaned_data["base_url"]}
        pace = self.cleaned_data["poll_seconds"]
        return given if pace is None else given | {"poll_seconds": pace}


class MappingForm(VersionedForm):
    """Which of our types and plans each room and rate of the channel is: `room_<number>` and `rate_<number>`."""

    def __init__(
        self,
        *args: Any,
        rooms: Sequence[RoomMapping],
        rates: Sequence[RateMapping],
        kinds: Ours,
        plans: Ours,
        **options: Any,
    ) -> None:
        self.given = {"rooms": rooms, "rates": rates, "kinds": kinds, "plans": plans}
        self.mapped: dict[str, tuple[RoomMapping | RateMapping, uuid.UUID | None, Ours]] = {}
        self.mapped |= {f"room_{one.external_id}": (one, one.room_type_id, kinds) for one in rooms}
        self.mapped |= {f"rate_{one.external_id}": (one, one.rate_plan_id, plans) for one in rates}
        self.shown = tuple(self.mapped)
        super().__init__(*args, **options)

    def complete(self) -> None:
        """Ask for each room and rate what it is."""
        for name, (row, _chosen, ours) in self.mapped.items():
            self.fields[name] = forms.TypedChoiceField(
                label=f"{row.name} ({row.external_id})" if row.name else row.external_id,
                choices=[("", NOT_MAPPED), *((str(pk), words) for pk, words in ours)],
                coerce=uuid.UUID,
                empty_value=None,
                required=False,
            )

    @classmethod
    def opened(cls, *, version: int, **given: Any) -> Self:
        """Return the form as it opens for a connection of this version."""
        stored = {name: chosen for name, (_row, chosen, _ours) in cls(**given).mapped.items()}
        return cls._over(stored, seen=stored, version=version, **given)

    def options(self) -> dict[str, Any]:
        """Return the rows and what they may be."""
        return self.given

    def _fields(self, what: str) -> list[forms.BoundField]:
        return [self[name] for name in self.shown if name.startswith(f"{what}_")]

    @property
    def room_fields(self) -> list[forms.BoundField]:
        """Return the fields of the rooms."""
        return self._fields("room")

    @property
    def rate_fields(self) -> list[forms.BoundField]:
        """Return the fields of the rates."""
        return self._fields("rate")
