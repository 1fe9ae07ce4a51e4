"""Every standard role × every page, and the doors beside them: who comes in where, and what each role is shown there.

One person in each role walks through the whole house once; what she sees is compared with tests/permissions/shown.txt
(`UPDATE_DOCS=1` writes it anew: read the difference, it says who sees more or less than before).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model

from pms.accounts.models import User
from pms.accounts.registry import ROLES, codes_of_role
from pms.accounts.services import user_set_active
from pms.celery import app
from properties.admin_scope import AdminScope
from properties.models import Property
from properties.services import role_add, staff_add, staff_disable
from tests.factories.properties import make_hotel, make_member
from tests.permissions.house import BODIES, House, browser, values_for, writes, written_since
from tests.permissions.routes import ALSO, Route, cases, pages

TABLE = Path(__file__).with_name("shown.txt")
KINDS = {
    "name": re.compile(r"Xaverine|Quittenbaum|\bLena\b|\bEdda\b|\bJordi\b"),
    "mail": re.compile(r"xq@quitten\.example"),
    "phone": re.compile(r"019283"),
    "money": re.compile(r"[€$£]\s?\d|\d\s?[€$£]"),
    "staff mail": re.compile(r"@people\.example|@(?:sea|lak)\.example"),
}
LIGHT = {"hx-request": "true"}  # a refusal is then a few words and no page


def allowed(route: Route, method: str, rights: frozenset[str]) -> bool:
    """Tell whether somebody with these rights may do this there."""
    return ALSO.get((route.name, method), frozenset()) | {route.right} <= rights


def in_role(house: House, role: str) -> User:
    """Return a new person of SEA in one standard role."""
    return make_member(hotel=house.sea.row, name=f"Rob {role.title()}", role=role, email=f"{role}@people.example").user


def shown(text: str, user: User) -> list[str]:
    """Return the kinds of facts that an answer tells; one's own address is no news."""
    told = text.replace(user.email, "")
    return [kind for kind, mark in KINDS.items() if mark.search(told)]


def walk(house: House, user: User, rights: frozenset[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Ask for everything once: return which answers were wrong, and what each page showed."""
    client, wrong, seen = browser(user), [], {}
    urls = [
        (route, method, route.url("SEA", values_for(route.arguments(), house.sea, user))) for route, method in cases()
    ]
    before = writes()
    for route, method, url in urls:
        may = allowed(route, method, rights)
        if method == "GET" and may:
            answer = client.get(url)
            if answer.status_code not in {200, 302}:
                wrong.append(f"{method} {route.name}: {answer.status_code}")
            elif kinds := shown(answer.content.decode(errors="replace"), user):
                seen[route.name] = kinds
        elif not may:
            send = client.get if method == "GET" else client.post
            data = {} if method == "GET" else BODIES.get(route.name, {})
            if (status := send(url, data, headers=LIGHT).status_code) != 403:
                wrong.append(f"{method} {route.name}: {status} instead of 403")
    # Who looked at what is kept in the audit log; nothing else is written.
    return [*wrong, *(f"written: {table}" for table in written_since(before) if table != "core_auditentry")], seen


@pytest.mark.parametrize("role", ROLES)
def test_a_role_enters_where_its_rights_reach_and_is_shown_what_the_table_says(marked: House, role: str) -> None:
    user = in_role(marked, role)

    wrong, seen = walk(marked, user, codes_of_role(role))

    assert wrong == []
    lines = [f"{role:<24} {page:<45} {', '.join(seen[page])}" for page in sorted(seen)]
    if os.environ.get("UPDATE_DOCS"):
        write(role, lines)
    assert lines == lines_of(role), "Somebody is shown more, or less, than before."


def lines_of(role: str) -> list[str]:
    """Return what the table says of a role."""
    return [line for line in TABLE.read_text().splitlines() if line.split()[0] == role]


def write(role: str, lines: list[str]) -> None:
    """Put the lines of a role into the table, roles in their order."""
    kept = {one: lines_of(one) if TABLE.exists() else [] for one in ROLES} | {role: lines}
    TABLE.write_text("".join(f"{line}\n" for one in ROLES for line in kept[one]))


@pytest.mark.parametrize("role", ["housekeeper", "housekeeping_supervisor", "maintenance"])
def test_who_works_in_the_rooms_is_shown_neither_guests_nor_money(role: str) -> None:
    assert [line for line in lines_of(role) if re.search(r"\b(name|phone|money|(?<!staff )mail)\b", line)] == []


def test_control_the_table_is_not_empty() -> None:
    assert any("name" in line and "money" in line for line in lines_of("front_desk"))


# --- other hotels -----------------------------------------------------------------------------------------------------


def bare(answer: Any, code: str) -> str:
    """Return an answer without what is drawn anew for each request."""
    text = answer.content.decode().replace(code, "CODE")
    return re.sub(r'nonce="[^"]*"|X-CSRFToken[^}]*|csrfmiddlewaretoken[^>]*|data-seq="\d+"', "", text)


@pytest.fixture
def sibling(house: House) -> Property:
    """Another hotel of the organization of SEA, where nobody of SEA works."""
    return make_hotel(code="SIB", name="Sister House", organization=house.sea.row.organization)


def test_hotels_where_one_does_not_work_are_like_those_that_are_not_there(house: House, sibling: Property) -> None:
    """Of the own organization or not: the owner of SEA reads the very words that an unknown code gets."""
    client, wrong = browser(house.olga), []
    for route, method in cases():
        values = values_for(route.arguments(), house.sea, house.olga)
        answers = {
            code: client.generic(method, route.url(code, values), headers=LIGHT) for code in ("SIB", "LAK", "NIX")
        }
        if {(one.status_code, bare(one, code)) for code, one in answers.items()} != {
            (404, bare(answers["NIX"], "NIX"))
        } or len({one.get("HX-Trigger") for one in answers.values()}) != 1:
            wrong.append(route.name)
    whole = {code: client.get(f"/h/{code}/staff/") for code in ("SIB", "LAK", "NIX")}

    assert wrong == []
    assert len({bare(one, code) for code, one in whole.items()}) == 1


def test_a_row_of_another_hotel_is_like_one_that_never_was(house: House) -> None:
    client, wrong = browser(house.olga), []
    for route in {route.path: route for route, _ in cases("GET")}.values():
        kinds = route.arguments()
        uuids = [name for name, kind in kinds.items() if f"<uuid:{name}>" in route.path and kind != "bell/pk"]
        if not uuids:
            continue
        own, foreign = values_for(kinds, house.sea, house.olga), values_for(kinds, house.lak, house.olga)
        never = own | {uuids[-1]: "00000000-0000-7000-8000-000000000000"}
        answers = [
            client.get(route.url("SEA", one), headers=LIGHT) for one in (own | {uuids[-1]: foreign[uuids[-1]]}, never)
        ]
        if len({(one.status_code, one.content, one.get("HX-Trigger")) for one in answers}) != 1:
            wrong.append((route.name, [one.status_code for one in answers]))

    assert wrong == []


@pytest.mark.parametrize("how", ["disabled", "shut out"])
def test_who_was_shut_out_comes_in_nowhere(house: House, how: str) -> None:
    user = in_role(house, "manager")
    client = browser(user)
    if how == "disabled":
        user_set_active(user_id=user.pk, active=False)
    else:
        from properties.selectors import membership_at

        member = membership_at(user, house.sea.row.pk)
        assert member is not None
        staff_disable(membership_id=member.pk)
    expected = {401} if how == "disabled" else {404}

    statuses = {
        client.generic(
            method, route.url("SEA", values_for(route.arguments(), house.sea, user)), headers=LIGHT
        ).status_code
        for route, method in cases()
    }

    assert statuses == expected


def test_an_own_role_opens_what_its_rights_open(house: House) -> None:
    porter = role_add(property_id=house.sea.row.pk, name="Porter", rights=["hotel_view", "room_view"])
    user = staff_add(property_id=house.sea.row.pk, email="porter@people.example", name="Paul", roles=[porter.code]).user

    wrong, _shown = walk(house, user, frozenset({"hotel_view", "room_view"}))

    assert wrong == []
    assert {route.right for route in pages()} > {"hotel_view", "room_view"}


# --- the administration and the background work -----------------------------------------------------------------------

# Lists of libraries that know no hotels: only for the superuser of the installation, who holds every model permission.
OF_THE_INSTALLATION = {
    "account.EmailAddress": "addresses of all accounts",
    "mfa.Authenticator": "second steps of all accounts",
    "usersessions.UserSession": "devices of all accounts",
    "allauth_idp_oidc.Client": "programs of all hotels",
    "allauth_idp_oidc.Token": "tokens of all programs",
}
# Background work: begun by the clock or by an event, never by an address; each takes ids of its own hotel only.
TASKS: Mapping[str, str] = {
    "pms.events.tasks.deliver": "what the stream owes to receivers",
    "pms.events.tasks.prune": "old rows of the stream",
    "pms.events.tasks.canary": "tells whether the workers live",
    "pms.accounts.tasks.prune": "sessions that ran out, old visits of the support",
    "pms.accounts.tasks.send_letters": "mails that wait, each to whom it was written",
    "pms.accounts.tasks.end_visits": "visits of the support whose time is over",
    "pms.api.tasks.prune": "old bulk work",
    "properties.tasks.prune": "old invitations",
    "pms.core.tasks.seal": "the chain of the audit log",
    "pms.core.tasks.sign_heads": "the chain of the audit log",
    "notifications.tasks.prune": "old notifications",
    "channel_manager.tasks.serve": "queues of the channels",
    "channel_manager.tasks.prune": "old messages of the channels",
}
NEVER = "00000000-0000-7000-8000-000000000000"
SCOPED = [model for model, way in admin.site._registry.items() if isinstance(way, AdminScope)]


def name_of(model: type[Model]) -> str:
    """Return `app.Model`."""
    return model._meta.label


def test_every_list_of_the_administration_knows_its_hotels_or_says_why_not() -> None:
    others = {name_of(model) for model, way in admin.site._registry.items() if not isinstance(way, AdminScope)}

    assert others == set(OF_THE_INSTALLATION), "Let its ModelAdmin wear AdminScope, or name it with its reason."
    assert "auth.Group" not in others, "groups hold the rights of roles: only the services change them"


def test_every_task_is_listed() -> None:
    app.loader.import_default_modules()

    assert {name for name in app.tasks if not name.startswith("celery.")} == set(TASKS)


@pytest.mark.parametrize("model", SCOPED, ids=name_of)
def test_the_administration_shows_a_manager_her_own_hotel_and_others_nothing(house: House, model: type[Model]) -> None:
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    foreign = [row.pk for row in model._default_manager.all() if house.lak.row.pk in _hotels_of(row)][:1]
    own = [row.pk for row in model._default_manager.all() if house.sea.row.pk in _hotels_of(row)][:1]
    manager, clerk = browser(house.olga), browser(house.holder_of("hotel_view"))

    assert manager.get(base).status_code == 200
    assert clerk.get(base).status_code == 302, "no door for who changes no settings"
    for pk in own:
        assert manager.get(f"{base}{pk}/change/").status_code == 200
        assert clerk.get(f"{base}{pk}/change/").status_code == 302
    never = manager.get(f"{base}{2**31 - 1 if isinstance(next(iter(own), 0), int) else NEVER}/change/")
    for pk in foreign:
        answer = manager.get(f"{base}{pk}/change/")
        assert (answer.status_code, never.status_code) == (404, 404)
        assert manager.post(f"{base}{pk}/change/", {}).status_code == 404


@pytest.mark.parametrize("label", OF_THE_INSTALLATION)
def test_lists_of_the_installation_are_not_for_managers(house: House, label: str) -> None:
    app_label, _, model = label.lower().partition(".")

    assert browser(house.olga).get(f"/admin/{app_label}/{model}/").status_code == 403


def _hotels_of(row: Model) -> tuple[object, ...]:
    found = row.property_ids() if hasattr(row, "property_ids") else (getattr(row, "property_id", None),)
    return tuple(found)
