"""The pages of one's own account speak our language, and what they promise works."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from pms.accounts.models import User
from pms.accounts.templatetags.devices import device_name
from tests.domain.accounts.given import PASSWORD, make_user
from tests.posted import posted

# What the library's own pages say where ours should stand.
FOREIGN = (
    "Email Address", "Two-Factor", "Confirm Access", "reauthenticate to", "Authenticator App", "Recovery Codes",
    "Sessions", "Re-send Verification", "Make Primary", "Current Password", "New Password (again)", "IP Address",
    "Are you sure?", "Successfully", "associated with your account",
)  # fmt: skip
TABS = ["Password", "E-mail", "Second step", "Language", "Devices", "Apps"]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def me(db: None) -> User:
    """Somebody with a password."""
    return make_user("Hugo")


@pytest.fixture
def browser(me: User) -> Client:
    """My browser, signed in by the page a moment ago, and asked once more."""
    client = Client(HTTP_USER_AGENT=FIREFOX)
    client.post("/account/login/", {"login": me.email, "password": PASSWORD})
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("mfa_index")})
    assert answer.headers["Location"] == reverse("mfa_index")
    return client


def words(html: str) -> str:
    """Return what a reader sees of the page."""
    return " ".join(re.sub(r"<(script|style|template).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def code_of(secret: str) -> str:
    """Return what the app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def activate(browser: Client) -> None:
    """Set the app up."""
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})


@pytest.mark.parametrize(
    ("name", "heading", "tab"),
    [
        ("account_email", "E-mail addresses", "E-mail"),
        ("account_change_password", "Change password", "Password"),
        ("mfa_index", "Second step", "Second step"),
        ("mfa_activate_totp", "Set up the app", "Second step"),
        ("usersessions_list", "Devices", "Devices"),
    ],
)
def test_a_page_of_the_account_is_ours_and_has_all_tabs(browser: Client, name: str, heading: str, tab: str) -> None:
    html = browser.get(reverse(name)).content.decode()

    assert f"<h1>{heading}</h1>" in html and not [foreign for foreign in FOREIGN if foreign in words(html)]
    tabs = re.search(r'<nav class="tabs".*?</nav>', html, re.DOTALL)
    assert tabs and re.findall(r">([^<]+)</a>", tabs.group()) == TABS
    assert re.findall(r'aria-current="page">([^<]+)<', tabs.group()) == [tab]


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_pages_before_signing_in_are_ours(client: Client, db: None, name: str) -> None:
    html = client.get(reverse(name)).content.decode()

    assert not [foreign for foreign in FOREIGN if foreign in words(html)]


@pytest.mark.parametrize("name", ["account_logout", "account_reauthenticate"])
def test_the_way_out_and_the_second_question_are_ours(browser: Client, name: str) -> None:
    html = browser.get(reverse(name)).content.decode()

    assert not [foreign for foreign in FOREIGN if foreign in words(html)]


def test_control_the_library_does_say_these_words() -> None:
    sources = "".join(path.read_text() for path in (Path(allauth.__file__).parent / "templates").rglob("*.*"))
    forms = (Path(allauth.__file__).parent / "account/forms.py").read_text()

    assert [foreign for foreign in FOREIGN if foreign not in sources + forms] == []


def test_an_address_is_added_confirmed_made_the_main_one_and_removed(browser: Client, me: User) -> None:
    url = reverse("account_email")
    browser.get(url)
    page = browser.post(url, {"action_add": "", "email": "hugo@home.example"}, follow=True).content.decode()
    assert "A link is on its way to hugo@home.example." in page and "Not confirmed" in page
    sent = posted()[-1]
    assert sent.subject.endswith("Confirm your address") and "Hello from" not in sent.body and me.name in sent.body

    link = re.search(r"/account/confirm-email/\S+", sent.body)
    assert link and "hugo@home.example is confirmed." in browser.post(link.group(), follow=True).content.decode()
    page = browser.post(url, {"action_primary": "", "email": "hugo@home.example"}, follow=True).content.decode()
    assert "This is your main address now." in page
    page = browser.post(url, {"action_remove": "", "email": me.email}, follow=True).content.decode()
    assert f"{me.email} was removed." in page
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [("hugo@home.example", True, True)]

    page = browser.post(url, {"action_remove": "", "email": "hugo@home.example"}, follow=True).content.decode()
    assert "is your main address. Make another the main one first" in page and EmailAddress.objects.exists()


def test_an_invited_person_can_turn_the_second_step_on_and_off(browser: Client) -> None:
    activate(browser)

    page = words(browser.get(reverse("mfa_index")).content.decode())
    assert "10 of 10 codes are left" in page and not [foreign for foreign in FOREIGN if foreign in page]
    codes = browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<li>\w+</li>", codes)) == 10 and not [one for one in FOREIGN if one in words(codes)]
    question = words(browser.get(reverse("mfa_generate_recovery_codes")).content.decode())
    assert "The 10 codes that are left stop working." in question
    off = words(browser.get(reverse("mfa_deactivate_totp")).content.decode())
    assert "Then the password alone opens the door." in off and not [foreign for foreign in FOREIGN if foreign in off]
    assert "The second step is off." in browser.post(reverse("mfa_deactivate_totp"), follow=True).content.decode()


def test_a_wrong_code_says_so_at_its_field(browser: Client) -> None:
    url = reverse("mfa_activate_totp")
    browser.get(url)

    answer = browser.post(url, {"code": "000000"})

    assert answer.context["form"].errors["code"] and 'aria-invalid="true"' in answer.content.decode()


def test_other_devices_are_signed_out(browser: Client, me: User) -> None:
    other = Client(HTTP_USER_AGENT="curl/8")
    other.post("/account/login/", {"login": me.email, "password": PASSWORD})
    other.get(reverse("usersessions_list"))
    page = words(browser.get(reverse("usersessions_list")).content.decode())
    assert "Firefox on Windows This one" in page and "Unknown device" in page

    page = browser.post(reverse("usersessions_list"), follow=True).content.decode()

    assert "All other devices are signed out." in page and "Unknown device" not in page
    assert other.get(reverse("usersessions_list")).status_code == 302


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("", "Unknown device"),
    ],
)  # fmt: skip
def test_devices_are_called_as_people_call_them(agent: str, name: str) -> None:
    assert device_name(agent) == name
