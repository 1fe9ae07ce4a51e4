"""Names as people look for them: "Martí" is found by "marti", "Müller" by "muller", "Sørensen" by "sorensen"."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart, in the words of whoever has no such key.
WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
FIRST_MARK, LAST_MARK = "\u0300", "\u036f"


def folded(text: str) -> str:
    """Return `text` in small letters without accents; other scripts stay as they are."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in parts if not FIRST_MARK <= letter <= LAST_MARK)
    # Put together again what is no accent: the syllables of Hangul, the voiced signs of Kana.
    return unicodedata.normalize("NFC", bare).translate(WHOLE_LETTERS)
