"""A live page as the browser keeps it, without a browser: old HTML, pushed pieces, regions fetched anew.

The rule is that of pieces.js, lists.js and room-plan.js in static/js; what it leads to must look as a page just opened.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from lxml import html
from lxml.html import HtmlElement

from pms.live import batches
from pms.live.fragments import Audience

# What differs between two looks at the same page and says nothing: numbers, tokens, keys of forms.
SILENT = frozenset({"data-seq", "nonce", "data-live-head", "data-live-read"})
SECRET_FIELDS = frozenset({"csrfmiddlewaretoken", "key", "natural_key"})
MARK = re.compile(r"plan-(row|lane|stock)-(.*)")


def seq_of(element: HtmlElement | None) -> int:
    """Return the number that an element carries."""
    return int(element.get("data-seq") or 0) if element is not None else 0


@dataclass
class OpenPage:
    """One page of one person. `dead` names the parts that are drawn once, with the reason.

    `fetched` are the regions that it asked for anew, by id.
    """

    client: Client
    url: str
    dead: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document = self._get()
        body = self.document.find("body")
        self.seq, self.epoch = int(body.get("data-live-head") or 0), body.get("data-live-epoch") or ""
        self.topics = frozenset((body.get("data-live-topics") or "").split())
        self.wanted: set[str] = set()
        self.fetched: list[str] = []

    def opened_before(self) -> OpenPage:
        """Return a copy: the same page, opened once and looked at by several tests."""
        return copy.deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> OpenPage:
        twin = copy.copy(self)
        twin.document, twin.wanted, twin.fetched = copy.deepcopy(self.document), set(), []
        return twin

    def catch_up(self, property_id: Any, audience: Audience) -> None:
        """Take what the hub would push now, and fetch what the page's scripts would then fetch."""
        batch = batches.read(property_id, after=self.seq, epoch=self.epoch, wanted={audience: self.topics})
        assert not batch.too_far
        for piece in batch.for_page(audience, self.topics):
            self.place(piece.dom_id, piece.topic, piece.html, batch.head.seq)
        self.seq = batch.head.seq
        self._refetch()
        self._refetch_stale_rows()
        self._refetch()

    def place(self, dom_id: str, topic: str, text: str, seq: int) -> None:
        """Put one piece in its place, as `place` of pieces.js."""
        old = self.document.get_element_by_id(dom_id, None)
        if not text:
            if old is not None and seq_of(old) <= seq:
                self.wanted |= self._regions(topic, old if self._list_of(old) is None else None)
                self._take_out(old)
            return
        fresh = html.fragment_fromstring(text)
        if old is None:
            self._settle(fresh, topic)
            self.wanted |= self._regions(topic)
            return
        if seq_of(old) > seq_of(fresh):
            return
        moved = (old.get("data-place") or "") != (fresh.get("data-place") or "")
        _replace(old, fresh)
        if not self._settle(fresh, topic) and moved:
            self.wanted |= self._regions(topic, fresh)

    def _settle(self, piece: HtmlElement, topic: str) -> bool:
        """Put a piece where it belongs now, or take it out, as lists.js does; tell whether a list is kept of it."""
        name = topic.partition(":")[0]
        lists = [one for one in self._lists() if name in (one.get("data-live-list") or "").split()]
        if not lists:
            return False
        group, place = piece.get("data-group") or "", piece.get("data-place") or ""
        found = next((one for one in lists if (one.get("data-group") or "") == group), None)
        if piece.getparent() is not None:
            self._take_out(piece)
        if found is None or place <= (found.get("data-from") or ""):
            return True
        if (end := found.get("data-to")) and place > end:
            return True
        behind = [one for one in _pieces_of(found) if (one.get("data-place") or "") > place]
        behind += found.xpath("./*[@data-empty]")
        if behind:
            behind[0].addprevious(piece)
        else:
            found.append(piece)
        self._count(found)
        return True

    def _lists(self) -> list[HtmlElement]:
        found: list[HtmlElement] = self.document.xpath("//*[@data-live-list]")
        return found

    def _list_of(self, piece: HtmlElement) -> HtmlElement | None:
        return next((one for one in piece.iterancestors() if one.get("data-live-list")), None)

    def _take_out(self, piece: HtmlElement) -> None:
        found = self._list_of(piece)
        piece.drop_tree()
        if found is not None:
            self._count(found)

    def _count(self, found: HtmlElement) -> None:
        for shown in self.document.xpath("//*[@data-live-count]"):
            if found.get("id") in shown.get("data-live-count").split():
                shown.text = str(len(_pieces_of(found)))

    def differences(self) -> list[str]:
        """Return how the page differs from one that is opened now."""
        mine, fresh = (self._sight(document) for document in (self.document, self._get()))
        return list(difflib.unified_diff(mine, fresh, "kept", "fresh", n=2, lineterm=""))

    def _regions(self, topic: str, element: HtmlElement | None = None) -> set[str]:
        name = topic.partition(":")[0]
        found = self.document.xpath("//*[@data-live-region]")
        own = next(element.iterancestors(), None) if element is not None else None
        while own is not None and own.get("data-live-region") is None:
            own = own.getparent()
        return {
            region.get("id")
            for region in found
            if name in (region.get("data-live-on") or "").split() or region is own
        } - {None}  # fmt: skip

    def _refetch(self) -> None:
        if not self.wanted:
            return
        self.fetched += sorted(self.wanted)
        fresh = self._get(x_live="refetch")
        for name in self.wanted:
            old, new = (document.get_element_by_id(name, None) for document in (self.document, fresh))
            if old is not None and new is not None:
                _replace(old, new)
            elif old is not None:
                for child in list(old):
                    child.drop_tree()
                old.text = None
        self.wanted = set()

    def _refetch_stale_rows(self) -> None:
        """Fetch the rows of the room plan that are older than their mark, as room-plan.js."""
        plans = self.document.xpath("//*[@data-rows]")
        marks = self.document.xpath("//*[contains(concat(' ', @class, ' '), ' touch ')]")
        asked: dict[str, list[str]] = {}
        for mark in marks:
            found = MARK.fullmatch(mark.get("id") or "")
            if found and seq_of(mark) > seq_of(mark.getparent()):
                asked.setdefault(found[1], []).append(found[2])
        if not plans or not asked:
            return
        query = "&".join(f"{kind}={pk}" for kind, pks in asked.items() for pk in pks)
        answer = self.client.get(f"{plans[0].get('data-rows')}&{query}", headers={"x-live": "rows"})
        for piece in answer.json()["pieces"]:
            if self.document.get_element_by_id(piece["id"], None) is not None:
                self.place(piece["id"], piece["topic"], piece["html"], piece["seq"])

    def _get(self, **headers: str) -> HtmlElement:
        answer = self.client.get(self.url, headers=headers)
        assert answer.status_code == 200, (self.url, answer.status_code)
        return html.document_fromstring(answer.content.decode())

    def _sight(self, document: HtmlElement) -> list[str]:
        main: HtmlElement = document.xpath("//main")[0]
        frame: list[HtmlElement] = document.xpath("//header//*[starts-with(@id, 'business-date-')]")
        dead = {element for path in self.dead for element in main.xpath(path)}
        return [line for part in (main, *frame) for line in _lines(part, dead, 0)]


def _pieces_of(found: HtmlElement) -> list[HtmlElement]:
    return [one for one in found if one.get("data-seq") is not None and one.get("data-empty") is None]


def _replace(old: HtmlElement, fresh: HtmlElement) -> None:
    fresh.tail = old.tail
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, fresh)


def _lines(element: HtmlElement, dead: set[HtmlElement], depth: int) -> Iterable[str]:
    """Draw the element as lines, without what says nothing."""
    if not isinstance(element.tag, str) or element in dead or element.get("name") in SECRET_FIELDS:
        return
    kept = sorted((name, " ".join(value.split())) for name, value in element.attrib.items() if name not in SILENT)
    attributes = "".join(f' {name}="{value}"' for name, value in kept)
    yield f"{' ' * depth}<{element.tag}{attributes}>{_said(element.text)}"
    for child in element:
        yield from _lines(child, dead, depth + 1)
        if said := _said(child.tail):
            yield f"{' ' * depth} {said}"


def _said(text: str | None) -> str:
    return " ".join((text or "").split())
