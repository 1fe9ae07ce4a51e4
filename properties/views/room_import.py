"""A list of rooms from a file: looked through, line by line, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, ngettext

from pms.core.errors import DomainError
from properties.http import add_error, at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.places.forms import MOST_COLUMNS, ImportForm
from properties.places.selectors import known_for_import
from properties.room_file import RoomLine, Table, lines_of, table_of, text_of
from properties.services.room_import import rooms_import

SHOWN = 200
NAMES = {
    "number": gettext_lazy("Room number"),
    "type": gettext_lazy("Room type"),
    "floor": gettext_lazy("Floor"),
    "building": gettext_lazy("Building"),
    "section": gettext_lazy("Section"),
    "features": gettext_lazy("Features"),
}


@dataclass(frozen=True)
class Preview:
    """A list as the page shows it: what the columns mean, the first lines, and how many are right and wrong."""

    table: Table
    columns: Sequence[str]
    lines: Sequence[RoomLine]

    def wrong(self) -> list[RoomLine]:
        """Return the lines that cannot be taken."""
        return [line for line in self.lines if line.problems]

    def as_context(self) -> dict[str, Any]:
        """Return what the template draws: wrong lines first, at most a screenful of each."""
        wrong = self.wrong()
        right = [line for line in self.lines if not line.problems]
        used = [name for name in NAMES if name in self.columns]
        return {
            "heads": list(zip(self.table.heads, self.columns, strict=False)),
            "used": [NAMES[name] for name in used],
            "wrong": [_shown(line, used) for line in wrong[:SHOWN]],
            "right": [_shown(line, used) for line in right[:SHOWN]],
            "wrong_count": len(wrong),
            "right_count": len(right),
        }


@at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
def import_rooms(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show what a file would make; on "confirm" make it, all of it or nothing."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, hotel, form, status=200 if request.method == "GET" else 422)
    new_types = form.cleaned_data["new_types"]
    try:
        table = table_of(form.content())
        columns = form.columns(table.heads[:MOST_COLUMNS])
        preview = Preview(table, columns, lines_of(table, columns, known_for_import(hotel.pk), new_types=new_types))
        if "confirm" not in request.POST or request.FILES or preview.wrong():
            return _page(request, hotel, form, preview)
        made = rooms_import(property_id=hotel.pk, lines=preview.lines, new_types=new_types)
    except DomainError as error:
        add_error(form, error)
        return _page(request, hotel, form, status=422)
    count = len(made)
    messages.success(request, ngettext("%d room is added.", "%d rooms are added.", count) % count)
    return redirect("properties:list_rooms", code=hotel.code)


def _shown(line: RoomLine, used: Sequence[str]) -> dict[str, Any]:
    return {
        "line": line.line,
        "cells": [line.cells.get(name, "") for name in used],
        "problems": [(NAMES[problem.field], problem.reason) for problem in line.problems],
    }


def _page(
    request: HttpRequest, hotel: Property, form: ImportForm, preview: Preview | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"hotel": hotel, "form": form, "names": NAMES.items(), "looked": preview is not None}
    if preview is not None:
        context |= preview.as_context() | {"kept": text_of(preview.table), "ready": not preview.wrong()}
    return render(request, "properties/room_import.html", context, status=status)
