"""Every text goes through gettext, and the catalogues hold all of them, whole and in step (docs/translation.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from django.conf import settings

from pms.runtime import messages
from tests.architecture import house
from tests.architecture.texts import errors_of, words_of_code, words_of_template

TREES = {path: ast.parse(path.read_text()) for path in house.house_files()}
ERRORS = errors_of(TREES)
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
HELP = "run `python3 manage.py messages` and translate what it adds to locale/*/LC_MESSAGES/django.po"
# Written by and for programs: their words are part of a protocol, of a log, or of the documentation of the API.
PROTOCOLS = {"sandbox", "management", "chain", "schema.py", "serializers.py", "feed.py", "fields.py", "shapes.py"}


def named(path: Path) -> str:
    """Return the path as messages write it."""
    return house.name_of(path)


def test_every_template_speaks_through_gettext() -> None:
    # A pretended site of somebody else, and the documentation of the API, are English.
    ours = [path for path in house.templates() if "sandbox" not in path.parts and "pms" not in path.parts]

    assert {named(path): words for path in ours if (words := words_of_template(path))} == {}


def test_every_refusal_and_label_speaks_through_gettext() -> None:
    found = {}
    for path, tree in TREES.items():
        if PROTOCOLS & set(path.parts) or path.is_relative_to(house.ROOT / "pms/api"):
            continue
        words = list(words_of_code(tree, ERRORS, forms=path.stem in {"forms", "models", "admin"}))
        if words:
            found[named(path)] = words

    assert found == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<p title="Close it">{% translate "Close" %}</p>', ["Close it"]),
        ("<p>Nothing here</p>", ["Nothing here"]),
        ('{% include "x.html" with label="Rooms" only %}', ["Rooms"]),
        ('{% blocktranslate %}All <b>of it</b>{% endblocktranslate %}<kbd>Ctrl</kbd>{{ word|default:_("None") }}', []),
    ],
)
def test_control_words_in_a_template(tmp_path: Path, text: str, found: list[str]) -> None:
    (tmp_path / "a.html").write_text(text)

    assert words_of_template(tmp_path / "a.html") == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('raise NotThere("That room")', ["That room"]),
        ('raise InvalidValue(f"{name} is wrong. Nothing was saved.")', ["{} is wrong. Nothing was saved."]),
        ('messages.success(request, "It is saved.")', ["It is saved."]),
        ('forms.CharField(label="Name")', ["Name"]),
        ('raise InvalidValue(_("%s is wrong.") % name, field="name")', []),
        ('log.info("Nothing was saved.")', []),
    ],
)
def test_control_words_in_code(code: str, found: list[str]) -> None:
    assert list(words_of_code(ast.parse(code), ERRORS, forms=True)) == found


# --- The catalogues ---------------------------------------------------------------------------------------------------


def test_there_is_a_catalogue_for_each_language() -> None:
    assert messages.languages() == sorted(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_in_step_and_complete(language: str) -> None:
    after = messages.in_step(messages.read(language), messages.extract())

    assert messages.files_of(after) == messages.files_on_disk(language), HELP
    assert [message.id for message in messages.open_in(after)] == [], HELP


def holes(text: str) -> list[str]:
    """Return what is filled in: `%(name)s`, `%d`, `%%`, `{name}`, and the HTML around words."""
    braces = [] if "%" in text else [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    return sorted([*re.findall(r"%(?:\(\w+\))?[-.\d]*[a-zA-Z%]", text), *re.findall(r"<[^>]+>", text), *braces])


def wrong_holes(message: Message) -> list[str]:
    """Return the translations of `message` that fill in something else than the text itself."""
    forms = (message.id,) if isinstance(message.id, str) else message.id
    strings = (message.string,) if isinstance(message.string, str) else message.string
    # "one room" may leave the figure out where the form of many has it, in any language.
    allowed = [holes(form) for form in forms]
    return [text for text in strings if holes(text) not in allowed]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_text_does(language: str) -> None:
    catalogue = [message for message in messages.read(language) if message.id]

    assert {str(message.id): wrong for message in catalogue if (wrong := wrong_holes(message))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_its_text(language: str) -> None:
    """Spaces and line breaks join it to what stands beside."""

    def edges(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    catalogue = [message for message in messages.read(language) if isinstance(message.id, str) and message.id]

    assert [message.id for message in catalogue if edges(message.id) != edges(message.string)] == []


@pytest.mark.parametrize(
    ("text", "translation", "right"),
    [
        ("%(n)s of %(all)s", "%(all)s: %(n)s", True),
        ("%(n)s rooms", "%(m)s Zimmer", False),
        ("Room {number}", "Zimmer {nummer}", False),
        ("<b>%(n)s</b>", "%(n)s", False),
        ("100 %%", "100 %", False),
    ],
)
def test_control_holes(text: str, translation: str, right: bool) -> None:
    assert (wrong_holes(Message(text, translation)) == []) is right


def test_control_a_text_that_lost_its_plural_is_translated_anew() -> None:
    texts, known = messages.Catalog(locale="de"), messages.Catalog(locale="de")
    known.add("%d room", "%d Zimmer")
    known.add("Gone", "Fort")
    texts.add(("%d room", "%d rooms"))

    after = messages.in_step(known, texts)

    assert [message.id for message in messages.open_in(after)] == [("%d room", "%d rooms")]
    assert [message.string for message in after.obsolete.values()] == ["Fort"]


# --- Right to left ----------------------------------------------------------------------------------------------------

SIDED = re.compile(
    r"(?:margin|padding|border)-(?:left|right)\b|(?:^|[;{\s])(?:left|right)\s*:|text-align\s*:\s*(?:left|right)\b"
    r"|float\s*:\s*(?:left|right)\b|border-(?:top|bottom)-(?:left|right)-radius"
)


@pytest.mark.parametrize("sheet", sorted((house.ROOT / "static/css").glob("*.css")), ids=lambda sheet: sheet.name)
def test_a_style_sheet_knows_beginning_and_end_and_no_side(sheet: Path) -> None:
    """Where one reads from the right, the page is mirrored by itself (`margin-inline-start`, `text-align: end`)."""
    assert SIDED.findall(sheet.read_text()) == []


@pytest.mark.parametrize("rule", ["a { left: 0 }", "a { margin-left: 1px }", "a { text-align: right }"])
def test_control_sided_rules(rule: str) -> None:
    assert SIDED.search(rule)


def test_a_text_inside_an_f_string_is_found() -> None:
    """Python reads such a string as one piece up to 3.11, and the finder with it."""
    found = messages._inside_f_strings("""said = f"{_('Saved.')} {ngettext('%d night', '%d nights', n) % n}" """)

    assert found.split("\n") == ["", "_('Saved.')", "ngettext('%d night', '%d nights', n)"]
