"""Names of another hotel in the administration: rows, lists, filters, orders, searches, forms and chosen rows.

As in test_swapped.py: a name of LAK's and one that nobody has are answered alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import ForeignKey, Model
from django.test import Client

from folios.models import TransactionCode
from properties.admin_scope import AdminScope
from properties.models import Room
from tests.committed import rolled_back
from tests.permissions.foreign import crossing, heard, marked_of, nobodys, one_hole, state_of
from tests.permissions.house import House, browser

FEWEST = 60


@dataclass(frozen=True)
class Ask:
    """One request to the administration with a place for a name in its address or in what it sends."""

    method: str
    url: str
    data: tuple[tuple[str, str], ...] = ()
    theirs: str = ""

    def send(self, client: Client, name: str) -> Any:
        """Send it with the name."""
        data = {key: value.replace("{}", name) for key, value in self.data}
        url = self.url.replace("{}", name)
        return client.get(url, data) if self.method == "GET" else client.post(url, data)

    def __str__(self) -> str:
        return f"{self.method} {self.url} {[name for name, _value in self.data]}"


@pytest.fixture
def marked(house: House) -> House:
    """The house; the owner of SEA comes into the administration."""
    for user in (house.olga, house.eve):
        user.is_staff = True
        user.save()
    return marked_of(house)


def scoped() -> list[type[Model]]:
    """Return every model of a hotel in the administration."""
    return [model for model, shown in admin.site._registry.items() if isinstance(shown, AdminScope)]


def rows_at(house: House, model: type[Model]) -> tuple[Any, Any]:
    """Return a row of SEA and one of LAK."""
    hotels = (house.sea.row, house.lak.row)
    if model is type(house.sea.row):
        return hotels
    path = getattr(model, "tenant_path", "") or "property_id"
    found = [model._base_manager.filter(**{path: hotel.pk}).order_by("pk").first() for hotel in hotels]
    return found[0], found[1]


def asks(house: House) -> Iterator[Ask]:
    """Yield every way to name a row: as an address, a filter, an order, a search, a choice in a form, a chosen row."""
    client = browser(house.olga)
    for model in scoped():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        own, theirs = rows_at(house, model)
        if own is None or theirs is None:
            continue
        for act in ("change", "history", "delete"):
            yield Ask("GET", f"{base}{{}}/{act}/", (), str(theirs.pk))
            yield Ask("POST", f"{base}{{}}/{act}/", (("post", "yes"),), str(theirs.pk))
        yield Ask("GET", base, (("q", "{}"),), str(theirs.pk))
        yield Ask("GET", base, (("pk__exact", "{}"),), str(theirs.pk))
        yield Ask("GET", base, (("o", "1"), ("property__id__exact", "{}")), str(house.lak.row.pk))
        for action in client.get(base).context["cl"].model_admin.get_actions(_request(client, base)):
            chosen = (("action", action), ("_selected_action", "{}"), ("post", "yes"), ("reason", "x"))
            yield Ask("POST", base, chosen, str(theirs.pk))
        yield from _forms(house, client, base, own)


def _request(client: Client, url: str) -> Any:
    return client.get(url).wsgi_request


def _forms(house: House, client: Client, base: str, own: Model) -> Iterator[Ask]:
    """Yield each form to add or change a row with each of its choices replaced."""
    for url in (f"{base}add/", f"{base}{own.pk}/change/"):
        answer = client.get(url)
        if answer.status_code != 200 or "adminform" not in answer.context:
            continue
        form = answer.context["adminform"].form
        sent = {name: form[name].value() for name in form.fields}
        data = {name: str(value) for name, value in sent.items() if value not in (None, "")}
        for name in form.fields:
            field = type(own)._meta.get_field(name) if hasattr(own, name) else None
            if isinstance(field, ForeignKey):
                theirs = rows_at(house, field.related_model)[1]  # type: ignore[arg-type]
                if theirs is not None:
                    yield Ask("POST", url, tuple({**data, name: "{}"}.items()), str(theirs.pk))


def told_by(house: House, *, only: str = "") -> tuple[list[tuple[str, str]], int]:
    """Ask with each name of LAK's and with nobody's; return what is amiss, and how many there were."""
    client, state, found = browser(house.olga), state_of(house.lak.row), []
    made = [one for one in asks(house) if only in str(one)]
    for one in made:
        for _again in range(2):  # the first time fills caches
            what = _amiss(house, client, one, state)
            if not what.startswith("questions"):
                break
        if what:
            found.append((what, str(one)))
    return found, len(made)


def _amiss(house: House, client: Client, one: Ask, state: Any) -> str:
    client.cookies.pop("messages", None)  # what was said about the one before
    nobody = "9" * len(one.theirs) if one.theirs.isdecimal() else nobodys(one.theirs)
    with rolled_back():
        alone = heard(lambda: one.send(client, nobody), nobody, one.theirs)
    with rolled_back():
        given = heard(lambda: one.send(client, one.theirs), one.theirs, nobody)
        touched = one.method == "POST" and (state_of(house.lak.row) != state or crossing(house))
    return given.differs(alone) or given.amiss or ("touched" if touched else "")


def test_a_name_of_another_hotel_is_a_name_of_nobody(marked: House) -> None:
    found, count = told_by(marked)

    assert found == []
    assert count >= FEWEST


@pytest.mark.parametrize("model", [Room, TransactionCode], ids=lambda model: model.__name__)
def test_control_one_missing_filter_is_seen(marked: House, monkeypatch: pytest.MonkeyPatch, model: type[Model]) -> None:
    shown = admin.site._registry[model]
    monkeypatch.setattr(shown, "get_queryset", lambda _request: model._default_manager.all())

    with one_hole(marked.sea.row, model):
        found, _count = told_by(marked, only=f"/{model._meta.model_name}/")

    assert found
