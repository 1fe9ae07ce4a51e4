"""One's own sign-ins, and those of the staff: ended one by one or together, with the pages that are open."""

from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from pms.accounts import sessions
from pms.accounts.models import User
from pms.accounts.services import user_set_active
from pms.core.models import AuditEntry
from properties.models import Membership, Property
from tests.clients import signed_in
from tests.domain.accounts.given import PASSWORD, make_user

LIST = "/account/sessions/"


@pytest.fixture
def me(db: None) -> User:
    """Somebody with a password."""
    return make_user("Hugo")


def device(user: User, agent: str = "Mozilla/5.0 (X11; Linux) Firefox/140.0") -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert client.get(LIST).status_code == 200
    return client


def end_addresses(client: Client) -> list[str]:
    return re.findall(r'action="(/account/sessions/\d+/end/)"', client.get(LIST).content.decode())


def test_one_device_is_signed_out_and_the_others_stay(me: User) -> None:
    here, phone, tablet = device(me), device(me, "iPhone Safari/600"), device(me, "iPad Safari/600")
    addresses = end_addresses(here)
    assert len(addresses) == 2, "not the one that is looked at"

    here.post(addresses[0])

    assert [client.get(LIST).status_code for client in (here, phone, tablet)] == [200, 302, 200]


def test_devices_of_somebody_else_are_not_there(me: User) -> None:
    here, thief = device(me), device(make_user("Eve"))
    mine = UserSession.objects.get(user=me)

    assert thief.post(reverse("account_end_session", args=[mine.pk])).status_code == 404
    assert here.get(LIST).status_code == 200


def test_a_device_in_use_is_noted_now_and_then(me: User, monkeypatch: pytest.MonkeyPatch) -> None:
    here = device(me)
    UserSession.objects.update(last_seen_at="2020-01-01T00:00:00Z", ip="192.0.2.1")
    here.get(LIST)
    assert UserSession.objects.get().last_seen_at.year == 2020, "not with each click"

    monkeypatch.setattr(sessions, "NOTE_EVERY", 0)
    here.get(LIST, REMOTE_ADDR="192.0.2.9")

    seen = UserSession.objects.get()
    assert (seen.last_seen_at.year > 2020, seen.ip) == (True, "192.0.2.9")


def test_a_disabled_person_has_no_sign_in_left_even_when_let_in_again(me: User) -> None:
    here = device(me)

    user_set_active(user_id=me.pk, active=False)
    user_set_active(user_id=me.pk, active=True)

    assert here.get(LIST).status_code == 302 and not UserSession.objects.exists()


def test_a_manager_signs_somebody_out_everywhere(hotel: Property, olga: User, hugo: User) -> None:
    hugo.set_password(PASSWORD)
    hugo.save()
    desk, phone = device(hugo), device(hugo, "iPhone Safari/600")
    member = Membership.objects.get(user=hugo)

    answer = signed_in(olga).post(reverse("properties:sign_out_staff", args=[hotel.code, member.pk]))

    assert answer.status_code == 302
    assert [client.get(LIST).status_code for client in (desk, phone)] == [302, 302]
    entry = AuditEntry.objects.get(act="user.sessions_ended")
    assert (entry.actor, entry.property_id, entry.changes) == (olga, hotel.pk, {"sign-ins": ["2", "0"]})


def test_a_colleague_may_not(hotel: Property, hugo: User, maria: User) -> None:
    member = Membership.objects.get(user=maria)

    answer = signed_in(hugo).post(reverse("properties:sign_out_staff", args=[hotel.code, member.pk]))

    assert answer.status_code == 403
