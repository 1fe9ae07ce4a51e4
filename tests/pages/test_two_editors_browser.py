"""Two people at the same hotel, room or guest in two browsers: nobody's typing is lost, whatever the other one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pms.accounts.models import User
from properties.models import Property, Room, Section
from reservations.models import Guest
from tests.browsing import live_page, with_cookies
from tests.factories.reservations import make_reservation
from tests.live import session_cookie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 10_000


@dataclass(frozen=True)
class Form:
    """One form: where it is, what opens it, two of its fields, the form's selector, and what is stored of the two."""

    path: str
    fields: tuple[str, str]
    form: str
    stored: Callable[[], tuple[str, str]]
    opener: str = ""

    def open(self, page: Page) -> None:
        """Open the form on a page that has loaded."""
        if self.opener:
            page.get_by_role("button", name=self.opener).first.click()
        expect(page.locator(f"[name={self.fields[0]}]")).to_be_visible()

    def save(self, page: Page) -> None:
        """Send the form."""
        name = self.form.removeprefix("#")
        page.locator(f"main {self.form} .form-foot [type=submit].primary, #dialog [form='{name}']").first.click()


def the_hotel(hotel: Property) -> Form:
    def stored() -> tuple[str, str]:
        now = Property.objects.get(pk=hotel.pk)
        return now.name, now.phone

    return Form("settings/", ("name", "phone"), "form", stored)


def the_room(hotel: Property) -> Form:
    room = Room.objects.get(property=hotel, number="101")
    for name in ("West", "East"):
        Section(property=hotel, name=name, order=1).save()

    def stored() -> tuple[str, str]:
        now = Room.objects.select_related("section").get(pk=room.pk)
        return now.number, now.section.name if now.section else ""

    return Form(f"rooms/{room.pk}/", ("number", "section"), "form.house-form", stored)


def the_guest(hotel: Property) -> Form:
    stay = make_reservation(hotel=hotel, name="Nora Paper")

    def stored() -> tuple[str, str]:
        now = Guest.objects.get(pk=stay.guest_id)
        return now.last_name, now.phone

    fields = ("guest-last_name", "guest-phone")
    return Form(f"reservations/{stay.pk}/", fields, "#guest-profile", stored, opener="Correct")


THINGS: Mapping[str, tuple[Callable[[Property], Form], tuple[str, str], tuple[str, str]]] = {
    # What is edited; what each of the two types into the first field and into the second.
    "hotel": (the_hotel, ("Sea Inn", "+49 381 1"), ("Sea View", "+49 381 2")),
    "room": (the_room, ("107", "West"), ("108", "East")),
    "guest": (the_guest, ("Papier", "+49 170 1"), ("Pape", "+49 170 2")),
}


@contextmanager
def two_pages(browser: Browser, url: str, *users: User) -> Iterator[list[Callable[[Form], Page]]]:
    """Give each of the people a browser of her own; calling it opens the form there."""
    windows = []
    for user in users:
        name, _, value = session_cookie(user).partition("=")
        size = {"width": 1280, "height": 900}
        windows.append(with_cookies(browser, url, {name: value}, viewport=size, reduced_motion="reduce"))

    def opener(window: Any) -> Callable[[Form], Page]:
        def open_form(form: Form) -> Page:
            page = live_page(window, form.path)
            form.open(page)
            return page

        return open_form

    try:
        yield [opener(window) for window in windows]
    finally:
        for window in windows:
            window.close()


def put(page: Page, name: str, value: str) -> None:
    """Type into a field, or choose in it."""
    field = page.locator(f"[name={name}]")
    if field.evaluate("field => field.localName") == "select":
        field.select_option(label=value)
    else:
        field.fill(value)


def saved(page: Page, form: Form, wanted: tuple[str, str]) -> None:
    """Send and wait until it is stored."""
    form.save(page)
    for _try in range(200):
        if form.stored() == wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"stored: {form.stored()}, wanted: {wanted}")


def differing(form: Form, one: Page, two: Page, what: str, *, spoil: str = "") -> None:
    """Let one person change the first field and another the second; both had opened the form before.

    `spoil` is done to the second page before it sends.
    """
    first, second = THINGS[what][1]
    put(one, form.fields[0], first)
    put(two, form.fields[1], second)
    saved(one, form, (first, form.stored()[1]))
    if spoil:
        two.evaluate(spoil)
    form.save(two)
    for _try in range(200):
        if form.stored()[1] == second:
            break
        two.wait_for_timeout(50)


@pytest.mark.parametrize("what", THINGS)
def test_different_fields_are_both_kept(
    what: str, hotel_for_sale: Property, anna: User, olga: User, live_server_url: str, browser: Browser
) -> None:
    form = THINGS[what][0](hotel_for_sale)
    with two_pages(browser, live_server_url, anna, olga) as (one, two):
        differing(form, one(form), two(form), what)

        assert form.stored() == THINGS[what][1]


# A form as it would be if it said neither what it showed nor of which version: the newest, whatever stands in it.
FORGET = """() => { for (const seen of document.querySelectorAll("[name^='guest-seen_']")) seen.remove();
  document.querySelector("[name='guest-version']").value = 2; }"""


def test_a_form_that_forgot_what_it_showed_takes_the_first_ones_work_back(
    hotel_for_sale: Property, anna: User, olga: User, live_server_url: str, browser: Browser
) -> None:
    """The control: what was sent last counts as a whole."""
    form = the_guest(hotel_for_sale)
    with two_pages(browser, live_server_url, anna, olga) as (one, two):
        differing(form, one(form), two(form), "guest", spoil=FORGET)

        assert form.stored() == ("Paper", "+49 170 1")


@pytest.mark.parametrize("what", THINGS)
def test_the_same_field_shows_both_and_keeps_mine_until_i_choose(
    what: str, hotel_for_sale: Property, anna: User, olga: User, live_server_url: str, browser: Browser
) -> None:
    make, (mine, other), (theirs, _) = THINGS[what]
    form = make(hotel_for_sale)
    with two_pages(browser, live_server_url, anna, olga) as (open_hers, open_his):
        hers, his = open_hers(form), open_his(form)
        put(hers, form.fields[0], mine)
        put(hers, form.fields[1], other)
        put(his, form.fields[0], theirs)
        saved(his, form, (theirs, form.stored()[1]))

        form.save(hers)

        panel = hers.locator(".conflict")
        expect(panel).to_be_focused(timeout=PATIENCE)
        hers.set_viewport_size({"width": 390, "height": 844})  # on a phone as well
        for words in (mine, theirs):
            expect(panel.get_by_role("cell", name=words, exact=True)).to_be_visible()
        expect(hers.locator(f"[name={form.fields[0]}]")).to_have_value(mine)
        assert form.stored()[0] == theirs, "nothing of hers is saved before she chose"

        panel.get_by_role("button", name="Keep mine").click()
        for _try in range(200):
            if form.stored() == (mine, other):
                break
            hers.wait_for_timeout(50)
        assert form.stored() == (mine, other)


def test_a_change_that_arrives_leaves_the_dialog_one_types_in(
    hotel_for_sale: Property, hugo: User, live_server_url: str, browser: Browser
) -> None:
    form = the_guest(hotel_for_sale)
    with two_pages(browser, live_server_url, hugo) as (open_hers,):
        page = open_hers(form)
        page.locator("[name=guest-last_name]").press("End")
        page.locator("[name=guest-last_name]").press_sequentially("er", delay=10)

        guest = Guest.objects.get(last_name="Paper")
        guest.phone = "+49 170 9"
        guest.save()

        expect(page.locator("[id^=guest-card-]")).to_contain_text("+49 170 9", timeout=PATIENCE)
        expect(page.locator("[name=guest-last_name]")).to_have_value("Paperer")
        expect(page.locator("[name=guest-last_name]")).to_be_focused()
        saved(page, form, ("Paperer", "+49 170 9"))


# A piece with a field of each kind; what comes says otherwise about all of them, and so may the words beside.
PIECE = """<div id="trial" data-seq="{seq}"><b>{words}</b><input id="t" value="{text}"><input id="u" value="{text}">
  <textarea id="v">{text}</textarea><input type="checkbox" id="c"{checked}>
  <select id="s"><option{first}>a</option><option{second}>b</option></select></div>"""
OLD = PIECE.format(seq=1, words="old", text="one", checked="", first=" selected", second="")
NEW = PIECE.format(seq=2, words="new", text="two", checked=" checked", first="", second=" selected")
PUT = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
PUSH = "async html => (await import('pms/pieces')).place({ id: 'trial', topic: 'trial', seq: 2, html })"
READ = """() => [...document.querySelectorAll('#trial :is(input, textarea, select)')].map(
  (field) => field.type === 'checkbox' ? field.checked : field.value)"""


def test_a_pushed_piece_never_touches_a_field_that_somebody_is_at_or_has_changed(
    hotel_for_sale: Property, hugo: User, live_server_url: str, browser: Browser
) -> None:
    form = Form("rooms/", ("", ""), "", lambda: ("", ""))
    with two_pages(browser, live_server_url, hugo) as (_open,):
        name, _, value = session_cookie(hugo).partition("=")
        page = live_page(with_cookies(browser, live_server_url, {name: value}), form.path)

        # The control: fields that nobody is at follow what comes.
        page.evaluate(PUT, OLD)
        page.evaluate(PUSH, NEW)
        assert page.evaluate(READ) == ["two", "two", "two", True, "b"]
        page.evaluate("document.getElementById('trial').remove()")

        page.evaluate(PUT, OLD.replace("selected", ""))
        page.fill("#u", "typed")
        page.fill("#v", "typed")
        page.check("#c")
        page.uncheck("#c")
        page.check("#c")
        page.select_option("#s", "b")
        page.focus("#t")
        page.evaluate(PUSH, NEW.replace(" checked", "").replace("selected", ""))

        expect(page.locator("#trial b")).to_have_text("new")
        assert page.evaluate(READ) == ["one", "typed", "typed", True, "b"]
        expect(page.locator("#t")).to_be_focused()
        page.context.close()
