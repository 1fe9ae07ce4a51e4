"""What the acts of the audit log are called, and which of its words stand for something else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

# Slot: what upper apps keep from readers without a right of theirs.
PERSONAL = "personal_rows"
# Slot: where a row has its page. A provider is called without arguments and returns (model, name of the address); the
# address takes the hotel's code and the row's key, the entry's right is what its page asks for.
PLACES = "audit_places"

ACTS: dict[str, Any] = {
    "account.secured": gettext_lazy("Secured the account by mail"),
    "audit.exported": gettext_lazy("Exported the audit log"),
    "audit.values_erased": gettext_lazy("Erased personal data from the log"),
    "app.key_reused": gettext_lazy("An app of hers sent a spent key and was shut out"),
    "invoice.downloaded": gettext_lazy("Read an invoice"),
    "message.settled": gettext_lazy("Settled a message of a channel"),
    "password.changed": gettext_lazy("Changed the password"),
    "password.reset": gettext_lazy("Set a new password by mail"),
    "rates.set": gettext_lazy("Set prices"),
    "role.rights_set": gettext_lazy("Changed what a role may do"),
    "second_step.added": gettext_lazy("Added a second step"),
    "second_step.policy_set": gettext_lazy("Set who needs a second step"),
    "second_step.refused": gettext_lazy("Failed at the second step"),
    "second_step.removed": gettext_lazy("Removed a second step"),
    "second_step.renewed": gettext_lazy("Made new recovery codes"),
    "second_step.used": gettext_lazy("Passed the second step"),
    "sign_in.ended": gettext_lazy("Signed out"),
    "sign_in.linked": gettext_lazy("Signed in with a provider for the first time"),
    "sign_in.unlinked": gettext_lazy("Untied from providers of sign-ins"),
    "sign_in.new_device": gettext_lazy("Came with a new device"),
    "sign_in.refused": gettext_lazy("Failed to sign in"),
    "sign_in.succeeded": gettext_lazy("Signed in"),
    "support.allowed": gettext_lazy("Set whether support may act here"),
    "support.began": gettext_lazy("Began to act as support for"),
    "support.ran_out": gettext_lazy("The time was over for the visit of support for"),
    "support.ended": gettext_lazy("Ended the visit of support for"),
}
SWITCHES = {"True": pgettext_lazy("a switch", "yes"), "False": pgettext_lazy("a switch", "no")}
# Digests, ciphers and the like: that they changed is all they say.
UNREADABLE = re.compile(r"sha256|hash|digest|fingerprint|signature|^pdf$|^logo$")
NIGHTS = re.compile(r"DateRange\(datetime\.date\((\d+), (\d+), (\d+)\), datetime\.date\((\d+), (\d+), (\d+)\)")
RANGE = re.compile(r"^\[(?P<first>\d{4}-\d\d-\d\d), ?(?P<last>\d{4}-\d\d-\d\d)\)$")


def act_words(act: str) -> str:
    """Return what an act is called: "Signed in"; one that has no words yet, as near as its code comes."""
    return str(ACTS[act]) if act in ACTS else act.replace(".", " ").replace("_", " ")


def nights_of(text: str) -> tuple[str, str] | None:
    """Return the first and last day (ISO) of a range of nights as the log keeps it."""
    if found := NIGHTS.search(text):
        year, month, day, *last = map(int, found.groups())
        return f"{year:04}-{month:02}-{day:02}", "{:04}-{:02}-{:02}".format(*last)
    found = RANGE.match(text)
    return (found["first"], found["last"]) if found else None


def plain_words(text: str, called: Callable[[str], str] = str) -> str | None:
    """Return a switch ("True") or a list ("['sea', 'quiet']") as a person reads it; None for anything else.

    `called` says what one value of a list is called.
    """
    if text in SWITCHES:
        return str(SWITCHES[text])
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return ", ".join(_band(one) if isinstance(one, dict) else called(str(one)) for one in found) or "–"


def _band(facts: Mapping[str, Any]) -> str:
    """Return an age group as its form writes it; anything else by its values."""
    if facts.keys() >= {"name", "from", "to"}:
        return f"{facts['name']} {facts['from']}–{facts['to']}"
    return " ".join(str(value) for value in facts.values())


def hidden_words() -> str:
    """Return what stands for a value that nobody can read."""
    return _("changed")
