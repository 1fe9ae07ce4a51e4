"""The programs of a hotel's partners over the API: made, listed, given new secrets, shut out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from pms.api.models import ApiClient
from pms.api.services import api_client_rotate
from pms.core.models import AuditEntry, IdempotencyRecord
from properties.models import Property
from tests.api.partner import Partner, make_partner, problem

TOKEN = "/identity/o/api/token"
MakePartner = Callable[..., Partner]
BODY = {"name": "Door locks", "scopes": ["rooms.read"]}


def token(client_id: str, secret: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return Client().post(TOKEN, form)


def test_a_program_makes_another_that_works(petra: Partner, hotel: Property) -> None:
    answer = petra.post("api-clients", BODY, key="k")
    made = answer.json()
    assert answer.status_code == 201 and answer["Location"].endswith(f"api-clients/{made['id']}")
    assert made["properties"] == ["SEA"] and made["last_used_at"] is None
    assert {entry["name"]: entry["allowed"] for entry in made["actions"]} == {"rotate": True, "revoke": True}

    held = token(made["client_id"], made["client_secret"]).json()["access_token"]
    used = Client().get(petra.url("rooms"), headers={"Authorization": f"Bearer {held}"})
    assert used.status_code == 200
    assert petra.get(f"api-clients/{made['id']}").json()["last_used_at"] is not None


def test_the_secret_is_told_once_and_kept_nowhere(petra: Partner) -> None:
    first = petra.post("api-clients", BODY, key="k").json()
    again = petra.post("api-clients", BODY, key="k")
    assert again["Idempotent-Replayed"] == "true" and "client_secret" not in again.json()
    assert "client_secret" not in petra.get(f"api-clients/{first['id']}").json()
    kept = [*IdempotencyRecord.objects.values(), *AuditEntry.objects.values(), *ApiClient.objects.values()]
    assert first["client_secret"] not in str(kept)
    assert ApiClient.objects.filter(name="Door locks").count() == 1
    trial = petra.post("api-clients?dry_run=true", {**BODY, "name": "Trial"})
    assert trial.status_code == 200 and "client_secret" not in trial.json()
    assert not ApiClient.objects.filter(name="Trial").exists()


def test_nobody_gives_more_than_she_holds(partner_with: MakePartner, hotel: Property) -> None:
    maker = partner_with("api_clients.write api_clients.read rooms.read")
    assert maker.post("api-clients", BODY, key="k").status_code == 201
    for scopes in (["rates.write"], ["rooms.read", "properties.read"], ["*"]):
        told = problem(maker.post("api-clients", {**BODY, "scopes": scopes}, key="k2"), 403, "scope_beyond_own")
        assert set(told["scopes"]).isdisjoint({"rooms.read"})
    problem(maker.post("api-clients", {**BODY, "scopes": ["rooms.fly"]}, key="k3"), 422, "unknown_scope")
    stronger = make_partner([hotel], scope="rates.write", name="Stronger").client
    problem(maker.post(f"api-clients/{stronger.pk}/rotate", {}), 403, "scope_beyond_own")
    assert maker.post(f"api-clients/{stronger.pk}/revoke", {}).status_code == 200  # shutting out takes no more


def test_after_a_rotation_both_secrets_count_for_a_while(petra: Partner) -> None:
    made = petra.post("api-clients", BODY, key="k").json()
    turned = petra.post(f"api-clients/{made['id']}/rotate", {"overlap_hours": 2})
    new, old = turned.json()["client_secret"], made["client_secret"]
    assert turned.json()["previous_secret_until"] is not None
    read = petra.get(f"api-clients/{made['id']}")
    assert (made["version"], turned["ETag"], read["ETag"], read.json()["version"]) == (1, '"2"', '"2"', 2)
    assert [token(made["client_id"], secret).status_code for secret in (old, new, "x")] == [200, 200, 401]
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        assert [token(made["client_id"], secret).status_code for secret in (old, new)] == [401, 200]
    petra.post(f"api-clients/{made['id']}/rotate", {"overlap_hours": 0})
    assert [token(made["client_id"], secret).status_code for secret in (old, new)] == [401, 401]


def test_control_without_an_overlap_the_former_secret_is_dead(hotel: Property) -> None:
    partner = make_partner([hotel])
    api_client_rotate(client_id=partner.client.pk, overlap=timedelta(0))
    assert token(partner.client.oidc_id, partner.secret).status_code == 401


def test_shut_out_is_shut_out_at_once(petra: Partner, hotel: Property) -> None:
    other = make_partner([hotel], name="Other")
    assert other.get("rooms").status_code == 200
    gone = petra.post(f"api-clients/{other.client.pk}/revoke", {})
    assert gone.json()["active"] is False
    assert gone.json()["actions"][0]["reasons"][0]["code"] == "client_disabled"
    problem(other.get("rooms"), 401, "invalid_token")
    assert token(other.client.oidc_id, other.secret).status_code in {400, 401}
    problem(petra.post(f"api-clients/{other.client.pk}/rotate", {}), 409, "client_disabled")
    told = AuditEntry.objects.get_for_object(ApiClient.objects.get(pk=other.client.pk)).latest("id")
    assert told.changes["is_active"] == ["True", "False"] and told.actor_id == petra.client.user_id


def test_programs_of_another_hotel_are_not_there(petra: Partner, hotel: Property, other_hotel: Property) -> None:
    theirs = make_partner([other_hotel], name="Theirs").client
    both = make_partner([hotel, other_hotel], name="Both").client
    names = [row["name"] for row in petra.get("api-clients").json()["results"]]
    assert names == ["Both", "Petra"]
    problem(petra.get(f"api-clients/{theirs.pk}"), 404, "not_found")
    for act in ("rotate", "revoke"):
        problem(petra.post(f"api-clients/{theirs.pk}/{act}", {}), 404, "not_found")
        # It works elsewhere as well, where Petra may not decide.
        problem(petra.post(f"api-clients/{both.pk}/{act}", {}), 403, "not_allowed")
    assert set(ApiClient.objects.filter(pk__in=[theirs.pk, both.pk]).values_list("is_active", flat=True)) == {True}


def test_the_list_costs_the_same_for_many(petra: Partner, hotel: Property, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        make_partner([hotel], name=f"Program {number}")
    petra.get("api-clients")
    with django_assert_max_num_queries(9):
        assert len(petra.get("api-clients").json()["results"]) == 6


@pytest.mark.parametrize("uri", ["http://x.example/", "ftp://x.example/"])
def test_an_app_needs_a_safe_address(petra: Partner, uri: str) -> None:
    body = {**BODY, "redirect_uris": [uri]}
    problem(petra.post("api-clients", body, key="k"), 422, "redirect_uri_invalid")
    fine = petra.post("api-clients", {**BODY, "redirect_uris": ["https://x.example/back"]}, key="k").json()
    assert fine["on_behalf"] is True and fine["redirect_uris"] == ["https://x.example/back"]
