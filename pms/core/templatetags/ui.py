"""Template tags of the interface: icons, the import map, and how sums, days and form fields are written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import widgets
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext

from pms.core.countries import country_name
from pms.core.money import minor_digits, quantize

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.template import Context

register = template.Library()

# Only signs that no second currency of a hotel's desk shares; all others show their code.
SIGNS: Final[Mapping[str, str]] = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹", "ILS": "₪", "TRY": "₺"}
# Where the sign stands before the figure; elsewhere it follows after a space that does not break.
SIGN_FIRST: Final = frozenset({"en", "he", "ja", "ko", "nl", "tr", "zh"})
MINUS: Final = "\N{MINUS SIGN}"
NO_BREAK: Final = "\N{NO-BREAK SPACE}"


# --- Icons and scripts ----------------------------------------------------------------------------------------------


@register.simple_tag
@lru_cache(maxsize=1024)  # a page has hundreds; where the sprite lies is known when the process starts
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: the word stands beside it or in `hidden-visually`."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def import_map(context: Context) -> SafeString:
    """Our script modules by name (`pms/toasts`), so that they find each other under hashed file names.

    An import map cannot be loaded from a file, hence the nonce. Without a request (the page for a crash) it carries
    none and the browser ignores it: that page works without scripts.
    """
    imports = {f"pms/{name}": static(f"js/{name}.js") for name in _modules()}
    # "</" inside a script element would end it; JSON allows the escaped slash.
    text = json.dumps({"imports": imports}, indent=None, separators=(",", ":")).replace("</", "<\\/")
    nonce = getattr(context.get("request"), "csp_nonce", "")
    return format_html('<script type="importmap" nonce="{}">{}</script>', str(nonce), mark_safe(text))  # noqa: S308


def _modules() -> Iterable[str]:
    # While developing, a new file counts at once; otherwise the folder is read once per process.
    return _list_modules() if settings.DEBUG else _cached_modules()


@cache
def _cached_modules() -> tuple[str, ...]:
    return _list_modules()


def _list_modules() -> tuple[str, ...]:
    # What was collected, where files carry hashes: a script that came after the start has no address yet.
    collected = getattr(staticfiles_storage, "hashed_files", None)
    if collected:
        ours = (Path(name) for name in collected if name.startswith("js/"))
        return tuple(sorted(path.stem for path in ours if path.parent == Path("js") and path.suffix == ".js"))
    folder = finders.find("js")
    if not isinstance(folder, str):
        return ()
    return tuple(sorted(path.stem for path in Path(folder).glob("*.js")))


# --- Facts with one look everywhere -----------------------------------------------------------------------------------


class Look(NamedTuple):
    """The icon and the words of one state."""

    icon: str
    words: str


STATUSES = {
    "confirmed": ("calendar-check", gettext_lazy("Confirmed")),
    "due_in": ("log-in", gettext_lazy("Due in")),
    "in_house": ("key-round", gettext_lazy("In house")),
    "due_out": ("luggage", gettext_lazy("Due out")),
    "checked_out": ("log-out", gettext_lazy("Checked out")),
    "tentative": ("circle-dashed", gettext_lazy("Tentative")),
    "waitlist": ("hourglass", gettext_lazy("Waitlist")),
    "no_show": ("user-x", gettext_lazy("No-show")),
    "overbooked": ("triangle-alert", gettext_lazy("Overbooked")),
    "cancelled": ("ban", gettext_lazy("Cancelled")),
}
CONDITIONS = {
    "dirty": ("brush-cleaning", gettext_lazy("Dirty")),
    "clean": ("sparkles", gettext_lazy("Clean")),
    "inspected": ("badge-check", gettext_lazy("Inspected")),
    "touch_up": ("feather", gettext_lazy("Touch-up")),
    "out_of_order": ("construction", gettext_lazy("Out of order")),
    "out_of_service": ("circle-slash-2", gettext_lazy("Out of service")),
}


def status_looks() -> dict[str, Look]:
    """Every state of a stay, in the order of its life, in the reader's language."""
    return {status: status_look(status) for status in STATUSES}


def condition_looks() -> dict[str, Look]:
    """Every condition of a room, in the reader's language."""
    return {condition: condition_look(condition) for condition in CONDITIONS}


@register.filter
def status_look(status: str) -> Look:
    """Icon and words of a reservation's state."""
    return _look(STATUSES, status)


@register.filter
def condition_look(condition: str) -> Look:
    """Icon and words of a room's condition."""
    return _look(CONDITIONS, condition)


def _look(looks: Mapping[str, tuple[str, Any]], state: str) -> Look:
    # Only the one that is asked for is put into words: cards ask hundreds of times a second.
    sign, words = looks.get(state, ("circle-help", state))
    return Look(sign, str(words))


# --- Sums, days, names ------------------------------------------------------------------------------------------------


@register.filter
def money(amount: Decimal | int | None, currency: str = "") -> str:
    """The sum as this reader writes it, rounded half up to the currency's minor unit; nothing for None.

    Without a currency only the figure comes back, with two decimals: for a column that names its currency once.
    """
    if amount is None or amount == "":
        return ""
    places = minor_digits(currency)
    exact = quantize(Decimal(amount), currency)
    minus = MINUS if exact < 0 else ""
    figure = number_format(abs(exact), decimal_pos=places, use_l10n=True, force_grouping=True)
    if not currency:
        return f"{minus}{figure}"
    sign = SIGNS.get(currency)
    if (get_language() or "en").split("-")[0] not in SIGN_FIRST:
        return f"{minus}{figure}{NO_BREAK}{sign or currency}"
    return f"{minus}{sign}{figure}" if sign else f"{minus}{currency}{NO_BREAK}{figure}"


register.filter(country_name)


@register.filter
def day(value: date | None) -> str:
    """A day in full, of a moment the day it falls on in the zone that is active (the hotel's): Sat 14 Mar 2026."""
    return date_format(_local(value), pgettext("format of a day with its year", "D j M Y")) if value else ""


@register.filter
def short_day(value: date | None) -> str:
    """A day of this season, of a moment as `day`: Sat 14 Mar."""
    return date_format(_local(value), pgettext("format of a day without its year", "D j M")) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """The time of day in the zone that is active (the hotel's): 15:04."""
    return date_format(_local(value), pgettext("format of a time of day", "H:i")) if value else ""


def _local(value: date) -> date:
    """Return a moment as the wall clock of the active zone tells it; days and naive times stay as they are."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def initials(name: str) -> str:
    """Two letters that stand for a person: first and last word, or the first two letters of a single one."""
    words = [word for word in str(name).replace("-", " ").split() if word[0].isalnum()]
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return words[0][:2].upper() if words else "?"


@register.filter
def of_kind(items: Iterable[Any] | None, flag: str) -> list[Any]:
    """Those entries whose flag is set: `shell.nav|of_kind:"primary"`."""

    def has(item: Any) -> bool:
        return bool(item.get(flag) if isinstance(item, Mapping) else getattr(item, flag, False))

    return [item for item in items or () if has(item)]


# --- Form fields ------------------------------------------------------------------------------------------------------


@register.filter
def control_kind(field: BoundField) -> str:
    """Which frame the field needs: hidden, check, switch, options (several inputs), or plain."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, widgets.CheckboxInput):
        return "switch" if widget.attrs.get("role") == "switch" else "check"
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return "options"
    return "plain"


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's input, wearing our classes. Django adds id, aria-invalid and aria-describedby itself."""
    widget = field.field.widget
    own = str(widget.attrs.get("class", ""))
    kind = control_kind(field)
    look = {"plain": "input", "switch": "switch"}.get(kind, "")
    classes = " ".join(part for part in (look, own) if part)
    return field.as_widget(attrs={"class": classes} if classes else None)
