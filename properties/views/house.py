"""The house: room types, buildings, floors, sections and features, each with the same four acts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pms.core.errors import DomainError
from pms.core.forms import Outcome, save_merged
from pms.core.http import is_htmx
from pms.live.pages import page_context
from properties.house_kinds import Kind
from properties.http import add_error, at_hotel, with_toast
from properties.models import Property, RoomType
from properties.permissions import Permission
from properties.picture_forms import PhotosForm
from properties.places.fragments import HOUSE, PHOTOS
from properties.places.pages import houses
from properties.places.photos import photo_lists

Routed = Callable[..., HttpResponse]


@at_hotel(Permission.ROOM_CHANGE)
def house(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show the lists of the house, kept fresh."""
    context = page_context(request, hotel.pk, topics=("house_lists",))
    context["house"] = houses([hotel.pk], context["audience"])[hotel.pk]
    return render(request, "properties/house.html", context)


def adding(kind: Kind) -> Routed:
    """Return the page that adds a row of this kind."""

    @at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
    def add(request: HttpRequest, hotel: Property) -> HttpResponse:
        form = kind.form(request.POST or None, hotel=hotel)
        if request.method == "GET":
            return _page(request, hotel, kind, Outcome(form))
        if not form.is_valid():
            return _page(request, hotel, kind, Outcome(form, status=422))
        try:
            row = kind.made(form, hotel)
        except DomainError as error:
            add_error(form, error)
            return _page(request, hotel, kind, Outcome(form, status=422))
        messages.success(request, _("%s is added.") % row)
        return redirect("properties:open_house", code=hotel.code)

    return add


def changing(kind: Kind) -> Routed:
    """Return the page that changes a row of this kind."""

    @at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
    def change(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
        row = kind.row(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
        if request.method == "GET":
            return _page(request, hotel, kind, Outcome(kind.form.of(row, hotel=hotel)), row)
        form = kind.form(request.POST, hotel=hotel)
        outcome = save_merged(form, partial(kind.change, **{f"{kind.name}_id": row.pk}))
        if outcome.row is None:
            return _page(request, hotel, kind, outcome, row)
        messages.success(request, _("%s is saved.") % outcome.row)
        return redirect("properties:open_house", code=hotel.code)

    return change


def archiving(kind: Kind) -> Routed:
    """Return the act that takes a row of this kind out of use."""

    @at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
    def archive(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
        row = kind.row(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
        try:
            kind.archive(**{f"{kind.name}_id": row.pk})
        except DomainError as error:
            form = kind.form.of(row, hotel=hotel)
            return _page(request, hotel, kind, Outcome(form, status=409), row, refusal=error)
        undo = reverse(f"properties:restore_{kind.name}", args=[hotel.code, pk])
        messages.success(request, _("%s is archived.") % row, extra_tags=undo)
        return redirect("properties:open_house", code=hotel.code)

    return archive


def restoring(kind: Kind) -> Routed:
    """Return the act that takes an archived row of this kind into use again."""

    @at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
    def restore(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
        row = kind.row(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
        kind.restore(**{f"{kind.name}_id": row.pk})
        words = _("%s is in use again.") % row
        if is_htmx(request):
            return with_toast(HttpResponse(status=204), words, changed=HOUSE.name)
        messages.success(request, words)
        return redirect("properties:open_house", code=hotel.code)

    return restore


def _page(
    request: HttpRequest,
    hotel: Property,
    kind: Kind,
    outcome: Outcome,
    row: Any = None,
    *,
    refusal: DomainError | None = None,
) -> HttpResponse:
    photos = _photos(request, hotel, row) if isinstance(row, RoomType) else {}
    acts = ("change", "archive", "restore") if row is not None else ()
    urls = {f"{act}_url": reverse(f"properties:{act}_{kind.name}", args=[hotel.code, row.pk]) for act in acts}
    context = {
        "hotel": hotel,
        "kind": kind,
        "row": row,
        "form": outcome.form,
        "conflicts": outcome.conflicts,
        "refusal": refusal,
        "take_url": urls.get("change_url", request.path),
    }
    return render(request, "properties/house_form.html", context | urls | photos, status=outcome.status)


def _photos(request: HttpRequest, hotel: Property, room_type: RoomType) -> dict[str, Any]:
    """Return what the page of a room type shows beside its form, kept fresh."""
    context = page_context(request, hotel.pk, topics=(PHOTOS.topic(room_type.pk),))
    photos = photo_lists([room_type.pk], context["audience"])[room_type.pk]
    return context | {"photos": photos, "photos_form": PhotosForm()}
