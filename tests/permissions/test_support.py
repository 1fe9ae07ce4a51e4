"""Support in somebody's name: what is for her own hand is refused at every address, and the hour ends everything."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from folios.models import Posting
from pms.accounts import support
from pms.accounts.access import rights_at
from pms.accounts.models import SupportVisit, User
from pms.accounts.registry import all_codes, own_hand_codes
from pms.core.models import AuditEntry
from properties.services.support import support_begin
from tests.clients import signed_in
from tests.committed import commit
from tests.factories.properties import make_user
from tests.permissions.house import BODIES, Hotel, House, browser, values_for, writes, written_since
from tests.permissions.routes import Route, addresses, cases, name_of

REASON = "The room plan shows last week only"


def supporter() -> User:
    user = make_user(name="Sam Support")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    return support.supporter_set(user_id=user.pk, support=True)


def visit_at(hotel: Hotel, user: User) -> Client:
    """Return a browser in which Sam acts in the name of `user`, entered by the page."""
    support.support_allow(property_id=hotel.row.pk, allowed=True)
    client = signed_in(supporter())
    # The people of the house hold their roles without a membership: the page looks for one.
    visit = support.visit_begin(
        supporter_id=User.objects.get(name="Sam Support").pk, user_id=user.pk, property_id=hotel.row.pk, reason=REASON
    )
    enter(client, visit)
    return client


def enter(client: Client, visit: SupportVisit) -> None:
    session = support.SessionStore()
    session[support.SESSION_KEY] = str(visit.pk)
    session[support.BACKEND_SESSION_KEY] = support.BACKEND
    session[support.HASH_SESSION_KEY] = visit.user.get_session_auth_hash()
    session[support.OWN_SESSION] = client.session.session_key
    session.set_expiry(visit.ends_at)
    session.create()
    SupportVisit.objects.filter(pk=visit.pk).update(session_key=session.session_key)
    client.cookies["session"] = session.session_key
    client.raise_request_exception = False


def for_own_hand(route: Route) -> bool:
    """Tell whether the address is closed in another's name: by its right, or since it asks who is there."""
    return route.right in own_hand_codes() or any(
        name == route.name and getattr(view, "own_hand", False) for _path, name, view in addresses()
    )


OWN = [case for case in cases("POST") if for_own_hand(case[0])]


def test_the_closed_addresses_are_those_of_money_rights_keys_and_exports() -> None:
    closed = {route.name for route, _method in OWN}

    assert closed >= {
        "folios:post_charge", "folios:take_payment", "folios:reverse_posting", "folios:issue_invoice",
        "folios:start_audit", "properties:add_staff", "properties:change_staff", "properties:change_roles",
        "properties:add_api_client", "properties:rotate_api_client", "channel_manager:change_connection",
        "properties:change_hotel", "properties:change_sign_in",
    }  # fmt: skip


@pytest.mark.parametrize("case", OWN, ids=name_of)
def test_no_closed_write_is_done_in_another_s_name(house: House, case: tuple[Route, str]) -> None:
    route, _method = case
    client = visit_at(house.sea, house.olga)
    before = writes()

    answer = client.post(route.url("SEA", values_for(route.arguments(), house.sea, house.olga)), BODIES.get(route.name))

    assert answer.status_code in (403, 404)
    assert written_since(before) == []


@pytest.mark.parametrize(
    "path",
    ["/account/password/change/", "/account/email/", "/account/2fa/", "/account/2fa/totp/activate/",
     "/account/2fa/recovery-codes/", "/account/sessions/", "/account/language/", "/account/prove/", "/admin/",
     "/identity/o/authorize", "/h/SEA/audit/", "/h/SEA/audit/export/"],
)  # fmt: skip
def test_the_account_consents_and_the_administration_are_closed(house: House, path: str) -> None:
    client = visit_at(house.sea, house.olga)
    before = writes()

    assert {client.get(path).status_code, client.post(path, {}).status_code} <= {403, 405}
    assert written_since(before) == []


def test_a_closed_page_says_why_and_what_to_do(house: House) -> None:
    html = visit_at(house.sea, house.olga).get("/account/email/").content.decode()

    assert "Support does not do this in somebody" in html and "end the visit first" in html
    assert 'action="/support/end/"' in html


def test_a_visit_stays_at_its_hotel_and_adds_nothing(house: House) -> None:
    client = visit_at(house.sea, house.olga)

    assert client.get("/h/SEA/rooms/").status_code == 200
    assert client.get("/h/LAK/rooms/").status_code == 404
    visit = SupportVisit.objects.get()
    acted = support.SupportBackend().get_user(visit.pk)
    assert rights_at(acted, house.sea.row.pk) == all_codes() - own_hand_codes()


def test_every_page_carries_the_banner_with_both_names(house: House) -> None:
    html = visit_at(house.sea, house.olga).get("/h/SEA/rooms/").content.decode()

    assert "<b>Sam Support</b> acts for <b>Olga Brandt</b>" in html
    assert 'action="/support/end/"' in html and "data-support-ends" in html
    assert "support-banner" not in browser(house.olga).get("/h/SEA/rooms/").content.decode()


def test_what_is_done_names_both(house: House) -> None:
    client = visit_at(house.sea, house.olga)

    client.post(f"/h/SEA/rooms/{house.sea.room.pk}/mark/", {"condition": "dirty", "version": house.sea.room.version})

    entry = AuditEntry.objects.filter(object_pk=str(house.sea.room.pk)).latest("pk")
    sam = User.objects.get(name="Sam Support")
    assert (entry.actor, entry.via) == (house.olga, "support")
    assert entry.additional_data is not None
    assert entry.additional_data["support"] == {"id": str(sam.pk), "name": "Sam Support"}
    history = browser(house.olga).get(f"/h/SEA/history/room/{house.sea.room.pk}/").content.decode()
    assert "Sam Support for Olga Brandt" in history and "by support" in history
    audit = browser(house.olga).get("/h/SEA/audit/").content.decode()
    assert "Sam Support for Olga Brandt" in audit


def test_the_hour_ends_the_visit_at_the_minute(house: House) -> None:
    client = visit_at(house.sea, house.olga)
    ends = SupportVisit.objects.get().ends_at
    assert ends - SupportVisit.objects.get().started_at == dt.timedelta(minutes=60)

    with time_machine.travel(ends - dt.timedelta(seconds=1), tick=False):
        assert client.get("/h/SEA/rooms/").status_code == 200
    with time_machine.travel(ends, tick=False):
        assert client.get("/h/SEA/rooms/")["Location"].startswith("/account/login/")
        assert support.SupportBackend().get_user(SupportVisit.objects.get().pk) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda hotel: support.support_allow(property_id=hotel.row.pk, allowed=False),
        lambda _hotel: support.supporter_set(user_id=User.objects.get(name="Sam Support").pk, support=False),
        lambda _hotel: Authenticator.objects.filter(user__name="Sam Support").delete(),
        lambda _hotel: support.visit_end(visit_id=SupportVisit.objects.get().pk),
    ],
    ids=["the hotel forbids it", "she is no supporter any more", "she lost her second step", "ended"],
)
def test_what_made_it_possible_ends_it(house: House, end: Callable[[Hotel], object]) -> None:
    client = visit_at(house.sea, house.olga)
    assert client.get("/h/SEA/rooms/").status_code == 200

    end(house.sea)

    assert client.get("/h/SEA/rooms/")["Location"].startswith("/account/login/")


def pay(client: Client, hotel: Hotel) -> int:
    """Try to take a payment, and return how many postings there are more."""
    before = Posting.objects.count()
    client.post(
        f"/h/SEA/folios/{hotel.folio.pk}/payment/",
        {"method": "cash", "amount": "10.00", "window": "1", "key": uuid.uuid4().hex},
    )
    return Posting.objects.count() - before


def test_a_payment_is_refused_and_control_without_the_guards_it_goes_through(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit_at(house.sea, house.olga)
    assert pay(client, house.sea) == 0

    with monkeypatch.context() as patch:
        patch.setattr(support, "own_hand_codes", lambda: frozenset())
        assert pay(client, house.sea) == 0  # the ledger refuses by itself
        patch.setattr("folios.services.postings.own_hand_only", lambda: None)
        assert pay(client, house.sea) == 1


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_begins_and_ends_a_visit(house: House) -> None:
    support.support_allow(property_id=house.sea.row.pk, allowed=True)
    client = signed_in(supporter())
    own = client.session.session_key
    facts = {"code": "sea", "email": house.olga.email, "reason": REASON, "minutes": "15"}

    assert client.post("/support/", facts)["Location"] == "/h/SEA/"
    assert client.session.session_key != own
    assert client.cookies["session"]["max-age"] <= 15 * 60
    assert client.get("/h/SEA/rooms/").status_code == 200
    commit(run=False)  # the feed is read by the numbers that a commit gives
    feed = browser(house.olga).get("/h/SEA/activity/").content.decode()
    assert f"Sam Support (support) acts for Olga Brandt: {REASON}" in feed

    assert client.post("/support/end/")["Location"] == "/support/"
    assert client.session.session_key == own
    assert client.get("/support/").status_code == 200
    acts = AuditEntry.objects.filter(property_id=house.sea.row.pk, act__startswith="support.").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == ["support.allowed", "support.began", "support.ended"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"reason": "because"}, "Say why"), ({"email": "nobody@sea.example"}, "Nobody in this hotel"),
     ({"code": "LAK"}, "Nobody in this hotel")],
)  # fmt: skip
def test_a_visit_needs_a_reason_and_a_person_of_the_hotel(house: House, change: dict[str, str], words: str) -> None:
    support.support_allow(property_id=house.sea.row.pk, allowed=True)
    facts = {"code": "SEA", "email": house.olga.email, "reason": REASON, "minutes": "60"}

    answer = signed_in(supporter()).post("/support/", facts | change)

    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not SupportVisit.objects.exists()


def test_a_hotel_that_did_not_allow_it_is_not_visited(house: House) -> None:
    with pytest.raises(support.SupportRefused):
        support_begin(supporter_id=supporter().pk, code="SEA", email=house.olga.email, reason=REASON)


def test_only_support_with_a_second_step_and_a_proof_has_the_page(house: House) -> None:
    assert browser(house.olga).get("/support/").status_code == 404
    sam = supporter()
    assert signed_in(sam, minutes_ago=6).get("/support/")["Location"].split("?")[0].endswith("/reauthenticate/")
    Authenticator.objects.filter(user=sam).delete()
    assert signed_in(sam).get("/support/").status_code == 404


def test_a_made_up_session_of_a_visit_finds_nobody(house: House) -> None:
    """The backend looks for a visit, so the key of a person opens nothing through it."""
    assert support.SupportBackend().get_user(house.olga.pk) is None
