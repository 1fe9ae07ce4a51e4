"""The pages that are photographed: who looks at which address and what is opened there; and what has no picture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page


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


def role_head(page: Page) -> None:
    """Open a role by the head of its column; a phone shows one column at a time."""
    if page.locator("#role-shown").is_visible():
        page.locator("#role-shown").select_option("front_desk")
    page.locator(".matrix thead [data-role='front_desk'] button").click()
    page.wait_for_selector("#dialog[open]")


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


def find(page: Page) -> None:
    """Look for a room in the command palette."""
    palette(page)
    page.keyboard.type("101")
    page.wait_for_selector("#palette-list [role=option]:visible")
    page.wait_for_timeout(800)


def told(page: Page) -> None:
    """Open the history of a row."""
    page.locator("details.history summary").click()
    page.wait_for_selector("details.history .told > *")


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


def archived(adding: str, **fields: str) -> Callable[[Page], None]:
    """Return an act that adds a row and archives it, unless that was done for another picture, and unfolds it."""

    def act(page: Page) -> None:
        here, name = page.url, next(iter(fields.values()))
        if not page.locator("details.archived").filter(has_text=name).count():
            page.goto(f"{here.rstrip('/').removesuffix('/house').removesuffix('/rooms')}/{adding}/add/")
            for field, value in fields.items():
                page.fill(f"[name={field}]", value)
            page.locator("main form button[type=submit]").first.click()
            page.goto(here)
            page.locator("main a").filter(has_text=name).first.click()
            page.locator("button[form=archive]").click()
            page.wait_for_selector("details.archived")
        page.locator("details.archived summary").first.click()

    return act


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
    Shot("palette-found", "properties:find_anything", f"{H}/", "hugo", find),
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
    Shot("reservation-guest", "reservations:change_guest", STAY, "hugo", press("^ *Correct")),
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
    Shot("closed-rooms", "reservations:list_closed_rooms", f"{H}/closed-rooms/", "anna"),
    Shot("staff", "properties:list_staff", f"{H}/staff/", "olga"),
    Shot("staff-add", "properties:add_staff", f"{H}/staff/add/", "olga"),
    Shot("staff-one", "properties:change_staff", f"{H}/staff/{{member}}/", "olga"),
    Shot("staff-history", "properties:show_history", f"{H}/staff/{{member}}/", "olga", told),
    Shot("roles", "properties:list_roles", f"{H}/staff/roles/", "olga"),
    Shot("roles-one", "properties:open_role", f"{H}/staff/roles/", "olga", role_head),
    Shot("roles-new", "properties:add_role", f"{H}/staff/roles/", "olga", press("New role")),
    Shot("hotel-settings", "properties:change_hotel", f"{H}/settings/", "olga"),
    Shot("hotel-sign-in", "properties:change_sign_in", f"{H}/settings/sign-in/", "olga"),
    Shot("hotel-copy", "properties:copy_hotel", f"{H}/settings/copy/", "olga"),
    Shot("house", "properties:open_house", f"{H}/house/", "anna"),
    Shot("house-archived", "properties:open_house", f"{H}/house/", "anna", archived("sections", name="Old wing")),
    Shot("house-room-type-new", "properties:add_room_type", f"{H}/room-types/add/", "anna"),
    Shot("house-room-type", "properties:change_room_type", f"{H}/room-types/{{roomtype}}/", "anna", told),
    Shot("house-building-new", "properties:add_building", f"{H}/buildings/add/", "anna"),
    Shot("house-floor", "properties:change_floor", f"{H}/floors/{{floor}}/", "anna"),
    Shot("house-section", "properties:change_section", f"{H}/sections/{{section}}/", "anna"),
    Shot("house-feature", "properties:change_feature", f"{H}/features/{{feature}}/", "anna"),
    Shot("room-new", "properties:add_room", f"{H}/rooms/add/", "anna"),
    Shot("room", "properties:change_room", f"{H}/rooms/{{room}}/", "anna"),
    Shot("rooms-archived", "properties:list_rooms", f"{H}/rooms/", "anna", archived("rooms", number="199")),
    Shot("room-import", "properties:import_rooms", f"{H}/rooms/import/", "anna"),
    Shot("guide-hotel", "properties:setup_step", f"{H}/setup/hotel/", "olga"),
    Shot("guide-rooms", "properties:setup_step", f"{H}/setup/rooms/", "olga"),
    Shot("guide-taxes", "properties:setup_step", f"{H}/setup/taxes/", "olga"),
    Shot("guide-people", "properties:setup_step", f"{H}/setup/people/", "olga"),
    Shot("guide-done", "properties:open_setup", f"{H}/setup/", "olga"),
    Shot("programs", "properties:list_api_clients", f"{H}/api-clients/", "olga"),
    Shot("program-new", "properties:add_api_client", f"{H}/api-clients/add/", "olga"),
    Shot("audit-log", "properties:list_audit", f"{H}/audit/", "olga"),
    Shot("background-work", "properties:list_work", f"{H}/background/", "anna"),
    Shot("account-email", "account_email", "/account/email/", "hugo"),
    Shot("account-password", "account_change_password", "/account/password/change/", "hugo"),
    Shot("account-language", "account_language", "/account/language/", "hugo"),
    Shot("account-second-step", "mfa_index", "/account/2fa/", "hugo"),
    Shot("account-second-step-on", "mfa_activate_totp", "/account/2fa/totp/activate/", "hugo"),
    Shot("account-passkey", "mfa_add_webauthn", "/account/2fa/webauthn/add/", "hugo"),
    Shot("account-proved", "account_proved", "/account/proved/", "hugo"),
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
LAST = [Shot("second-step", "account_second_step", "/account/second-step/", "olga")]
FIRST = [Shot("first-run", "properties:set_up", "{setup}")]

# What the URL conf holds beside pages to look at, and why there is no picture of it.
NO_PAGES = {
    "an act or a piece that its page shows": """
        properties:mark_room properties:unmark_room properties:remove_staff properties:show_work_now
        properties:preview_roles properties:change_roles properties:undo_roles properties:rename_role
        properties:archive_role properties:reset_role properties:sign_out_staff properties:disable_staff
        properties:enable_staff properties:undo_staff reservations:undo_notes reservations:undo_guest
        properties:resend_invitation properties:revoke_invitation properties:end_support
        properties:add_photos properties:change_photo properties:order_photos properties:remove_photo
        properties:change_logo properties:cancel_job reservations:change_closed_room reservations:end_closed_room
        properties:plan_room_type properties:archive_room properties:restore_room properties:archive_room_type
        properties:archive_building properties:archive_floor properties:archive_section properties:archive_feature
        properties:restore_room_type properties:restore_building properties:restore_floor properties:restore_section
        properties:restore_feature
        account_end_session mfa_login_webauthn properties:verify_audit properties:replay_work
        properties:replay_lane properties:discard_work housekeeping:mark_room
        housekeeping:unmark_room notifications:read_all notifications:open_notification folios:post_charge
        folios:take_payment folios:undo_posting folios:resume_audit reservations:choose_guest
        reservations:unassign_room reservations:assign_room reservations:check_in reservations:undo_check_in
        reservations:undo_check_out reservations:room_plan_rows channel_manager:go_live
        channel_manager:suspend_connection channel_manager:sync_connection channel_manager:test_connection
        channel_manager:retry_message channel_manager:settle_message properties:revoke_api_client
        identity:revoke_app""",
    "only for a program that was let in before, or on its way back to an app": """
        properties:rotate_api_client identity:authorize api:jobs api:job api:cancel_job""",
    "only where a provider is set": "openid_start openid_prove openid_back",
    "only by a link that was mailed": "properties:open_invitation account_not_me",
    "only for support, where the hotel allows it": "properties:begin_support",
    "one form draws every row of the house": """
        properties:change_building properties:add_floor properties:add_section properties:add_feature""",
    "only for an owner of several hotels": "properties:copy_roles",
    "asked only some minutes after the sign-in": "account_prove",
    "leads on to another page": "properties:open_home properties:open_hotel",
    "a file": """
        properties:show_photo properties:show_logo folios:download_invoice properties:export_audit
        mfa_download_recovery_codes api:openapi""",
    "for machines": "healthz readyz metrics identity:token identity:revoke",
    "only with a second step, a mail or a code; drawn by the same templates": """
        account_set_password account_confirm_email account_email_verification_sent account_confirm_login_code
        mfa_authenticate mfa_reauthenticate mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes
        mfa_list_webauthn mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn""",
}
# The administration draws itself; one index, one list and one form stand for it. The API has its documentation.
DRAWN_ELSEWHERE = re.compile(r"admin:|\w+_api:|api:(events|\w*_?clients?)$|-$")


def missed(routes: set[str]) -> set[str]:
    """Return what is wrong with the list of pages: routes it does not know, and names that are no routes."""
    listed = {shot.route for shot in [*FIRST, *BEFORE, *AFTER, *LAST]} | set(" ".join(NO_PAGES.values()).split())
    return {name for name in routes - listed if not DRAWN_ELSEWHERE.match(name)} | (listed - routes)


def routes_of(resolver: object, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of all routes with their name spaces."""
    from django.urls.resolvers import URLResolver

    for one in resolver.url_patterns:  # type: ignore[attr-defined]
        if isinstance(one, URLResolver):
            yield from routes_of(one, (*above, *([one.namespace] if one.namespace else [])))
        else:
            yield ":".join((*above, one.name or "-"))
