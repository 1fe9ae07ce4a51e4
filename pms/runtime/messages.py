"""`manage.py messages`: finds every text of the house and keeps the catalogues of `locale/` in step with them.

A machine without the gettext programs will do: Babel finds the texts and writes the files (docs/translation.md).
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog as BabelCatalog
from babel.messages.catalog import Message
from babel.messages.extract import extract as find
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from .console import Refusal, say
from .root import ROOT

LOCALE = ROOT / "locale"
ELSEWHERE = {"tests", "bench", "static", "staticfiles", "node_modules", "docs", "locale", "migrations", "__pycache__"}
# What Babel does not look for by itself; the figures are the places of context, one and many.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEAD = "# Kept in step by `manage.py messages`; terms, tone and how to: docs/translation.md."


class Catalog(BabelCatalog):
    """A catalogue whose head tells no day and no tool, so that it changes with its texts and with nothing else."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # read-only here
        """Return what the readers of a catalogue need to know."""
        head = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]
        return [*head, ("Language", str(self.locale)), ("Plural-Forms", self.plural_forms)]


def main(arguments: list[str]) -> int:
    """Bring all catalogues in step and say what is left to translate; with `--check` write nothing, 1 if they lag."""
    if set(arguments) - {"--check"}:
        raise Refusal("Usage: manage.py messages [--check]")
    texts, red = extract(), False
    for language in languages():
        before = read(language)
        after = in_step(before, texts)
        if "--check" in arguments:
            lags = files_of(after) != files_on_disk(language)
            red = red or lags or bool(open_in(after))
            state = "not in step" if lags else "in step"
        else:
            state = write(language, after)
        say(f"{language}: {len(after)} texts, {len(open_in(after))} to translate, {state}")
    return int(red)


def languages() -> list[str]:
    """Return the languages that have a catalogue; a new one begins with its empty folder `locale/<language>`."""
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


# --- Finding the texts ------------------------------------------------------------------------------------------------


def extract() -> Catalog:
    """Return every text that the code and the templates give to gettext, with the files it stands in."""
    texts = Catalog()
    for path in _sources():
        name = path.relative_to(ROOT).as_posix()
        try:
            source = path.read_text()
            if path.suffix == ".py":
                source += _inside_f_strings(source)
            else:
                # In brackets, because the indentation of a page is none of Python.
                source = f"(\n{templatize(source, origin=str(path))}\n)"
            found = list(find("python", io.BytesIO(source.encode()), KEYWORDS))
        except (SyntaxError, ValueError, OSError) as error:
            raise Refusal(f"The texts of {name} could not be read: {error}. Nothing was written.") from error
        for _line, message, _comments, context in found:
            texts.add(message, locations=[(name, 1)], context=context)
    return texts


def _inside_f_strings(source: str) -> str:
    """Return the calls that stand inside f-strings as lines of their own: the finder reads tokens and sees none."""
    strings = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr))
    calls = (node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call))
    return "".join(f"\n{ast.unparse(call)}" for call in calls)


def _sources() -> Iterator[Path]:
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in ELSEWHERE:
            for path in sorted(folder.rglob("*")):
                inside = set(path.relative_to(ROOT).parts)
                is_template = path.suffix in {".html", ".txt"} and "templates" in inside
                if (path.suffix == ".py" or is_template) and not ELSEWHERE & inside:
                    yield path


# --- The files --------------------------------------------------------------------------------------------------------


def read(language: str) -> BabelCatalog:
    """Return the catalogue as it stands in `django.po`; an empty one if there is none yet."""
    path = _folder(language) / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def in_step(catalog: BabelCatalog, texts: Catalog) -> Catalog:
    """Return `catalog` with exactly `texts`: what is new is empty, what is gone is kept aside, nothing is guessed."""
    after = Catalog(locale=catalog.locale, header_comment=HEAD, fuzzy=False)
    known = {_key(message): message for message in (*catalog.obsolete.values(), *catalog) if message.id}
    for text in texts:
        if text.id:
            # A text that lost or gained its plural is another text: half a translation would be a wrong one.
            old = known.pop(_key(text), None)
            string = old.string if old and isinstance(old.id, str) == isinstance(text.id, str) else ""
            after.add(text.id, string, text.locations, flags=text.flags, context=text.context)
    for (context, _id), message in sorted(known.items(), key=lambda item: (item[0][1], item[0][0] or "")):
        if any(_forms(message)):
            after.obsolete[f"{context}\x04{_id}"] = message
            message.locations = []
    return after


def open_in(catalog: BabelCatalog) -> list[Message]:
    """Return the texts that lack a translation, or one of its forms."""
    return [message for message in catalog if message.id and (message.fuzzy or not all(_forms(message)))]


def write(language: str, catalog: Catalog) -> str:
    """Write `django.po` and `django.mo`; return whether they changed, for people."""
    before, files = files_on_disk(language), files_of(catalog)
    for name, content in files.items():
        path = _folder(language) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return "unchanged" if before == files else "written"


def files_of(catalog: Catalog) -> dict[str, bytes]:
    """Return the two files of a catalogue: for people, and for the server."""
    for_people, for_server = io.BytesIO(), io.BytesIO()
    write_po(for_people, catalog, sort_output=True, include_lineno=False, width=0)
    write_mo(for_server, catalog)
    return {"django.po": for_people.getvalue(), "django.mo": for_server.getvalue()}


def files_on_disk(language: str) -> dict[str, bytes]:
    """Return the two files as they stand; an absent one is left out."""
    paths = (_folder(language) / name for name in ("django.po", "django.mo"))
    return {path.name: path.read_bytes() for path in paths if path.exists()}


def _folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
