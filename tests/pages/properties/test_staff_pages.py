"""Staff pages: adding with a mailed link, roles, removing; nobody gives more than she holds."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from properties.models import Invitation, Membership, Property
from tests.posted import posted


def url(name: str, *args: object) -> str:
    return reverse(f"properties:{name}", args=["SEA", *args])


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user, property__code="SEA")


def test_the_list_names_people_and_roles(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    client.force_login(anna)

    html = client.get(url("list_staff")).content.decode()

    assert "Hugo Lindt" in html
    assert "Front desk" in html


def test_a_colleague_without_the_right_is_told_so(client: Client, hotel: Property, hugo: User) -> None:
    client.force_login(hugo)

    for name in ("list_staff", "add_staff"):
        assert client.get(url(name)).status_code == 403


def test_a_stranger_finds_nothing(client: Client, hotel: Property, eve: User, hugo: User) -> None:
    client.force_login(eve)

    assert client.get(url("list_staff")).status_code == 404
    assert client.post(url("remove_staff", membership(hugo).pk)).status_code == 404
    assert Membership.objects.filter(user=hugo).exists()


def test_a_new_person_is_invited(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    answer = client.post(url("add_staff"), {"name": "Nina New", "email": "nina@sea.example", "roles": ["housekeeper"]})

    assert answer.status_code == 302
    invitation = Invitation.objects.get(email="nina@sea.example")
    assert (invitation.roles, invitation.invited_by) == (["housekeeper"], anna)
    assert not User.objects.filter(email="nina@sea.example").exists()


def test_somebody_who_forgot_her_password_is_not_invited_again(client: Client, hotel: Property, anna: User) -> None:
    anna.set_password("a phrase of her own")
    anna.save()

    client.post(reverse("account_reset_password"), {"email": anna.email})

    assert "Choose a new password" in posted()[0].subject and "invited" not in posted()[0].subject
    assert "the old one stays" in posted()[0].body


def test_a_refused_person_leaves_what_was_typed(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    client.force_login(anna)

    answer = client.post(url("add_staff"), {"name": "Hugo Twice", "email": hugo.email, "roles": ["auditor"]})

    assert answer.status_code == 422
    assert "works here already" in answer.content.decode()
    assert 'value="Hugo Twice"' in answer.content.decode()


def test_a_manager_cannot_make_an_owner(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    client.force_login(anna)

    answer = client.post(url("change_staff", membership(hugo).pk), {"roles": ["owner"], "version": 1})

    assert answer.status_code == 422
    assert membership(hugo).roles == ["front_desk"]


def test_a_manager_cannot_touch_an_owner(client: Client, hotel: Property, anna: User, olga: User) -> None:
    client.force_login(anna)

    assert client.get(url("change_staff", membership(olga).pk)).status_code == 403
    assert client.post(url("remove_staff", membership(olga).pk)).status_code == 403
    assert membership(olga).roles == ["owner"]


def test_new_roles_are_saved(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    client.force_login(anna)

    answer = client.post(
        url("change_staff", membership(hugo).pk), {"roles": ["reservations"], "version": membership(hugo).version}
    )

    assert answer.status_code == 302
    assert membership(hugo).roles == ["reservations"]


def test_the_last_owner_cannot_leave_by_the_page(client: Client, hotel: Property, olga: User) -> None:
    client.force_login(olga)

    answer = client.post(url("remove_staff", membership(olga).pk), follow=True)

    assert "only owner" in answer.content.decode()
    assert membership(olga).roles == ["owner"]


def test_a_removed_person_is_gone_from_the_list(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    client.force_login(anna)

    client.post(url("remove_staff", membership(hugo).pk))

    assert not Membership.objects.filter(user=hugo).exists()
