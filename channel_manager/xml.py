"""The one place where XML from outside is parsed, and where cards are taken out of it.

No entities, no document type, no network, no files; size and depth are bounded (reliability.md D7). Every body is
masked here before anything is written or logged: first the fields that carry cards by their name, then, as a second
net, every number that looks like one (`pms.core.redaction`).
"""

from __future__ import annotations

import hashlib
import re

from django.utils.translation import gettext as _
from lxml import etree

from pms.core.redaction import mask_cards

from .errors import ChannelAnswerUnreadable

MOST_BYTES = 10 * 1024 * 1024
MOST_DEPTH = 64

# What of a payment card may be kept: nothing that can be charged.
CARD_KEPT = frozenset({"CardCode", "EffectiveDate", "CurrentBalance", "DecimalPlaces", "CurrencyCode"})
CARD_NUMBER = re.compile(r"card_?number|cc_number|pan", re.IGNORECASE)
CARD_SECRET = re.compile(r"series_?code|cvc|cvv|expire_?date|expiration_date|dc_issue|dc_start", re.IGNORECASE)
# The same fields in a body that cannot be parsed.
RAW_ATTRIBUTE = re.compile(
    r"""((?:CardNumber|SeriesCode|ExpireDate|cc_number|cc_cvc)\s*=\s*)(["']).*?(?:\2|$)""", re.IGNORECASE | re.DOTALL
)
RAW_ELEMENT = re.compile(r"(<(?:cc_number|cc_cvc|cc_expiration_date)\b[^>]*>)[^<]*", re.IGNORECASE)

Element = etree._Element


def parse(body: bytes) -> Element:
    """Return the root of `body`. Raises `ChannelAnswerUnreadable` with the reason."""
    if len(body) > MOST_BYTES:
        raise ChannelAnswerUnreadable(
            _("The message has %(size)s bytes; more than %(most)s are not read.")
            % {"size": len(body), "most": MOST_BYTES}
        )
    if b"\0" in body:
        raise ChannelAnswerUnreadable(_("The message is not UTF-8 text."))
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", body, re.IGNORECASE):
        raise ChannelAnswerUnreadable(_("The message declares a document type, which is never needed and never read."))
    parser = etree.XMLParser(
        encoding="utf-8",  # whatever the declaration says: another encoding could hide what was looked for above
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body.removeprefix(b"\xef\xbb\xbf").strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ChannelAnswerUnreadable(mask_cards(f"The message is not well-formed XML: {error}")) from error
    _refuse_depth(root)
    return root


def _refuse_depth(root: Element) -> None:
    level = [root]
    for _level in range(MOST_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise ChannelAnswerUnreadable(_("The message is nested more than %(most)s levels deep.") % {"most": MOST_DEPTH})


def mask(root: Element) -> Element:
    """Take everything of payment cards that can be charged out of the tree, in place, and return it."""
    for element in root.iter(etree.Element):
        card = local_name(element) == "PaymentCard"
        for name, value in list(element.attrib.items()):
            plain = etree.QName(name).localname
            if card and plain not in CARD_KEPT and not CARD_NUMBER.search(plain):
                del element.attrib[name]
            elif CARD_NUMBER.fullmatch(plain):
                element.set(name, last_four(str(value)))
            elif CARD_SECRET.fullmatch(plain):
                del element.attrib[name]
            else:
                element.set(name, mask_cards(str(value)))
        if element.text:
            element.text = _clean_text(element)
        if element.tail:
            element.tail = mask_cards(element.tail)
    return root


def _clean_text(element: Element) -> str:
    name, text = local_name(element), element.text or ""
    if CARD_NUMBER.search(name):
        return last_four(text)
    return "" if CARD_SECRET.search(name) else mask_cards(text)


def last_four(number: str) -> str:
    """Return `************1111` for a card number, and nothing that could be more than its last four digits."""
    digits = re.sub(r"\D", "", number)
    return f"{'*' * 12}{digits[-4:]}" if len(digits) >= 12 else ""


def mask_raw(body: bytes | str) -> str:
    """Return a body that is no readable XML as text without cards, for the quarantine and for logs."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    text = RAW_ELEMENT.sub(r"\1", RAW_ATTRIBUTE.sub(r"\1\2\2", text))
    return mask_cards(text.replace("\0", "�"))


def write(root: Element) -> str:
    """Return the tree as text, masked once more by the second net."""
    return mask_cards(etree.tostring(root, encoding="unicode", with_tail=False))


def readable(body: str) -> str:
    """Return a stored body with a line for each element; one that cannot be parsed comes back as it is."""
    try:
        root = parse(body.encode())
    except ChannelAnswerUnreadable:
        return body
    etree.indent(root)
    return write(root)


def digest(root: Element) -> str:
    """Return the digest of the canonical form: equal for messages that say the same."""
    return hashlib.sha256(etree.tostring(root, method="c14n", with_tail=False)).hexdigest()


def local_name(element: Element) -> str:
    """Return the tag without its namespace: channels mix them up."""
    return str(etree.QName(element).localname)


def find_all(element: Element, path: str) -> list[Element]:
    """Return the elements at `path` ("A/B/C", children only) whatever their namespace."""
    level = [element]
    for step in path.split("/"):
        level = [child for parent in level for child in parent if local_name(child) == step]
    return level


def find(element: Element, path: str) -> Element | None:
    """Return the first element at `path`, if there is one."""
    return next(iter(find_all(element, path)), None)


def text(element: Element, path: str) -> str:
    """Return the text at `path`, stripped; empty if nothing stands there."""
    found = find(element, path)
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute, stripped; empty if it (or the element) is not there."""
    return (element.get(name) or "").strip() if element is not None else ""
