"""Pictures of every page of the house, as a hotelier sees it: three widths, by day and by night.

    .venv/bin/python bench/screenshots.py [--out DIR] [--only NAME] [--language de]

Opens a hotel of its own with the pretended booking site, lets it live for a day, signs in as the people of the trial
hotel and takes each page. `--only` takes the pages whose name contains NAME. Files are called page-width-theme.png.
A page that the URL conf knows and the list here does not is an error, and so is a script error on a page. What is wider
than its window, and what is too small for a thumb on a phone, is told at the end.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, BrowserContext, Error, Page  # noqa: E402

from bench.busy_day import Day, live_a_day  # noqa: E402
from bench.live_latency import enter  # noqa: E402
from tests.browsing import chromium  # noqa: E402
from tests.concurrency.open_hotel import OpenHotel, open_house  # noqa: E402
from tests.runtime.helpers import eventually  # noqa: E402

WIDTHS = {1280: 800, 820: 1180, 390: 844}
THEMES = ("light", "dark")
PHONE, DESKTOP = 390, 1000
TALLEST = 2600
PATIENCE = 15_000
PEOPLE = {"hugo": "sea", "anna": "sea", "maria": "sea", "olga": "sea", "clara": "sea", "eve": "lak"}

# How high the page would like to be: the sheet scrolls by itself on a desk, the document on a phone.
HEIGHT = """() => { const page = document.querySelector('main.page');
  const inner = page && getComputedStyle(page).overflowY === 'auto' ? page.scrollHeight - page.clientHeight : 0;
  return Math.ceil(Math.max(innerHeight + inner, document.documentElement.scrollHeight)); }"""
FINDINGS = """(phone) => {
  const found = [], root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  const main = document.querySelector('main');
  if (main && main.scrollWidth > main.clientWidth + 1)
    found.push(`the work is ${main.scrollWidth - main.clientWidth} px too wide`);
  const touched = 'a[href], button, summary, input:not([type=hidden]), select, textarea';
  for (const one of phone && document.querySelector('.app, .plain') ? document.querySelectorAll(touched) : []) {
    const high = (one.closest('label') ?? one).getBoundingClientRect().height;
    const seen = one.getBoundingClientRect().width && one.checkVisibility({ visibilityProperty: true });
    // Links within a sentence or a cell are read, not aimed at; a thumb takes what lies over the whole row.
    const reaches = one.closest('p, td, dd, .hint') || getComputedStyle(one, '::after').position === 'absolute';
    const words = (one.innerText || one.name || one.title || '').trim().split('\\n')[0].slice(0, 40);
    if (seen && high < 43.5 && !reaches) found.push(`${one.localName} "${words}" is ${Math.round(high)} px high`);
  }
  return found; }"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks at which address, and what is opened there before it is taken.

    `path` is filled from the day (`{stay}`, `{folio}` …); `route` is the name in the URL conf that it shows.
    """

    name: str
    route: str
    path: str
    who: str = ""
    act: Callable[[Page], None] | None = None
    status: int = 200


def press(name: str, *, within: str = "main", then: str = "#dialog[open]") -> Callable[[Page], None]:
    """Return an act that presses the first button or link of that name and waits for what it opens."""

    def act(page: Page) -> None:
        page.locator(within).locator("button, a, summary").filter(has_text=re.compile(name)).filter(
            visible=True
        ).first.click()
        page.wait_for_selector(then)

    return act


def click(what: str) -> Callable[[Page], None]:
    """Return an act that clicks the first such thing."""
    return lambda page: page.locator(what).first.click()


def menu(row: str, name: str) -> Callable[[Page], None]:
    """Return an act that opens the menu of the first such row and chooses from it."""

    def act(page: Page) -> None:
        page.locator(f"{row} details.menu").first.locator("summary").click()
        press(name, within=f"{row} details[open]")(page)

    return act


def bell(page: Page) -> None:
    """Open the bell."""
    page.locator(".bell summary").click()
    page.wait_for_selector(".bell .rings form, .bell .state")


def palette(page: Page) -> None:
    """Open the command palette."""
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog#palette[open]")


def wrong_password(page: Page) -> None:
    """Try to sign in with a password that is wrong."""
    page.fill("[name=login]", "hugo@sea.example")
    page.fill("[name=password]", "not this one")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("main .error, main [role=alert]")


def quoted(page: Page) -> None:
    """Wait for the offers and choose the first that can be sold."""
    page.wait_for_selector(".offer")
    page.locator("button.offer:not([aria-disabled=true]), label.offer").first.click()
    page.wait_for_timeout(600)


H, L = "/h/SEA", "/h/LAK"
STAYS, FOLIO, LINK = f"{H}/reservations/", f"{H}/folios/{{folio}}/", f"{H}/channels/{{connection}}/"
STAY, ROOMLESS, LONG = f"{STAYS}{{stay}}/", f"{STAYS}{{roomless}}/", f"{STAYS}{{long_stay}}/"
NO_STAY = f"{STAYS}00000000-0000-7000-8000-000000000000/"
BEFORE = [
    Shot("sign-in", "account_login", "/account/login/"),
    Shot("sign-in-wrong", "account_login", "/account/login/", act=wrong_password),
    Shot("forgotten-password", "account_reset_password", "/account/password/reset/"),
    Shot("forgotten-password-sent", "account_reset_password_done", "/account/password/reset/done/"),
    Shot("new-password", "account_reset_password_from_key", "{reset}"),
    Shot("new-password-late", "account_reset_password_from_key", "/account/password/reset/key/1-abc/"),
    Shot("new-password-done", "account_reset_password_from_key_done", "/account/password/reset/key/done/"),
    Shot("sign-up-closed", "account_signup", "/account/signup/"),
    Shot("account-inactive", "account_inactive", "/account/inactive/"),
    Shot("setup-late", "properties:set_up", "/setup/nonsense/", status=410),
    Shot("today", "reservations:today", f"{H}/", "hugo"),
    Shot("today-assign", "reservations:choose_room", f"{H}/", "hugo", press("^ *Assign", within="#arrivals")),
    Shot("today-menu", "reservations:today", f"{H}/", "hugo", click("#in-house summary")),
    Shot("palette", "reservations:today", f"{H}/", "hugo", palette),
    Shot("bell", "notifications:show_bell", f"{H}/", "hugo", bell),
    Shot("rates", "reservations:list_rates", f"{H}/rates/", "anna"),
    Shot("plan", "reservations:room_plan", f"{H}/plan/", "hugo"),
    Shot("plan-30", "reservations:room_plan", f"{H}/plan/?days=30", "hugo"),
    Shot("plan-stay", "reservations:room_plan_stay", f"{H}/plan/", "hugo", click(".plan .stay")),
    Shot("reservations", "reservations:list_reservations", f"{H}/reservations/", "hugo"),
    Shot("reservations-none", "reservations:list_reservations", f"{H}/reservations/?q=nobody", "hugo"),
    Shot("reservation", "reservations:open_reservation", STAY, "hugo"),
    Shot("reservation-roomless", "reservations:open_reservation", ROOMLESS, "hugo"),
    Shot("reservation-to-map", "reservations:open_reservation", f"{H}/reservations/{{unmapped}}/", "hugo"),
    Shot("reservation-gone", "reservations:open_reservation", f"{H}/reservations/{{gone}}/", "hugo"),
    Shot("reservation-assign", "reservations:choose_room", ROOMLESS, "hugo", press("Assign a room")),
    Shot("reservation-cancel", "reservations:cancel_reservation", ROOMLESS, "hugo", menu(".stay-head", "Cancel")),
    Shot("reservation-notes", "reservations:change_notes", STAY, "hugo", press("^ *(Write|Change)")),
    Shot("reservation-check-out", "reservations:check_out", LONG, "hugo", press("Check out early")),
    Shot("booking", "reservations:create_booking", f"{H}/bookings/new/", "hugo"),
    Shot("booking-chosen", "reservations:create_booking", f"{H}/bookings/new/", "hugo", quoted),
    Shot("rooms", "properties:list_rooms", f"{H}/rooms/", "hugo"),
    Shot("my-rooms", "housekeeping:my_rooms", f"{H}/my-rooms/", "maria"),
    Shot("activity-maria", "notifications:list_activity", f"{H}/activity/", "maria"),
    Shot("activity", "notifications:list_activity", f"{H}/activity/", "anna"),
    Shot("folios", "folios:list_folios", f"{H}/folios/", "hugo"),
    Shot("folio", "folios:open_folio", FOLIO, "hugo"),
    Shot("folio-reverse", "folios:reverse_posting", FOLIO, "anna", press("Take back", within=".window")),
    Shot("folio-window", "folios:add_window", FOLIO, "hugo", press(r"^\s*Window")),
    Shot("folio-invoice", "folios:issue_invoice", f"{H}/folios/{{other_folio}}/", "hugo", press("^ *Invoice|Issue")),
    Shot("folio-invoiced", "folios:open_folio", f"{H}/folios/{{invoiced}}/", "hugo"),
    Shot("night-audit-before", "folios:open_night_audit", f"{H}/night-audit/", "anna"),
    Shot("night-audit-close", "folios:start_audit", f"{H}/night-audit/", "anna", press("Close the day")),
    Shot("channels", "channel_manager:list_channels", f"{H}/channels/", "anna"),
    Shot("channels-to-map", "channel_manager:list_channels", f"{H}/channels/?show=unmapped", "anna"),
    Shot("channel-message", "channel_manager:open_message", f"{H}/channels/messages/{{message}}/", "anna"),
    Shot("channel-connection", "channel_manager:change_connection", LINK, "anna"),
    Shot("channel-mapping", "channel_manager:map_connection", f"{LINK}mapping/", "anna"),
    Shot("channel-new", "channel_manager:add_connection", f"{H}/channels/new/", "anna"),
    Shot("staff", "properties:list_staff", f"{H}/staff/", "olga"),
    Shot("staff-add", "properties:add_staff", f"{H}/staff/add/", "olga"),
    Shot("staff-one", "properties:change_staff", f"{H}/staff/{{member}}/", "olga"),
    Shot("hotel-settings", "properties:change_hotel", f"{H}/settings/", "olga"),
    Shot("programs", "properties:list_api_clients", f"{H}/api-clients/", "olga"),
    Shot("program-new", "properties:add_api_client", f"{H}/api-clients/add/", "olga"),
    Shot("audit-log", "properties:list_audit", f"{H}/audit/", "olga"),
    Shot("background-work", "properties:list_work", f"{H}/background/", "anna"),
    Shot("account-email", "account_email", "/account/email/", "hugo"),
    Shot("account-password", "account_change_password", "/account/password/change/", "hugo"),
    Shot("account-language", "account_language", "/account/language/", "hugo"),
    Shot("account-second-step", "mfa_index", "/account/2fa/", "hugo"),
    Shot("account-second-step-on", "mfa_activate_totp", "/account/2fa/totp/activate/", "hugo"),
    Shot("account-sessions", "usersessions_list", "/account/sessions/", "hugo"),
    Shot("account-sign-out", "account_logout", "/account/logout/", "hugo"),
    Shot("account-apps", "identity:list_apps", "/identity/apps/", "hugo"),
    Shot("account-again", "account_reauthenticate", "/account/reauthenticate/", "hugo"),
    Shot("no-right", "folios:open_night_audit", f"{H}/night-audit/", "maria", status=403),
    Shot("not-found", "reservations:open_reservation", NO_STAY, "hugo", status=404),
    Shot("empty-today", "reservations:today", f"{L}/", "eve"),
    Shot("empty-plan", "reservations:room_plan", f"{L}/plan/", "eve"),
    Shot("empty-reservations", "reservations:list_reservations", f"{L}/reservations/", "eve"),
    Shot("empty-booking", "reservations:create_booking", f"{L}/bookings/new/", "eve"),
    Shot("empty-folios", "folios:list_folios", f"{L}/folios/", "eve"),
    Shot("empty-activity", "notifications:list_activity", f"{L}/activity/", "eve"),
    Shot("empty-channels", "channel_manager:list_channels", f"{L}/channels/", "eve"),
    Shot("empty-night-audit", "folios:open_night_audit", f"{L}/night-audit/", "eve"),
    Shot("admin", "admin:index", "/admin/", "olga"),
    Shot("admin-list", "admin:properties_room_changelist", "/admin/properties/room/", "olga"),
    Shot("admin-form", "admin:properties_room_change", "/admin/properties/room/{room}/change/", "olga"),
    Shot("api-docs", "api:docs", "/api/v1/docs"),
    Shot("api-errors", "api:docs_errors", "/api/v1/docs/errors"),
]
AFTER = [
    Shot("night-audit-after", "folios:open_night_audit", f"{H}/night-audit/", "anna"),
    Shot("today-next-day", "reservations:today", f"{H}/", "hugo"),
    Shot("folio-next-day", "folios:open_folio", FOLIO, "hugo"),
]
FIRST = [Shot("first-run", "properties:set_up", "{setup}")]

# What the URL conf holds beside pages to look at, and why there is no picture of it.
NO_PAGES = {
    "an act or a piece that its page shows": """
        properties:mark_room properties:unmark_room properties:remove_staff properties:show_work_now
        properties:replay_work properties:replay_lane properties:discard_work housekeeping:mark_room
        housekeeping:unmark_room notifications:read_all notifications:open_notification folios:post_charge
        folios:take_payment folios:undo_posting folios:resume_audit reservations:choose_guest
        reservations:unassign_room reservations:assign_room reservations:check_in reservations:undo_check_in
        reservations:undo_check_out reservations:room_plan_rows channel_manager:go_live
        channel_manager:suspend_connection channel_manager:sync_connection channel_manager:test_connection
        channel_manager:retry_message channel_manager:settle_message properties:revoke_api_client
        identity:revoke_app""",
    "only for a program that was let in before, or on its way back to an app": """
        properties:rotate_api_client identity:authorize""",
    "leads on to another page": "properties:open_home properties:open_hotel",
    "a file": "folios:download_invoice mfa_download_recovery_codes api:openapi",
    "for machines": "healthz readyz metrics identity:token identity:revoke",
    "only with a second step, a mail or a code; drawn by the same templates": """
        account_set_password account_confirm_email account_email_verification_sent account_confirm_login_code
        mfa_authenticate mfa_reauthenticate mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes""",
}
# The administration draws itself; one index, one list and one form stand for it. The API has its documentation.
DRAWN_ELSEWHERE = re.compile(r"admin:|\w+_api:|api:(events|\w*_?clients?)$|-$")


def missed(routes: set[str]) -> set[str]:
    """Return what is wrong with the list of pages: routes it does not know, and names that are no routes."""
    listed = {shot.route for shot in [*FIRST, *BEFORE, *AFTER]} | set(" ".join(NO_PAGES.values()).split())
    return {name for name in routes - listed if not DRAWN_ELSEWHERE.match(name)} | (listed - routes)


def routes_of(resolver: object, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of all routes with their name spaces."""
    from django.urls.resolvers import URLResolver

    for one in resolver.url_patterns:  # type: ignore[attr-defined]
        if isinstance(one, URLResolver):
            yield from routes_of(one, (*above, *([one.namespace] if one.namespace else [])))
        else:
            yield ":".join((*above, one.name or "-"))


class Camera:
    """Signs people in and takes pictures."""

    def __init__(self, browser: Browser, house: OpenHotel, options: argparse.Namespace) -> None:
        self.browser, self.house = browser, house
        self.out, self.only, self.language = options.out, options.only, options.language
        self.places: dict[str, str] = {}
        self.password = ""
        self.signed_in: dict[str, str] = {}
        self.findings: list[str] = []
        self.out.mkdir(parents=True, exist_ok=True)

    def take(self, shots: list[Shot]) -> None:
        """Take each picture in all widths and both themes."""
        for shot in shots:
            # An act that looks for a word of English finds none elsewhere; what it opens is the same page.
            if self.only not in shot.name or (self.language != "en" and getattr(shot.act, "__name__", "") == "act"):
                continue
            for width, height in WIDTHS.items():
                self._take(shot, width, height)
            print(shot.name, flush=True)

    def _take(self, shot: Shot, width: int, height: int) -> None:
        context = None
        try:
            context = self.browser.new_context(
                viewport={"width": width, "height": height},
                has_touch=width < DESKTOP,
                reduced_motion="reduce",
                locale="en-GB" if self.language == "en" else self.language,
                storage_state=self._sign_in(shot.who) if shot.who else None,  # type: ignore[arg-type]
            )
            self._draw(context, shot, width, height)
        except Error as error:
            self.findings.append(f"{shot.name}-{width}: no picture: {str(error).splitlines()[0]}")
        finally:
            if context:
                context.close()

    def _draw(self, context: BrowserContext, shot: Shot, width: int, height: int) -> None:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        answer = page.goto(self.house.url + shot.path.format(**self.places))
        assert answer
        if answer.status != shot.status:
            errors.append(f"answered {answer.status}")
        page.wait_for_load_state("networkidle") if "api" in shot.name else page.wait_for_timeout(350)
        if shot.act:
            shot.act(page)
            page.wait_for_timeout(350)
        wanted = min(max(height, page.evaluate(HEIGHT)), TALLEST)
        page.set_viewport_size({"width": width, "height": wanted})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.screenshot(path=self.out / f"{shot.name}-{width}-{theme}.png")
        errors += page.evaluate(FINDINGS, width == PHONE)
        self.findings += [f"{shot.name}-{width}: {words}" for words in dict.fromkeys(errors)]

    def _sign_in(self, who: str) -> object:
        if who not in self.signed_in:
            context = self.browser.new_context()
            page = context.new_page()
            page.goto(f"{self.house.url}/account/login/")
            page.fill("[name=login]", f"{who}@{PEOPLE.get(who, 'sea')}.example")
            page.fill("[name=password]", self.password)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            self.signed_in[who] = context.storage_state()  # type: ignore[assignment]
            context.close()
        return self.signed_in[who]


def setup_link(house: OpenHotel) -> str:
    """Return the address of the first run that the start printed."""
    found = eventually(lambda: re.search(r"(/setup/\S+)", house.said.read_text()), 60)
    link: str = found.group(1)
    return link


def check_list(house: OpenHotel) -> None:
    """Stop if a page of the URL conf is in neither list."""
    enter(house)
    from django.urls import get_resolver

    if wrong := missed(set(routes_of(get_resolver()))):
        sys.exit(f"Name these in {Path(__file__).name}, as a picture or with the reason for none: {sorted(wrong)}")


def read_in(language: str) -> None:
    """Let everybody of the house read `language`."""
    from pms.accounts.models import User

    User.objects.update(locale=language)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("screenshots"), metavar="DIR")
    parser.add_argument("--only", default="", metavar="NAME")
    parser.add_argument("--language", default="en", metavar="de")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Path(folder), "--sandbox") as house,
        chromium() as browser,
    ):
        check_list(house)
        camera = Camera(browser, house, options)
        camera.places["setup"] = setup_link(house)
        camera.take(FIRST)
        day: Day = live_a_day(house)
        camera.places |= day.places
        camera.password = day.password
        read_in(options.language)
        camera.take(BEFORE)
        day.close(house)
        camera.take(AFTER)
    for finding in camera.findings:
        print(finding)
    sys.exit(bool(camera.findings))


if __name__ == "__main__":
    main()
