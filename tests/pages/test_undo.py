"""Ten seconds to take a safe act back: notes, guests, roles. Overtaken, late or asked by others it does nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from lxml import html

from pms.accounts.models import User
from pms.core.models import AuditEntry
from properties.models import Membership, Property
from reservations.models import Guest, Reservation
from tests.clients import signed_in
from tests.factories.reservations import make_reservation

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Act:
    """Something that can be taken back: how it is done, what is stored, and how somebody else changes the same."""

    do: Callable[[Client], Any]
    stored: Callable[[], Any]
    overtake: Callable[[], object]


def _notes(hotel: Property) -> Act:
    stay = make_reservation(hotel=hotel, name="Nora Paper")

    def overtake() -> None:
        row = Reservation.objects.get(pk=stay.pk)
        row.notes = "Late arrival"
        row.save()

    form = {"stay-version": stay.version, "stay-notes": "Vegan", "stay-seen_notes": ""}
    return Act(
        lambda client: client.post(f"/h/SEA/reservations/{stay.pk}/notes/", form),
        lambda: Reservation.objects.get(pk=stay.pk).notes,
        overtake,
    )


def _guest(hotel: Property) -> Act:
    stay = make_reservation(hotel=hotel, name="Nora Paper")
    names = ("first_name", "last_name", "email", "phone", "country")
    shown = {f"guest-seen_{name}": getattr(stay.guest, name) for name in names}
    typed = {f"guest-{name}": getattr(stay.guest, name) for name in names} | {"guest-last_name": "Papier"}

    def overtake() -> None:
        row = Guest.objects.get(pk=stay.guest_id)
        row.last_name = "Pape"
        row.save()

    form = {"guest-version": stay.guest.version, **shown, **typed}
    return Act(
        lambda client: client.post(f"/h/SEA/reservations/{stay.pk}/guests/{stay.guest_id}/", form),
        lambda: Guest.objects.get(pk=stay.guest_id).last_name,
        overtake,
    )


def _roles(hotel: Property) -> Act:
    member = Membership.objects.get(property=hotel, user__email="hugo@sea.example")

    def overtake() -> None:
        row = Membership.objects.get(pk=member.pk)
        row.roles = ["auditor"]
        row.save()

    form = {"version": member.version, "seen_roles": member.roles, "roles": ["reservations"]}
    return Act(
        lambda client: client.post(f"/h/SEA/staff/{member.pk}/", form, follow=True),
        lambda: Membership.objects.get(pk=member.pk).roles,
        overtake,
    )


ACTS = {"notes": _notes, "guest": _guest, "roles": _roles}


def undo_of(answer: Any) -> str:
    """Return the address that the message of an act offers."""
    if "HX-Trigger" in answer:
        return str(json.loads(answer["HX-Trigger"])["toast"]["undo"])
    (shown,) = html.document_fromstring(answer.content.decode()).xpath("//*[@data-undo-url]")
    return str(shown.get("data-undo-url"))


def words_of(answer: Any) -> str:
    return str(json.loads(answer["HX-Trigger"])["toast"]["text"])


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest, hotel_for_sale: Property, hugo: User) -> Act:
    return ACTS[request.param](hotel_for_sale)


@pytest.fixture
def olgas(hotel_for_sale: Property, olga: User) -> Client:
    return signed_in(olga)


def test_an_act_is_taken_back_and_both_are_in_the_audit_log(act: Act, olgas: Client) -> None:
    before = act.stored()
    undo = undo_of(act.do(olgas))
    done, entries = act.stored(), AuditEntry.objects.count()

    answer = olgas.post(undo)

    assert answer.status_code == 204
    assert before == act.stored() != done
    assert AuditEntry.objects.count() > entries


def test_what_somebody_else_changed_meanwhile_stays(act: Act, olgas: Client) -> None:
    undo = undo_of(act.do(olgas))
    act.overtake()
    theirs = act.stored()

    answer = olgas.post(undo)

    assert act.stored() == theirs
    assert words_of(answer).startswith("Somebody else changed this meanwhile")


def test_it_is_offered_once_to_one_person_and_for_seconds(act: Act, olgas: Client, anna: User) -> None:
    undo = undo_of(act.do(olgas))
    done = act.stored()

    assert signed_in(anna).post(undo).status_code == 422
    assert act.stored() == done
    with connection.cursor() as cursor:  # as after fifteen seconds
        cursor.execute("UPDATE accounts_counter SET expires_at = clock_timestamp()")
    late = olgas.post(undo)
    assert (late.status_code, act.stored()) == (422, done)


def test_nothing_of_a_guest_stands_in_the_address(hotel_for_sale: Property, olgas: Client) -> None:
    undo = undo_of(_guest(hotel_for_sale).do(olgas))

    assert len(undo) < 160
    assert "Pap" not in undo


def test_what_changed_nothing_offers_nothing(hotel_for_sale: Property, olgas: Client) -> None:
    stay = make_reservation(hotel=hotel_for_sale, name="Nora Paper")
    form = {"stay-version": stay.version, "stay-notes": "", "stay-seen_notes": ""}

    answer = olgas.post(f"/h/SEA/reservations/{stay.pk}/notes/", form)

    assert "undo" not in json.loads(answer["HX-Trigger"])["toast"]


def test_who_was_shut_out_is_let_in_again_with_the_same_roles(
    hotel_for_sale: Property, olgas: Client, hugo: User
) -> None:
    member = Membership.objects.get(property=hotel_for_sale, user=hugo)

    undo = undo_of(olgas.post(f"/h/SEA/staff/{member.pk}/disable/", follow=True))
    assert signed_in(hugo).get("/h/SEA/").status_code == 404
    answer = olgas.post(undo, headers={"HX-Request": "true"})

    assert (answer.status_code, words_of(answer)) == (204, "Hugo Lindt may come in again.")
    assert signed_in(hugo).get("/h/SEA/").status_code == 200
    assert Membership.objects.get(pk=member.pk).roles == member.roles
