"""Codes and refresh tokens are good once; one that comes again ends all that came from the same word."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Token
from django.core import mail
from django.db import transaction
from django.utils import timezone

from pms.accounts.models import User
from pms.api import oauth
from pms.api.models import ApiGrant, SpentRefreshToken
from pms.api.receivers import tell_person
from pms.api.services import (
    api_grant_revoke,
    grant_misuse_mail,
    refresh_token_hold,
    refresh_token_reused,
    refresh_token_spent,
)
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from properties.models import Property
from tests.api.apps import TOKEN, App, signed_in
from tests.api.partner import problem
from tests.race import together


@pytest.mark.django_db(transaction=True)
def test_a_code_and_a_refresh_token_are_spent_once_also_at_the_same_moment(hotel: Property, maria: User) -> None:
    app = App([hotel])
    code = app.code(signed_in(maria), [hotel])
    answers = together(*[lambda: app.exchange(code)] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    held = next(answer.json() for answer in answers if answer.status_code == 200)

    answers = together(*[lambda: app.renew(held["refresh_token"])] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert not Token.objects.exists()  # those who came too late may have stolen it: nobody keeps anything
    assert ApiGrant.objects.get().revoked_at is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("grant_type", ["code", "refresh"])
def test_control_without_the_lock_two_programs_get_tokens_for_one_key(
    hotel: Property, maria: User, monkeypatch: pytest.MonkeyPatch, grant_type: str
) -> None:
    """The guard off: both keys are found good before either is spent."""
    app, both = App([hotel]), threading.Barrier(2)
    code = app.code(signed_in(maria), [hotel])
    held = app.exchange(code).json() if grant_type == "refresh" else {}
    save = OAuthLibRequestValidator.save_bearer_token

    def save_together(*args: Any, **options: Any) -> Any:
        both.wait(20)
        return save(*args, **options)

    monkeypatch.setattr(oauth, "_claim", lambda _code: True)
    monkeypatch.setattr(oauth, "refresh_token_hold", lambda *, value: None)
    monkeypatch.setattr(OAuthLibRequestValidator, "save_bearer_token", save_together)
    send = (lambda: app.renew(held["refresh_token"])) if held else (lambda: app.exchange(code))

    assert [answer.status_code for answer in together(send, send)] == [200, 200]


def test_a_refresh_token_renews_and_is_then_spent(app: App, tokens: dict[str, Any]) -> None:
    new = app.renew(tokens["refresh_token"]).json()
    assert app.get(new["access_token"]).status_code == 200
    newer = app.renew(new["refresh_token"])
    assert newer.status_code == 200
    assert Token.objects.filter(type="rt").count() == 1
    assert app.get(new["access_token"]).status_code == 200  # it lives out its hour


def test_a_spent_refresh_token_ends_all_that_came_from_it_and_she_is_told(
    app: App, hotel: Property, maria: User, tokens: dict[str, Any]
) -> None:
    new = app.renew(tokens["refresh_token"]).json()

    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"

    assert app.renew(new["refresh_token"]).json()["error"] == "invalid_grant"
    problem(app.get(new["access_token"]), 401, "invalid_token")
    assert not Token.objects.exists()
    entry = AuditEntry.objects.get(act="app.key_reused")
    assert (entry.object_pk, entry.actor_id, entry.changes) == (str(maria.pk), None, {"app": ["Shift planner", None]})
    assert entry.additional_data == {"properties": [str(hotel.pk)]}
    told = AuditEntry.objects.get_for_object(ApiGrant.objects.get()).latest("id")
    assert "revoked_at" in told.changes
    event = StreamEvent.objects.get(code="api_grant.misused")
    mail.outbox.clear()
    maria.locale = "de"
    maria.save()
    tell_person(event)
    assert mail.outbox[0].to == [maria.email]
    assert "Shift planner" in mail.outbox[0].subject and "/identity/" in mail.outbox[0].body


def test_a_spent_token_of_a_former_word_or_of_another_program_ends_nothing(
    app: App, hotel: Property, maria: User, tokens: dict[str, Any]
) -> None:
    app.renew(tokens["refresh_token"])
    other = App([hotel])
    assert other.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    wrong = app.browser.post(
        TOKEN,
        {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": app.client.oidc_id,
         "client_secret": "guessed"},
    )  # fmt: skip
    assert wrong.status_code == 401
    assert ApiGrant.objects.get(client=app.client).revoked_at is None

    held = app.exchange(app.code(signed_in(maria), [hotel])).json()  # she lets it in once more
    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.get(held["access_token"]).status_code == 200


def test_a_refresh_token_that_outlived_her_word_gives_nothing(app: App, tokens: dict[str, Any]) -> None:
    survivor = Token.objects.by_value(tokens["refresh_token"]).get()
    api_grant_revoke(grant_id=ApiGrant.objects.get().pk)
    survivor.save()
    assert app.renew(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert not Token.objects.exists()


def test_spent_tokens_are_forgotten_when_they_would_have_ended(app: App, tokens: dict[str, Any]) -> None:
    new = app.renew(tokens["refresh_token"]).json()
    SpentRefreshToken.objects.update(expires_at=timezone.now())
    app.renew(new["refresh_token"])
    assert SpentRefreshToken.objects.count() == 1


def test_the_service_tells_whether_it_ended_anything(app: App, tokens: dict[str, Any]) -> None:
    with transaction.atomic():
        held = refresh_token_hold(value=tokens["refresh_token"])
        assert held is not None
        refresh_token_spent(token=held)
    ends = {"value": tokens["refresh_token"], "client_id": app.client.oidc_id}
    assert not refresh_token_reused(value="never given", client_id=app.client.oidc_id)
    assert refresh_token_reused(**ends)
    assert not refresh_token_reused(**ends)
    grant_misuse_mail(grant_id=ApiGrant.objects.get().pk)
    assert len(mail.outbox) == 1
