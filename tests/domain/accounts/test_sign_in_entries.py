"""Coming, going and failing leave entries in the log of the person's hotel, and never what was typed in secret."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from pms.accounts.models import User
from pms.core.models import AuditEntry
from properties.models import Property
from tests.factories.properties import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
LOGIN = "/account/login/"


@pytest.fixture
def lena(hotel: Property) -> User:
    """A receptionist who signs in with a password."""
    user = make_member(hotel=hotel, name="Lena Fort", role="front_desk").user
    user.set_password(PASSWORD)
    user.save()
    return user


def told(*, actor: User | None = None) -> list[str]:
    """Return the acts of coming and going, oldest first."""
    found = AuditEntry.objects.filter(action=AuditEntry.Action.ACCESS, actor=actor).order_by("id")
    return list(found.values_list("act", flat=True))


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    return client.post(
        LOGIN, {"login": email, "password": password}, headers={"User-Agent": "Tablet of the desk"}
    ).status_code


def test_signing_in_and_out_is_told_to_the_hotel(client: Client, hotel: Property, lena: User) -> None:
    assert sign_in(client, lena.email) == 302
    client.get("/h/SEA/", headers={"User-Agent": "Tablet of the desk"})
    client.post("/account/logout/")

    assert sorted(told(actor=lena)) == ["sign_in.ended", "sign_in.new_device", "sign_in.succeeded"]
    entry = AuditEntry.objects.get(act="sign_in.succeeded")
    assert (entry.property_id, entry.object_pk, entry.via) == (hotel.pk, str(lena.pk), "web")
    device = AuditEntry.objects.get(act="sign_in.new_device")
    assert device.changes == {"device": ["", "Tablet of the desk"]}


def test_the_same_device_is_new_only_once(client: Client, lena: User) -> None:
    for _ in range(2):
        sign_in(client, lena.email)
        client.get("/h/SEA/", headers={"User-Agent": "Tablet of the desk"})
        client.cookies.clear()

    assert told(actor=lena).count("sign_in.new_device") == 1


def test_a_wrong_password_is_told_without_it(client: Client, hotel: Property, lena: User) -> None:
    assert sign_in(client, lena.email, "correct horse bakery") == 200

    entry = AuditEntry.objects.get(act="sign_in.refused")
    assert (entry.property_id, entry.object_pk, entry.actor) == (hotel.pk, str(lena.pk), None)
    everything = json.dumps(list(AuditEntry.objects.values()), default=str)
    assert "bakery" not in everything and PASSWORD not in everything


def test_a_password_typed_as_the_address_is_not_kept(client: Client, hotel: Property) -> None:
    sign_in(client, "hunter2@secret.example")

    entry = AuditEntry.objects.get(act="sign_in.refused")
    assert (entry.property_id, entry.object_pk, entry.actor) == (None, "", None)
    assert "hunter2" not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_a_person_of_two_hotels_is_told_to_both(hotel: Property, other_hotel: Property, client: Client) -> None:
    user = make_member(hotel=hotel, name="Rita Roam", role="front_desk").user
    make_member(hotel=other_hotel, name="Rita Roam", role="front_desk", email=user.email)
    client.force_login(User.objects.get(pk=user.pk))

    entry = AuditEntry.objects.get(act="sign_in.succeeded", actor=user)
    assert entry.property_id is None
    assert entry.additional_data == {"properties": sorted(map(str, (hotel.pk, other_hotel.pk)))}


def test_the_second_step_is_told(client: Client, hotel: Property, lena: User) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.signals import authentication_failed, authenticator_used

    codes = RecoveryCodes.activate(lena)
    authenticator = Authenticator.objects.get(pk=codes.instance.pk)
    for signal in (authentication_failed, authenticator_used):
        signal.send(sender=Authenticator, request=None, user=lena, authenticator=authenticator)

    assert told(actor=lena) == ["second_step.refused", "second_step.used"]
    assert AuditEntry.objects.latest("id").changes == {"kind": ["", "recovery_codes"]}
