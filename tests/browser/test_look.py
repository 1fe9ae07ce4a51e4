"""The parts of the interface, drawn in the frame by a real Chromium: readable for everybody, and within the policy."""

from __future__ import annotations

import mimetypes
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from csp.constants import NONCE
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Browser, Page, Route

from bench.findings import of_reading
from pms.core.templatetags import ui

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
GALLERY = Path(__file__).parent / "gallery" / "parts.html"
HOUSE = "http://house.test"
WIDTHS = [1280, 820, 390]
NAV = [("today", "concierge-bell", 6, "amber"), ("plan", "chart-gantt", 0, ""), ("rooms", "brush-cleaning", 24, "")]


class StayForm(forms.Form):
    guest = forms.CharField(label="Guest", help_text="As on the passport")
    mail = forms.EmailField(label="E-mail")
    plan = forms.ChoiceField(label="Rate plan", choices=[("a", "Bed & breakfast")], required=False)
    pay = forms.ChoiceField(label="Guarantee", choices=[("c", "Card"), ("l", "Link")], widget=forms.RadioSelect)
    send = forms.BooleanField(label="Send confirmation", help_text="In the guest's language", required=False)
    step = forms.BooleanField(label="Inspect", required=False, widget=forms.CheckboxInput(attrs={"role": "switch"}))
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    photo = forms.FileField(label="Photo", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("Anna changed the stay a moment ago. Nothing was saved.")


def _shell() -> dict[str, Any]:
    hotel = {"code": "LIN", "name": "Hotel Lindenhof", "accent_hue": 210}
    hotel["day"] = {"pk": "lindenhof", "business_date": date(2026, 3, 14), "local_date": date(2026, 3, 15)}
    nav = [
        {"code": code, "label": code.title(), "icon": icon, "url": f"/{code}/", "count": count, "tone": tone}
        | {"primary": True, "current": code == "today", "key": code[0]}
        for code, icon, count, tone in NAV
    ]
    user = {"display_name": "Hugo Becker", "initials": "HB", "role_label": "Front desk"}
    return {"hotel": hotel, "hotels": [hotel, hotel], "nav": nav, "user": user, "unread": 4, "menu": [], "live_url": ""}


def _draw(template: str | Path) -> str:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request.csp_nonce = "look"  # type: ignore[attr-defined]
    if isinstance(template, str):
        return render_to_string(template, {}, request)
    context = {
        "shell": _shell(),
        "form": StayForm({"guest": "Helene Brandt", "mail": "x", "pay": "c"}),
        "amount": Decimal("1234.5"),
        "minus": Decimal(-17),
        "now": datetime(2026, 3, 14, 14, 21, tzinfo=UTC),
        "ways": [{"label": "Tell housekeeping", "hx_post": "/x/"}, {"label": "Choose another room", "url": "#"}],
        "statuses": list(ui.status_looks()),
        "conditions": list(ui.condition_looks()),
    }
    return str(engines["django"].from_string(template.read_text()).render(context, request))


def _policy() -> str:
    directives: Any = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(
        " ".join([name, *("'nonce-look'" if source == NONCE else str(source) for source in sources)])
        for name, sources in directives.items()
    )


def _serve(route: Route, html: str) -> None:
    path = route.request.url.removeprefix(HOUSE)
    if not path.startswith("/static/"):
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": _policy()})
        return
    file = ROOT / "static" / path.removeprefix("/static/").split("?")[0]
    route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")


def _open(browser: Browser, html: str, *, width: int = 1280, theme: str = "light") -> tuple[Page, list[str]]:
    phone = width < 700
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        is_mobile=phone,
        has_touch=width < 900,
        reduced_motion="reduce",
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.route("**/*", lambda route: _serve(route, html))
    page.goto(HOUSE)
    page.wait_for_load_state("networkidle")
    return page, troubles


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_part_is_readable_within_the_policy(browser: Browser, width: int, theme: str) -> None:
    page, troubles = _open(browser, _draw(GALLERY), width=width, theme=theme)

    assert of_reading(page) == []
    assert troubles == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_pages_that_went_wrong_still_look_right(browser: Browser, name: str) -> None:
    page, troubles = _open(browser, _draw(name), width=390)

    assert of_reading(page) == []
    assert troubles == []
    page.context.close()


def test_the_sprite_is_seen_and_the_modules_start(browser: Browser) -> None:
    page, _ = _open(browser, _draw(GALLERY))

    drawn = page.evaluate("document.querySelector('.topbar .bell use').getBoundingClientRect().width")
    page.keyboard.press("Control+k")

    assert drawn > 0
    assert page.locator("#palette").is_visible()
    page.keyboard.type("ro")
    assert page.locator("#palette-list [role=option]:visible").all_inner_texts() == ["Rooms\nR"]
    page.context.close()


def test_a_refused_form_puts_the_focus_on_its_first_wrong_field(browser: Browser) -> None:
    page, _ = _open(browser, _draw(GALLERY))

    assert page.evaluate("document.activeElement.name") == "mail"
    page.context.close()


def test_a_blocked_act_does_nothing_but_show_its_reason(browser: Browser) -> None:
    page, _ = _open(browser, _draw(GALLERY))

    page.locator("[aria-disabled=true]").first.click(force=True)

    assert page.evaluate("document.activeElement.textContent") == "Tell housekeeping"
    page.context.close()


def test_a_refusal_is_said_in_words_above_an_open_dialog(browser: Browser) -> None:
    page, _ = _open(browser, _draw(GALLERY))

    page.keyboard.press("Control+k")
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {detail: {text: 'No', tone: 'red'}, bubbles: true}))"
    )

    assert page.locator("#palette #toasts .toast-text").inner_text() == "No"
    page.keyboard.press("Escape")
    assert page.locator("body > #toasts .toast-text").inner_text() == "No"
    page.context.close()


def test_the_theme_is_remembered_before_the_next_paint(browser: Browser) -> None:
    page, _ = _open(browser, _draw(GALLERY))

    page.click(".me summary")
    page.click(".me [data-theme-set=dark]")
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.context.close()
