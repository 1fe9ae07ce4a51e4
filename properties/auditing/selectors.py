"""What the audit log of a hotel is asked for: the filters of its address, the entries that fit, the state of its chain.

The entries of a hotel are those of its own chain and those of the installation's chain that name it (rows of the
organization, sign-ins of people of several hotels).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditlog.registry import auditlog
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from pms.accounts.models import User
from pms.core import slots
from pms.core.chain.check import last_check
from pms.core.models import AuditCheck, AuditEntry, AuditSeal, Row
from pms.core.origins import ways
from pms.live.fragments import Audience
from properties.audit_words import ACTS, PERSONAL
from properties.models import Membership, Property

# Text is looked for in the entries of this long, unless days are given: nobody has it in an index.
TEXT_DAYS = 92
HOUSE = "house"


def personal_models(rights: Collection[str]) -> list[type[Model]]:
    """Return the models whose rows a reader with `rights` may not know by name."""
    return [entry.provider() for entry in slots.entries(PERSONAL) if entry.right not in rights]


class Day(forms.DateInput):
    """A day as the browser asks for it."""

    input_type = "date"


class AuditForm(forms.Form):
    """What is asked for in the address; whatever cannot be read is as if it had not been asked."""

    person = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("Of what"), required=False)
    act = forms.ChoiceField(label=_("What happened"), required=False)
    via = forms.ChoiceField(label=_("From where"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=Day)
    last = forms.DateField(label=_("To"), required=False, widget=Day)
    q = forms.CharField(label=_("Text"), required=False, max_length=100)
    object = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    request = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, hotel: Property) -> None:
        super().__init__(data)
        everybody = ("", _("Everybody"))
        people = User.objects.filter(pk__in=Membership.objects.filter(property=hotel).values("user_id")).order_by(
            "name"
        )
        chosen: Mapping[str, list[tuple[str, Any]]] = {
            "person": [everybody, (HOUSE, _("The house itself")), *((str(one.pk), str(one)) for one in people)],
            "kind": [("", _("Everything")), *sorted(kinds(), key=lambda one: one[1].lower())],
            "act": [("", _("Anything")), *ACTIONS, *sorted(ACTS.items(), key=lambda one: str(one[1]))],
            "via": [("", _("Anywhere")), *ways()],
        }
        for name, choices in chosen.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


ACTIONS = [
    (f"action:{AuditEntry.Action.CREATE}", _("Added")),
    (f"action:{AuditEntry.Action.UPDATE}", _("Changed")),
    (f"action:{AuditEntry.Action.DELETE}", _("Deleted")),
    (f"action:{AuditEntry.Action.ACCESS}", _("Came in or read")),
]


def kinds() -> Iterable[tuple[str, str]]:
    """Return what entries can be about: the label of each audited model and what people call it."""
    return [
        (model._meta.label_lower, str(capfirst(model._meta.verbose_name)))
        for model in auditlog.get_models()
        if not model._meta.app_label.startswith("django")
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; `query` is the address without the place where the page goes on."""

    person: str = ""
    kind: str = ""
    act: str = ""
    via: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    q: str = ""
    object: str = ""
    request: str = ""
    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, form: AuditForm) -> Asked:
        """Return what can be read of the form."""
        form.full_clean()
        return cls(**{name: value for name, value in form.cleaned_data.items() if value not in (None, "")})

    @property
    def query(self) -> str:
        """Return the filters as an address keeps them."""
        query = QueryDict(mutable=True)
        for name in ("person", "kind", "act", "via", "first", "last", "q", "object", "request"):
            if value := getattr(self, name):
                query[name] = str(value)
        return query.urlencode()


def audit_found(hotel: Property, asked: Asked, *, rights: Collection[str], limit: int) -> list[AuditEntry]:
    """Return at most `limit` entries of the hotel that fit, newest first.

    Asked for those after an entry, it returns the oldest of them that fit: what came since a page was drawn.
    """
    hidden = ContentType.objects.get_for_models(*personal_models(rights)).values()
    fits = _fits(asked, hotel, [kind.pk for kind in hidden])
    newest = asked.after is None
    found = [
        entry
        for own in (Q(property_id=hotel.pk), _named(hotel.pk))
        for entry in _entries().filter(own, fits).order_by("-id" if newest else "id")[:limit]
    ]
    found = sorted(found, key=lambda entry: entry.pk, reverse=newest)[:limit]
    return found if newest else found[::-1]


def _entries() -> QuerySet[AuditEntry]:
    rows: QuerySet[AuditEntry] = AuditEntry.objects.select_related("actor", "content_type")
    return rows


def _named(property_id: uuid.UUID) -> Q:
    return Q(property_id=None, additional_data__contains={"properties": [str(property_id)]})


def _fits(asked: Asked, hotel: Property, hidden: Sequence[int]) -> Q:
    fits = Q()
    if asked.person:
        fits &= Q(actor=None) if asked.person == HOUSE else Q(actor_id=asked.person)
    if asked.kind:
        app, _dot, model = asked.kind.partition(".")
        fits &= Q(content_type__app_label=app, content_type__model=model)
    if asked.act.startswith("action:"):
        fits &= Q(action=int(asked.act.removeprefix("action:")))
    elif asked.act:
        fits &= Q(act=asked.act)
    for name, field in {"via": "via", "object": "object_pk", "request": "request_id"}.items():
        if value := getattr(asked, name):
            fits &= Q(**{field: value})
    fits &= _between(asked, hotel)
    if asked.q:
        # Who may not know a person's name may not find it either.
        fits &= (Q(object_repr__icontains=asked.q) | Q(changes__icontains=asked.q)) & ~Q(content_type_id__in=hidden)
    if asked.before:
        fits &= Q(pk__lt=asked.before)
    return fits if asked.after is None else fits & Q(pk__gt=asked.after)


def _between(asked: Asked, hotel: Property) -> Q:
    """Return the days that were asked for, from midnight to midnight of the hotel."""
    first = asked.first
    if asked.q and first is None:
        first = (asked.last or hotel.local_now().date()) - dt.timedelta(days=TEXT_DAYS)
    days = Q()
    if first:
        days &= Q(timestamp__gte=dt.datetime.combine(first, dt.time(), hotel.zone))
    if asked.last:
        days &= Q(timestamp__lt=dt.datetime.combine(asked.last + dt.timedelta(days=1), dt.time(), hotel.zone))
    return days


# --- the state of the chain -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChainState:
    """How far the chain of a hotel is sealed, and what the newest check found."""

    pk: uuid.UUID
    code: str
    seq: int
    sealed_at: dt.datetime | None
    check: AuditCheck | None


def chain_states(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, ChainState]:
    """Return the state of the chain of the audience's hotel, if it is asked for."""
    hotel = Property.objects.filter(pk=audience.property_id).first()
    return {hotel.pk: chain_state(hotel)} if hotel is not None and hotel.pk in pks else {}


def chain_state(hotel: Property) -> ChainState:
    """Return the state of the hotel's chain."""
    last = AuditSeal.objects.filter(property_id=hotel.pk).order_by("-seq").first()
    return ChainState(
        hotel.pk, hotel.code, last.seq if last else 0, last.sealed_at if last else None, last_check(hotel.pk)
    )


def hotel_of_chain(chain: uuid.UUID) -> Property | None:
    """Return the hotel whose chain this is; None for that of the installation."""
    hotel: Property | None = Property.objects.filter(pk=chain).first()
    return hotel


# --- the history of one row -------------------------------------------------------------------------------------------


def row_of(model: type[Row], pk: uuid.UUID) -> Row | None:
    """Return the row of any model, if it is there; whose it is the caller asks."""
    row: Row | None = model._default_manager.filter(pk=pk).first()
    return row


def entries_of_rows(hotel: Property, keys: Iterable[str], *, readings: bool, limit: int) -> list[AuditEntry]:
    """Return the newest entries about these rows, with or without those of who came in or read."""
    entries = _entries().filter(property_id=hotel.pk, object_pk__in=list(keys)).order_by("-id")
    return list((entries if readings else entries.exclude(action=AuditEntry.Action.ACCESS))[:limit])
