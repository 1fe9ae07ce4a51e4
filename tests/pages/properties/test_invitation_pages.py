"""The pages of an invitation: the list with send again and take back, and the link with each of its four states."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from pms.accounts.models import Counter, User
from properties.models import Invitation, Membership, Property
from properties.services import invitations
from properties.services.setup import setup_token
from tests.clients import signed_in

PASSWORD = "seven lanterns at sea"
NINA = "nina@sea.example"


def url(name: str, *args: object) -> str:
    return reverse(f"properties:{name}", args=["SEA", *args])


@pytest.fixture
def invitation(hotel: Property, anna: User) -> Invitation:
    """Nina, asked by Anna to clean rooms."""
    return invitations.staff_invite(
        property_id=hotel.pk, email=NINA, name="Nina New", roles=["housekeeper"], invited_by_id=anna.pk
    )


def link(invitation: Invitation) -> str:
    return reverse("properties:open_invitation", args=[invitations.token_of(invitation)])


def works_here(email: str) -> bool:
    return Membership.objects.filter(property__code="SEA", user__email=email).exists()


def test_the_list_names_who_is_invited_by_whom(hotel: Property, invitation: Invitation, anna: User) -> None:
    html = signed_in(anna).get(url("list_staff")).content.decode()

    assert "Nina New" in html and "Invited, not here yet" in html and "Anna Sommer" in html
    assert "On its way" in html
    assert "Nina New" not in signed_in(anna).get(url("list_staff"), {"state": "active"}).content.decode()


def test_sending_again_and_taking_back(hotel: Property, invitation: Invitation, anna: User) -> None:
    client, old = signed_in(anna), link(invitation)

    assert client.post(url("resend_invitation", invitation.pk)).status_code == 302
    invitation.refresh_from_db()
    assert Client().get(old).status_code == 410
    assert Client().get(link(invitation)).status_code == 200

    assert client.post(url("revoke_invitation", invitation.pk)).status_code == 302
    answer = Client().get(link(invitation))
    assert answer.status_code == 410
    assert "taken back" in answer.content.decode() and "Anna Sommer invited you" in answer.content.decode()
    client.get(url("list_staff"))  # says it once
    assert "Nina New" not in client.get(url("list_staff")).content.decode()


def test_a_manager_touches_no_invitation_of_an_owner(hotel: Property, anna: User, olga: User) -> None:
    owner = invitations.staff_invite(
        property_id=hotel.pk, email="otto@sea.example", name="Otto", roles=["owner"], invited_by_id=olga.pk
    )

    for name in ("resend_invitation", "revoke_invitation"):
        assert signed_in(anna).post(url(name, owner.pk)).status_code == 403
    owner.refresh_from_db()
    assert (owner.serial, owner.revoked_at) == (1, None)


def test_somebody_new_chooses_name_and_password_and_is_in(invitation: Invitation) -> None:
    client = Client()
    assert f"You sign in with {NINA}" in client.get(link(invitation)).content.decode()

    facts = {"name": "Nina Neu", "password": PASSWORD, "email": "mallory@evil.example", "roles": "owner"}
    answer = client.post(link(invitation), facts)

    assert answer.headers["Location"] == "/h/SEA/"
    nina = User.objects.get(email=NINA)
    assert client.session["_auth_user_id"] == str(nina.pk)
    assert Membership.objects.get(user=nina).roles == ["housekeeper"]
    assert not User.objects.filter(email="mallory@evil.example").exists()


def test_a_poor_password_is_told_and_nothing_is_used_up(invitation: Invitation) -> None:
    answer = Client().post(link(invitation), {"name": "Nina Neu", "password": NINA})

    assert answer.status_code == 422 and 'value="Nina Neu"' in answer.content.decode()
    assert not works_here(NINA)
    assert Client().get(link(invitation)).status_code == 200


def test_who_has_an_account_is_led_to_sign_in_and_accepts(hotel: Property, anna: User, eve: User) -> None:
    eve.set_password(PASSWORD)
    eve.save()
    one = invitations.staff_invite(
        property_id=hotel.pk, email=eve.email, name="E.", roles=["housekeeper"], invited_by_id=anna.pk
    )

    html = Client().get(link(one)).content.decode()
    assert f"/account/login/?next={link(one)}" in html and 'type="password"' not in html
    assert Client().post(link(one), {"name": "Mallory", "password": PASSWORD}).status_code == 200
    assert not works_here(eve.email)

    client = signed_in(eve)
    assert "You are signed in as Eve Moreau" in client.get(link(one)).content.decode()
    assert client.post(link(one)).headers["Location"] == "/h/SEA/"
    assert works_here(eve.email)


def test_somebody_else_is_told_and_cannot_accept(invitation: Invitation, eve: User) -> None:
    client = signed_in(eve)

    html = client.get(link(invitation)).content.decode()
    assert "but the invitation is for nina@sea.example" in html and "/account/logout/" in html
    client.post(link(invitation), {"name": "Eve", "password": PASSWORD})
    assert not works_here(NINA) and not works_here(eve.email)


def test_no_log_line_holds_a_link(invitation: Invitation, caplog: pytest.LogCaptureFixture) -> None:
    Client().get(link(invitation))
    Client().post(link(invitation), {"name": "Nina", "password": "short"})
    for _ in range(30):
        Client().get(link(invitation))
    setup = [Client().get(f"/setup/{invitations.token_of(invitation)}/").status_code for _ in range(31)]

    assert setup[-1] == 429
    assert invitations.token_of(invitation) not in caplog.text


def test_a_made_up_link_says_nothing(db: None) -> None:
    answer = Client().get("/invitation/made-up/")

    assert answer.status_code == 410
    assert "This link opens nothing" in answer.content.decode()


def test_links_cannot_be_tried_without_end_and_a_flushed_redis_changes_nothing(db: None) -> None:
    client = Client()
    answers = [client.get(f"/invitation/guess-{number}/").status_code for number in range(32)]

    assert answers == [410] * 30 + [429] * 2
    assert client.get("/invitation/guess/").headers["Retry-After"]
    assert Counter.objects.filter(key__contains="invitation_open").exists()  # in PostgreSQL
    assert Client(REMOTE_ADDR="198.51.100.7").get("/invitation/guess/").status_code == 410


def test_one_link_is_not_answered_without_end_from_many_places(invitation: Invitation) -> None:
    answers = [
        Client(REMOTE_ADDR=f"198.51.100.{place}").post(link(invitation), {"name": "N", "password": "short"}).status_code
        for place in range(12)
    ]

    assert answers == [422] * 10 + [429] * 2


def test_the_link_of_the_first_run_is_limited_too(db: None) -> None:
    address = f"/setup/{setup_token()}/"

    answers = [Client().get(address).status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]


def test_invitations_are_not_sent_without_end(hotel: Property, anna: User) -> None:
    client = signed_in(anna)
    facts = {"name": "Nina", "roles": ["housekeeper"]}

    answers = [
        client.post(url("add_staff"), {**facts, "email": f"n{number}@sea.example"}).status_code for number in range(31)
    ]

    assert answers == [302] * 30 + [429]
    assert Invitation.objects.count() == 30
    assert mail.outbox == []  # the worker sends them
