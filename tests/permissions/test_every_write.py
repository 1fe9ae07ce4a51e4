"""Every way to write leaves an entry in the same transaction (reliability L1): models, pages, the administration."""

from __future__ import annotations

import pytest
from auditlog.registry import auditlog
from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.architecture import house as architecture
from tests.permissions.guard import ALONE, UNAUDITED, guarded
from tests.permissions.house import BODIES, House, browser, values_for
from tests.permissions.routes import Route, cases, name_of

Case = tuple[Route, str]


def test_every_model_is_audited_or_says_what_tells_of_it() -> None:
    ours = [model for model in apps.get_models() if architecture.is_ours(model.__module__)]
    silent = {model._meta.label for model in ours if not auditlog.contains(model)}

    assert silent == set(UNAUDITED), (
        "Watch the model (or `audited` it), or say in tests/permissions/guard.py which entry tells of its rows; "
        "take out of the list what is audited by now."
    )
    assert set(UNAUDITED) >= ALONE


@pytest.mark.parametrize("case", cases("POST"), ids=name_of)
def test_a_page_that_writes_leaves_an_entry(house: House, case: Case) -> None:
    """Each address as its own form would call it, as far as the house knows one; what is refused writes nothing."""
    route, _method = case
    url = route.url("SEA", values_for(route.arguments(), house.sea, house.olga))
    silent: list[str] = []

    with guarded(silent.append):
        browser(house.olga).post(url, BODIES.get(route.name, {}))

    assert silent == []


def test_the_administration_leaves_an_entry(house: House, client: Client) -> None:
    silent: list[str] = []
    house.olga.is_staff = True
    house.olga.save()
    client.force_login(house.olga)
    address = f"/admin/properties/room/{house.sea.room.pk}/change/"
    form = client.get(address).context["adminform"].form
    values = {name: field.value() for name in form.fields if (field := form[name]).value() is not None}

    with guarded(silent.append):
        client.post(address, {**values, "number": "599"})

    assert silent == []


def silent_view(_request: HttpRequest) -> HttpResponse:
    """Write a row past every model and leave no entry."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE properties_room SET number = number || '!'")
    return HttpResponse("done")


@pytest.mark.usefixtures("house")
def test_control_a_page_that_writes_silently_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    silent: list[str] = []
    monkeypatch.setattr(BaseHandler, "get_response", lambda _self, request: silent_view(request))

    with guarded(silent.append):
        BaseHandler().get_response(RequestFactory().post("/h/SEA/silent/"))

    assert silent == ["POST /h/SEA/silent/ wrote properties_room and left no audit entry."]
