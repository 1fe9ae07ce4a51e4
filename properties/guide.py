"""The first hour of a hotel: steps from the empty house to the first booking, each of which can be left and resumed.

A step is done when the hotel has what it is about, so nothing is remembered beside the hotel itself: who comes back
tomorrow, or on another device, finds the guide where the house stands. Upper apps add steps through the slot
"setup_steps": an entry's provider is called with nothing and returns a `Step`; its `right` hides it, its `order` sorts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pms.core import slots
from pms.core.acting import acting
from pms.core.errors import NotAllowed

from .guide_forms import PeopleForm, PlaceOfHotelForm, TaxesForm, room_lines
from .models import Property
from .permissions import Permission
from .places.selectors import tax_codes_of
from .selectors import business_date_of, invitations_open, roles_givable, room_ids_of, room_types_of, staff_of
from .services.hotels import hotel_change
from .services.invitations import staff_invite
from .services.setup import rooms_plan_apply
from .services.taxes import city_tax_add, tax_rate_add

SLOT = "setup_steps"
LODGING_TAX, OTHER_TAX = "lodging", "standard"


@dataclass(frozen=True)
class Step:
    """One step: what it is called, when it is done, what it asks, and what it does with the answer.

    `form` is called with `(hotel, data)`, data None for a fresh one; `save` with `(hotel, form)` and may raise
    `DomainError`. A step without a form leads to the page `leads_to` returns.
    """

    label: str | Promise
    lead: str | Promise
    done: Callable[[Property], bool]
    minutes: int = 1
    form: Callable[[Property, Any], Any] | None = None
    save: Callable[[Property, Any], None] | None = None
    template: str = "components/form.html"
    leads_to: Callable[[Property], str] | None = None
    act: str | Promise = ""

    def __call__(self) -> Step:
        """Provide itself to the slot."""
        return self


@dataclass(frozen=True)
class Shown:
    """A step as the page shows it for one hotel."""

    code: str
    step: Step
    done: bool
    url: str

    def state(self, current: str) -> str:
        """Return done, now or next."""
        return "now" if self.code == current else "done" if self.done else "next"


def steps(hotel: Property, rights: frozenset[str]) -> list[Shown]:
    """Return the steps that a person with `rights` may take at the hotel, in order."""
    shown = []
    for entry in slots.entries(SLOT, rights=rights):
        step: Step = entry.provider()
        url = reverse("properties:setup_step", args=[hotel.code, entry.code])
        shown.append(Shown(entry.code, step, step.done(hotel), url))
    return shown


def next_step(all_steps: Sequence[Shown], after: str = "") -> Shown | None:
    """Return the first step that is not done, those behind `after` first; None when all are."""
    codes = [shown.code for shown in all_steps]
    place = codes.index(after) + 1 if after in codes else 0
    return next((shown for shown in [*all_steps[place:], *all_steps[:place]] if not shown.done), None)


def declare() -> None:
    """Register our own steps; called once when the app is ready."""
    for order, (code, right, step) in enumerate(OWN):
        slots.register(SLOT, slots.Entry(code=code, provider=step, right=right, order=10 * order + 10))


def _save_place(hotel: Property, form: Any) -> None:
    seen = form.cleaned_data["version"]
    hotel_change(property_id=hotel.pk, values=form.values(), originals=form.originals(), seen_version=seen)


def _save_rooms(hotel: Property, form: Any) -> None:
    rooms_plan_apply(hotel=hotel, rooms=form.plans())


def _save_taxes(hotel: Property, form: Any) -> None:
    first = business_date_of(hotel.pk).replace(month=1, day=1)
    known = tax_codes_of(hotel.pk)
    for code, name, percent in ((LODGING_TAX, _("VAT"), "lodging"), (OTHER_TAX, _("VAT"), "other")):
        if code not in known:
            tax_rate_add(hotel=hotel, code=code, name=name, percent=form.cleaned_data[percent], valid_from=first)
    if form.cleaned_data["city_tax"]:
        city_tax_add(hotel=hotel, name=_("City tax"), amount=form.cleaned_data["city_tax"], valid_from=first)


def _save_people(hotel: Property, form: Any) -> None:
    inviting = acting().user()
    for person in form.people():
        if not set(person["roles"]) <= set(roles_givable(inviting, hotel.pk)):
            raise NotAllowed(Permission.STAFF_CHANGE)
        staff_invite(property_id=hotel.pk, invited_by_id=inviting.pk, **person)


OWN: Sequence[tuple[str, str, Step]] = (
    (
        "hotel",
        Permission.HOTEL_CHANGE,
        Step(
            label=gettext_lazy("Hotel"),
            lead=gettext_lazy("Where is it? This stands on confirmations and invoices."),
            done=lambda hotel: bool(hotel.city),
            form=lambda hotel, data: PlaceOfHotelForm(data) if data else PlaceOfHotelForm.of(hotel),
            save=_save_place,
        ),
    ),
    (
        "rooms",
        Permission.ROOM_CHANGE,
        Step(
            label=gettext_lazy("Rooms"),
            lead=gettext_lazy("Write ranges as you would say them. You can change everything later."),
            done=lambda hotel: bool(room_ids_of(hotel.pk)),
            minutes=2,
            form=lambda hotel, data: room_lines(data, some=room_types_of(hotel.pk).exists()),
            save=_save_rooms,
            template="properties/guide_rooms.html",
        ),
    ),
    (
        "taxes",
        Permission.HOTEL_CHANGE,
        Step(
            label=gettext_lazy("Taxes"),
            lead=gettext_lazy("Proposed for your country. Prices contain them; check the figures."),
            done=lambda hotel: bool(tax_codes_of(hotel.pk)),
            form=lambda hotel, data: TaxesForm(data, hotel=hotel),
            save=_save_taxes,
        ),
    ),
    (
        "people",
        Permission.STAFF_CHANGE,
        Step(
            label=gettext_lazy("People"),
            lead=gettext_lazy("Each gets a link by e-mail to choose a password."),
            done=lambda hotel: len(staff_of(hotel.pk)) > 1 or bool(invitations_open(hotel.pk)),
            form=lambda hotel, data: PeopleForm(data),
            save=_save_people,
            template="properties/guide_people.html",
            act=gettext_lazy("Invite and go on"),
        ),
    ),
)
