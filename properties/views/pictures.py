"""Photos of room types and the logo of the hotel: shown to who may see them, changed by who may change them."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.core.errors import DomainError, NotThere
from pms.core.forms import Outcome, save_merged
from pms.core.http import is_htmx, status_of
from pms.core.pictures import picture_read
from properties.http import at_hotel, with_toast
from properties.models import Property
from properties.permissions import Permission
from properties.picture_forms import LogoForm, PhotoOrderForm, PhotosForm
from properties.places.forms import PhotoForm
from properties.places.fragments import PHOTOS
from properties.places.selectors import photo_file, photo_for, room_type_for
from properties.services.logo import SIDE, logo_of, logo_remove, logo_set
from properties.services.photos import photo_add, photo_change, photo_remove, photos_order

# Content never changes under its address; who was shown it may keep it, proxies between may not.
FOR_EVER = "private, max-age=31536000, immutable"
NOTHING_RUNS = "default-src 'none'; sandbox"


@at_hotel(Permission.ROOM_VIEW)
def show_photo(request: HttpRequest, hotel: Property, pk: uuid.UUID, side: int) -> HttpResponse:
    """Return a photo, at least `side` pixels long if there is such a file."""
    return _picture(photo_file(photo_for(request.user, Permission.ROOM_VIEW, pk, hotel=hotel), side))


@at_hotel(Permission.HOTEL_VIEW)
def show_logo(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Return the hotel's logo; kept for ever under the address that names its content, else asked for each time."""
    answer = _picture(logo_of(hotel))
    if request.GET.get("v") != hotel.logo:
        answer["Cache-Control"] = "private, no-cache"
    return answer


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def add_photos(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Keep the photos that were sent, each by itself: one that is refused does not stop the others."""
    room_type = room_type_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    form = PhotosForm(request.POST, request.FILES)
    sent = form.cleaned_data["photos"] if form.is_valid() else []
    refused: list[tuple[str, DomainError]] = []
    for file in sent:
        try:
            photo_add(room_type=room_type, picture=picture_read(file))
        except DomainError as error:
            refused.append((file.name, error))
    if request.headers.get("Accept") == "application/json":  # static/js/photos.js sends one at a time
        return _told(form, refused)
    for name, refusal in refused:
        messages.error(request, f"{name}: {refusal}")
    if kept := len(sent) - len(refused):
        messages.success(request, ngettext("%d photo is added.", "%d photos are added.", kept) % kept)
    if not sent:
        messages.error(request, _("No photo was chosen. Nothing was changed."))
    return redirect("properties:change_room_type", code=hotel.code, pk=room_type.pk)


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def order_photos(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Put the photos of a room type in another order; the first is the cover."""
    room_type = room_type_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    form = PhotoOrderForm(request.POST)
    if not form.is_valid():
        return with_toast(HttpResponse(status=422), _("That order cannot be read. Nothing was changed."), tone="amber")
    photos_order(room_type_id=room_type.pk, order=form.cleaned_data["order"])
    if is_htmx(request):
        return with_toast(HttpResponse(status=204), _("The photos are in their new order."), changed=PHOTOS.name)
    return redirect("properties:change_room_type", code=hotel.code, pk=room_type.pk)


@at_hotel(Permission.ROOM_CHANGE, methods={"GET", "POST"})
def change_photo(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Say what is to be seen on a photo, or remove it; in the dialog of the page."""
    photo = photo_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel)
    if request.method == "GET":
        return _dialog(request, hotel, photo, Outcome(PhotoForm.of(photo)))
    outcome = save_merged(PhotoForm(request.POST), partial(photo_change, photo_id=photo.pk))
    if outcome.row is None:
        return _dialog(request, hotel, photo, outcome)
    return _closed(with_toast(HttpResponse(), _("The photo is described."), changed=PHOTOS.name))


@at_hotel(Permission.ROOM_CHANGE, methods={"POST"})
def remove_photo(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Remove a photo for good."""
    photo_remove(photo_id=photo_for(request.user, Permission.ROOM_CHANGE, pk, hotel=hotel).pk)
    return _closed(with_toast(HttpResponse(), _("The photo is removed."), changed=PHOTOS.name))


@at_hotel(Permission.HOTEL_CHANGE, methods={"POST"})
def change_logo(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Give the hotel the logo that was sent, or none."""
    form = LogoForm(request.POST, request.FILES)
    if "remove" in request.POST:
        logo_remove(property_id=hotel.pk)
        messages.success(request, _("The logo is removed."))
    elif form.is_valid():
        try:
            logo_set(property_id=hotel.pk, picture=picture_read(form.cleaned_data["logo"], sides=(SIDE,)))
            messages.success(request, _("The logo is saved."))
        except DomainError as error:
            messages.error(request, str(error))
    else:
        messages.error(request, _("No picture was chosen. Nothing was changed."))
    return redirect("properties:change_hotel", code=hotel.code)


def _picture(content: bytes | None) -> HttpResponse:
    if content is None:
        raise NotThere(_("That picture"))
    headers = {"Cache-Control": FOR_EVER, "Content-Security-Policy": NOTHING_RUNS}
    return HttpResponse(content, content_type="image/webp", headers=headers)


def _told(form: PhotosForm, refused: list[tuple[str, DomainError]]) -> JsonResponse:
    if refused:
        refusal = refused[0][1]
        return JsonResponse({"detail": str(refusal)}, status=status_of(refusal))
    if not form.is_valid():
        return JsonResponse({"detail": _("No photo was chosen. Nothing was changed.")}, status=422)
    return JsonResponse({})


def _dialog(request: HttpRequest, hotel: Property, photo: Any, outcome: Outcome) -> HttpResponse:
    context = {"hotel": hotel, "photo": photo, "form": outcome.form, "conflicts": outcome.conflicts}
    return render(request, "properties/photo_dialog.html", context, status=outcome.status)


def _closed(response: HttpResponse) -> HttpResponse:
    """Leave the dialog empty, which closes it."""
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
