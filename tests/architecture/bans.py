"""What Python code of the house must not do, and what to do instead. Each ban is one function over a syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import house

Finder = Callable[[ast.Module, str], Iterator[int]]


@dataclass(frozen=True)
class Ban:
    """One ban: where it does not apply (a pattern of paths, its one home) and what to do instead."""

    name: str
    find: Finder
    instead: str
    home: str = r"$^"

    def offences(self, path: str, source: str, tree: ast.Module) -> list[str]:
        """Return each offence in the file as path:line."""
        if re.search(self.home, path):
            return []
        return [f"{path}:{line}" for line in self.find(tree, source)]


def calls(*names: str) -> Finder:
    """Find calls of a function or method with one of these last names."""

    def find(tree: ast.Module, _source: str) -> Iterator[int]:
        for node in house.nodes_of(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) in names:
                yield node.lineno

    return find


def uses(*names: str) -> Finder:
    """Find any use of a name or attribute, called or not."""

    def find(tree: ast.Module, _source: str) -> Iterator[int]:
        for node in house.nodes_of(tree):
            if isinstance(node, ast.Name | ast.Attribute) and _last_name(node) in names:
                yield node.lineno

    return find


def imports(*names: str) -> Finder:
    """Find imports of one of these names."""

    def find(tree: ast.Module, _source: str) -> Iterator[int]:
        for node in house.nodes_of(tree):
            if isinstance(node, ast.ImportFrom | ast.Import) and any(alias.name in names for alias in node.names):
                yield node.lineno

    return find


def saves(tree: ast.Module, _source: str) -> Iterator[int]:
    """Find rows or forms that are saved; mails of allauth are "saved" with the request and mean something else."""
    for node in house.nodes_of(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) == "save" and not node.args:
            yield node.lineno
    yield from calls("bulk_create", "bulk_update", "get_or_create", "update_or_create")(tree, _source)


def wall_clock(tree: ast.Module, _source: str) -> Iterator[int]:
    """Find the server's day or its naive clock: neither is the hotel's."""
    for node in house.nodes_of(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        verb, owner = node.func.attr, node.func.value
        naive = verb in {"now", "utcnow", "today"} and _last_name(owner) in {"datetime", "date"}
        day_of_now = verb == "date" and isinstance(owner, ast.Call) and _last_name(owner.func) in {"now", "localtime"}
        in_hotels_zone = any(word.arg == "timezone" for call in (node, owner) for word in getattr(call, "keywords", ()))
        if naive or ((verb == "localdate" or day_of_now) and not in_hotels_zone):
            yield node.lineno


def float_near_money(tree: ast.Module, source: str) -> Iterator[int]:
    """Find binary fractions in modules that handle amounts: 0.1 + 0.2 is not 0.3 there."""
    handles_money = re.search(r"\b(Decimal|MoneyField|quantize|core\.money)\b", source) is not None
    for node in house.nodes_of(tree):
        column = isinstance(node, ast.Attribute | ast.Name) and _last_name(node) == "FloatField"
        named = isinstance(node, ast.Name) and node.id == "float"
        written = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if isinstance(node, ast.expr) and (column or (handles_money and (named or written))):
            yield node.lineno


def tables(tree: ast.Module, _source: str) -> Iterator[int]:
    """Find uses of imported models for more than types and choices: asking or changing tables."""
    models = {
        alias.asname or alias.name
        for node in house.nodes_of(tree)
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("django.")
        for alias in node.names
        if "models" in (node.module or "").split(".") or (alias.name == "models" and node.level)
    }
    harmless = {id(part) for root in _types_and_choices(tree) for part in ast.walk(root)}
    for node in house.nodes_of(tree):
        if isinstance(node, ast.Name) and node.id in models and id(node) not in harmless:
            yield node.lineno


def _types_and_choices(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield annotations, type arguments, and attributes written like classes (`Room.Condition`)."""
    for node in house.nodes_of(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.Attribute) and node.attr[:1].isupper() and node.attr != "DoesNotExist":
            yield from [] if _last_name(node.value) == "models" else [node]
        if isinstance(node, ast.Call) and _last_name(node.func) in {"isinstance", "cast"}:
            yield node


def swallowed(tree: ast.Module, source: str) -> Iterator[int]:
    """Find handlers for every error that neither raise again nor say why they may swallow it."""
    handlers = [node for node in house.nodes_of(tree) if isinstance(node, ast.ExceptHandler)]
    comments = house.comments_of(source) if handlers else {}
    for node in handlers:
        caught = {_last_name(part) for part in ast.walk(node.type)} if node.type else {"Exception"}
        raises = any(isinstance(inner, ast.Raise) for statement in node.body for inner in ast.walk(statement))
        explained = any(line in comments for line in range(node.lineno - 1, node.body[0].lineno + 1))
        if caught & {"Exception", "BaseException"} and not raises and not explained:
            yield node.lineno


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


NO_EDGE = r"^pms/|^(?!.*/(views|api|tasks|webhooks)(/|\.py$))"
BANS = (
    Ban(
        "objects",
        uses("objects", "_default_manager", "_base_manager"),
        "Ask a selector for rows and a service for a change; only models, selectors, services and the admin speak to "
        "the tables (docs/architecture.md 3):",
        # The tables of tax rates are read where taxes are computed: quotes and folios share that one module.
        home=r"^pms/|/(models|selectors|services|managers)(/|\.py$)|/admin(_scope)?\.py$|^properties/taxes\.py$",
    ),
    Ban(
        "tables",
        tables,
        "A view, API, task or webhook knows models as types and choices only: ask a selector, call a service "
        "(docs/architecture.md 3):",
        home=NO_EDGE,
    ),
    Ban(
        "save",
        saves,
        "A view, API, task or webhook changes nothing itself (form.save() included): call the service:",
        home=NO_EDGE,
    ),
    Ban(
        "mail",
        calls("send_mail", "send_mass_mail", "mail_admins", "mail_managers", "EmailMessage", "EmailMultiAlternatives"),
        "Send mail through the one place that does (pms/core/mail.py), after the commit and from a receiver:",
        home=r"^pms/core/mail\.py$",
    ),
    Ban(
        "group_send",
        calls("group_send", "get_channel_layer"),
        "Announce by saving a watched row or by publish(); the hub tells the pages after the commit "
        "(docs/adr/0012-hub-kicks-by-personal-hints.md):",
    ),
    Ban(
        "celery",
        calls("delay", "apply_async", "send_task"),
        "Publish an event and react in an @after receiver: a task that is queued by hand is lost when the broker "
        "restarts and runs even if the transaction fails. Only the bell rings Celery:",
        home=r"^pms/events/bell\.py$",
    ),
    Ban(
        "clock",
        wall_clock,
        "Use hotel.business_date for the accounting day, hotel.local_now() for the wall clock of the hotel, "
        "timezone.now() for a moment (docs/adr/0008-business-date-instead-of-today.md):",
    ),
    Ban(
        "float",
        float_near_money,
        "Use Decimal and pms.core.money (amounts as text: Decimal('0.1')):",
    ),
    Ban(
        "swallowed",
        swallowed,
        "Catch the error you expect, raise again, or say in a comment on that line or the next why any error may end "
        "here:",
    ),
    Ban(
        "mark_safe",
        uses("mark_safe", "SafeString", "SafeText"),
        "Use format_html, which escapes what it is given; text of guests must never become markup:",
        home=r"^pms/(core/templatetags/ui|live/templatetags/live)\.py$",
    ),
    Ban(
        "csrf_exempt",
        imports("csrf_exempt"),
        "Only webhooks, whose calls are signed, may do without the CSRF token:",
        home=r"/webhooks(\.py$|/)|^pms/api/views\.py$",  # there: the answer to addresses of the API nobody serves
    ),
    Ban(
        "print",
        calls("print", "pprint"),
        "Log with structlog; a command writes to self.stdout:",
    ),
)
