"""An open page ends with the session it was opened in; the same person's pages in other browsers go on."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect

from pms.accounts.models import User
from pms.accounts.selectors import SignIn
from pms.events import bell
from pms.live import batches
from pms.live.hub import Hub
from pms.live.sockets import Close
from properties.models import Property, Room
from properties.services import room_mark
from tests.browsing import assert_kept, live_page, with_cookies
from tests.clients import signed_in
from tests.live import Listener, listen, session_cookie, session_key_of

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)
NEW_PASSWORD = "another-long-one-4711"


class Browsers:
    """One person at two devices: two tabs in browser A, one in browser B."""

    def __init__(self, a: Client, first: Listener, second: Listener, other: Listener) -> None:
        self.a, self.first, self.second, self.other = a, first, second, other

    @property
    def key(self) -> str:
        """Return the session key of browser A."""
        return session_key_of(self.a)

    async def both_tabs_close(self, seconds: float = 2.0) -> None:
        """Wait until A's tabs are closed as signed out, and see that B goes on hearing its hotel's news."""
        for tab in (self.first, self.second):
            await asyncio.wait_for(tab.gone.wait(), seconds)
            assert tab.closed == Close.SIGNED_OUT
        assert not self.other.gone.is_set()


async def open_browsers(hub: Hub, hotel: Property, user: User) -> Browsers:
    """Sign `user` in twice and open her pages."""
    a = await in_thread(signed_in)(user)
    first, second = [await listen(hub, user, hotel.pk, "room_card", browser=a) for _tab in range(2)]
    return Browsers(a, first, second, await listen(hub, user, hotel.pk, "room_card"))


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hint arrives."""
    monkeypatch.setattr(bell, "send", lambda channel, hint: None)


async def test_signing_out_closes_the_other_tabs_of_that_browser_only(
    hub: Hub, hotel: Property, room: Room, hugo: User
) -> None:
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(pages.a.post)("/account/logout/")

    await pages.both_tabs_close()
    heard = len(pages.first.screen.messages)
    await in_thread(room_mark)(room_id=room.pk, condition="dirty")
    await pages.other.until(lambda screen: f"room-card-{room.pk}" in screen.pieces)
    assert len(pages.first.screen.messages) == heard


async def test_a_session_ended_from_the_list_of_devices_loses_its_pages(hub: Hub, hotel: Property, hugo: User) -> None:
    pages = await open_browsers(hub, hotel, hugo)

    @in_thread
    def end() -> None:
        UserSession.objects.create(user=hugo, session_key=pages.key, ip="192.0.2.7", user_agent="the desk").end()

    await end()

    await pages.both_tabs_close()


async def test_sessions_deleted_in_bulk_lose_their_pages(hub: Hub, hotel: Property, hugo: User) -> None:
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(Session.objects.filter(session_key=pages.key).delete)()

    await pages.both_tabs_close()


async def test_a_new_password_closes_the_pages_of_every_session_opened_with_the_old_one(
    hub: Hub, hotel: Property, hugo: User, maria: User
) -> None:
    """The browser it was set in has a session anew; its tabs come back by it (static/js/live.js)."""
    colleague = await listen(hub, maria, hotel.pk, "room_card")
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(set_password)(hugo)

    await pages_gone(pages, colleague)


async def pages_gone(pages: Browsers, colleague: Listener) -> None:
    """See all pages of the person closed, and the colleague's open."""
    for page in (pages.first, pages.second, pages.other):
        await asyncio.wait_for(page.gone.wait(), 2.0)
        assert page.closed == Close.SIGNED_OUT
    assert not colleague.gone.is_set()


async def test_a_new_password_leaves_the_page_that_signs_in_with_it(hub: Hub, hotel: Property, hugo: User) -> None:
    await in_thread(set_password)(hugo)
    page = await listen(hub, await in_thread(User.objects.get)(pk=hugo.pk), hotel.pk, "room_card")

    await hub._look_around()

    assert not page.gone.is_set()


@pytest.mark.usefixtures("silent", "quick_heart")
async def test_with_redis_dead_the_heartbeat_closes_the_pages(hub: Hub, hotel: Property, hugo: User) -> None:
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(pages.a.post)("/account/logout/")

    await pages.both_tabs_close()


async def test_a_session_that_runs_out_loses_its_pages_without_any_hint(hub: Hub, hotel: Property, hugo: User) -> None:
    """The heart beats early for it: half a second after its end, not up to three."""
    pages = await open_browsers(hub, hotel, hugo)
    end = timezone.now() + timedelta(seconds=4)
    await in_thread(Session.objects.filter(session_key=pages.key).update)(expire_date=end)

    await pages.both_tabs_close(6.0)

    assert timedelta(0) <= timezone.now() - end < timedelta(seconds=2)


@pytest.mark.usefixtures("silent")
async def test_without_hint_and_heartbeat_the_pages_would_stay_open(
    hub: Hub, hotel: Property, hugo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: these two are what closes them."""
    monkeypatch.setattr("pms.live.hub.HEARTBEAT", 3600.0)
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(pages.a.post)("/account/logout/")

    with pytest.raises(TimeoutError):
        await pages.both_tabs_close(1.0)


def test_a_clean_up_of_sessions_that_ran_out_tells_nobody(hugo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    key, sent = session_key_of(signed_in(hugo)), []
    monkeypatch.setattr(bell, "send", lambda channel, hint: sent.append(hint))
    Session.objects.filter(session_key=key).update(expire_date=timezone.now())
    Session.objects.filter(session_key=key).delete()
    assert sent == []

    Session.objects.get(session_key=session_key_of(signed_in(hugo))).delete()

    assert sent == ["sessions"], "the control: a session that was good is told of"


@pytest.mark.parametrize("pages", [1, 200])
def test_a_pulse_costs_three_queries_however_many_pages_are_open(hotel: Property, hugo: User, pages: int) -> None:
    key = session_key_of(signed_in(hugo))
    good = SignIn(hugo.pk, key, hugo.get_session_auth_hash())
    gone = {SignIn(hugo.pk, f"gone{number}", hugo.get_session_auth_hash()) for number in range(pages)}

    with CaptureQueriesContext(
        connection,
    ) as queries:
        # The pulse gives its connection back at the end; within the same thread the count is of this one.
        look = batches.pulse([hotel.pk], {good, *gone})

    assert look.ended == gone
    assert len([query for query in queries.captured_queries if query["sql"].startswith("SELECT")]) == 3


async def test_the_key_of_a_session_is_neither_logged_nor_sent(
    hub: Hub, hotel: Property, hugo: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Any] = []
    real = bell.send

    def heard(*hint: Any) -> None:
        said.append(hint)
        real(*hint)

    monkeypatch.setattr(bell, "send", heard)
    caplog.set_level(logging.DEBUG)
    pages = await open_browsers(hub, hotel, hugo)

    await in_thread(pages.a.post)("/account/logout/")

    await pages.both_tabs_close()
    told = f"{said} {caplog.text} {pages.first.screen.messages} {pages.first.socket!r}"
    assert f"user:{hugo.pk}" in told, "the control: the hint itself was seen"
    assert pages.first.socket.sign_in.session_key not in told
    assert pages.first.socket.sign_in.auth_hash not in told


def set_password(user: User) -> None:
    """Give the user another password, as any of the doors does."""
    fresh = User.objects.get(pk=user.pk)
    fresh.set_password(NEW_PASSWORD)
    fresh.save()


@pytest.mark.browser
@pytest.mark.slow
class TestInABrowser:
    """What the person sees in the tabs that she did not sign out in."""

    def test_the_other_tab_shows_the_way_to_sign_in(
        self, hotel: Property, hugo: User, live_server_url: str, browser: Browser
    ) -> None:
        here, there = [_window(browser, live_server_url, session_cookie(hugo)) for _browser in range(2)]
        tab, elsewhere = live_page(here, "rooms/"), live_page(there, "rooms/")

        _sign_out(here, live_server_url)

        tab.wait_for_url(re.compile("/account/login/"), timeout=4000)
        expect(tab.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        assert_kept(elsewhere)
        assert elsewhere.locator("#connection").get_attribute("data-state") == "live"
        here.close()
        there.close()

    def test_what_was_typed_in_the_other_tab_is_kept(
        self, hotel: Property, anna: User, live_server_url: str, browser: Browser
    ) -> None:
        window = _window(browser, live_server_url, session_cookie(anna))
        tab = live_page(window, "settings/")
        tab.fill("[name=name]", "Sea View House")

        _sign_out(window, live_server_url)

        expect(tab.get_by_role("heading", name="You are not signed in any more")).to_be_visible(timeout=15000)
        expect(tab.locator(".kept li:not([hidden]) textarea")).to_have_value("Sea View House")
        assert_kept(tab)
        window.close()

    def test_a_tab_whose_session_was_renewed_stays(
        self, hotel: Property, hugo: User, live_server_url: str, browser: Browser
    ) -> None:
        """As after a new password of one's own: the old session is gone, the browser has another."""
        window = _window(browser, live_server_url, session_cookie(hugo))
        tab = live_page(window, "rooms/")
        old = _sign_in_anew(window, live_server_url, hugo)

        with tab.expect_websocket(lambda line: bool(line.wait_for_event("framereceived"))):
            Session.objects.get(session_key=old).delete()

        expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
        assert_kept(tab)
        window.close()

    def test_a_tab_of_who_was_here_before_becomes_the_page_of_who_is_here_now(
        self, hotel: Property, hugo: User, maria: User, live_server_url: str, browser: Browser
    ) -> None:
        window = _window(browser, live_server_url, session_cookie(hugo))
        tab = live_page(window, "rooms/")
        old = _sign_in_anew(window, live_server_url, maria)

        Session.objects.get(session_key=old).delete()

        expect(tab.locator("body")).to_have_attribute("data-live-user", str(maria.pk), timeout=6000)
        expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
        window.close()


def _window(browser: Browser, url: str, cookie: str) -> BrowserContext:
    name, _, value = cookie.partition("=")
    return with_cookies(browser, url, {name: value})


def _sign_in_anew(window: BrowserContext, url: str, user: User) -> str:
    """Give the browser a new session of `user` and return the key of the one it had."""
    old = next(one["value"] for one in window.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    name, _, value = session_cookie(user).partition("=")
    window.add_cookies([{"name": name, "value": value, "url": url}])
    return old


def _sign_out(window: BrowserContext, url: str) -> None:
    page = window.new_page()
    page.goto(f"{url}/account/logout/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda address: "logout" not in address)
