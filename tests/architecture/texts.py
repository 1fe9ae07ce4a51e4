"""Finds words that a person reads and that no catalogue can translate: in templates, in refusals, in forms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# --- Templates --------------------------------------------------------------------------------------------------------

TRANSLATED = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
SILENT = re.compile(
    r"\{#.*?#\}|\{% comment.*?\{% endcomment %\}|\{% block (?:\w+_attrs|\w+_class) %\}.*?\{% endblock %\}"
    r"|<(script|style|svg|code|kbd)\b.*?</\1>|<!doctype[^>]*>|<!--.*?-->",
    re.DOTALL,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
GIVEN = re.compile(
    r'\{% include [^%]*?\b(?:label|title|text|hint|words|note)="([A-Za-z][^"]*)"|\|default:"([A-Z][a-z]+[^"]*)"'
)
READ = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-word[\w-]*)="([^"]*)"')
WORD = re.compile(r"[A-Za-z]{3}")
UNITS = {"page flush", "wide"}  # classes that a block names


def words_of_template(path: Path) -> list[str]:
    """Return the texts of a template that stand outside `{% translate %}` and `{% blocktranslate %}`."""
    bare = SILENT.sub("", path.read_text())
    given = [one or other for one, other in GIVEN.findall(bare)]
    bare = TAG.sub("\0", TRANSLATED.sub("\0", bare))
    shown = re.split(r"[\0\n]", re.sub(r"<[^>]*>", "\n", bare))
    found = given + READ.findall(bare) + [text.strip() for text in shown]
    return [text for text in found if WORD.search(text) and text not in UNITS]


# --- Code -------------------------------------------------------------------------------------------------------------

# What only a program can do wrong is said in English, beside a code that never changes (docs/errors.md).
FOR_PROGRAMS = {
    "CursorExpired", "CursorInvalid", "EpochChanged", "InProgress", "InsufficientScope", "KeyRequired", "KeyReused",
    "UnknownParameter", "UnknownScope", "Unreadable", "VersionRequired", "WrongCurrency", "ReasonMissing",
}  # fmt: skip
ASIDE = {"success", "warning", "error", "info"}  # of django.contrib.messages; a log has them too
NAMING = {"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label"}


def errors_of(trees: dict[Path, ast.Module]) -> set[str]:
    """Return the names of all refusals in these files: `DomainError` and what descends from it."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"DomainError", "ValidationError"}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return found - FOR_PROGRAMS


def words_of_code(tree: ast.Module, errors: set[str], *, forms: bool) -> Iterator[str]:
    """Yield the sentences of refusals and messages that do not go through gettext; with `forms` labels as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in errors:
            inits = (one for one in ast.walk(node) if isinstance(one, ast.Call) and _name(one) == "__init__")
            yield from (text for one in inits for text in _sentences(one.args))
        elif isinstance(node, ast.Call):
            if _name(node) in errors or (_name(node) in ASIDE and ast.unparse(node.func).startswith("messages.")):
                yield from _sentences([*node.args, *(word.value for word in node.keywords if word.arg == "message")])
            elif forms:
                yield from _sentences([word.value for word in node.keywords if word.arg in NAMING], whole=False)


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _sentences(values: list[ast.expr], *, whole: bool = True) -> Iterator[str]:
    for value in values:
        text = _literal(value)
        if (WORD.search(text) and " " in text.strip() and not text[0].islower()) or (not whole and WORD.search(text)):
            yield text


def _literal(value: ast.expr) -> str:
    """Return the text of a literal, also of one that is put together; nothing for what is called or named."""
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in value.values)
    if isinstance(value, ast.BinOp):
        return _literal(value.left)
    if isinstance(value, ast.BoolOp | ast.IfExp):
        parts = value.values if isinstance(value, ast.BoolOp) else [value.body, value.orelse]
        return next((text for part in parts if (text := _literal(part))), "")
    return ""
