"""What acts answer with: the piece they were asked from as it stands now, a few words, and a way back."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse

from pms.accounts.access import rights_at
from pms.core.errors import DomainError
from pms.core.http import status_of
from pms.live.pages import audience_of
from properties.models import Property
from reservations.fragments import ANSWERS
from reservations.models import Reservation
from reservations.selectors.people import guests_named, name_of


def piece_asked(request: HttpRequest) -> str:
    """Return the name of the piece from which an act was asked, or nothing."""
    name = request.POST.get("piece") or request.GET.get("piece") or ""
    return name if name in ANSWERS else ""


def called(request: HttpRequest, reservation: Reservation) -> str:
    """Return what the stay is called to the person who asks: by its guest, or by its number."""
    return name_of(reservation, named=guests_named(rights_at(request.user, reservation.property_id)))


def done(request: HttpRequest, hotel: Property, pk: uuid.UUID, words: str, *, undo: str = "") -> HttpResponse:
    """Answer with the piece the act was asked from, close the dialog and say `words`.

    An act that was asked from no piece (an undo) swaps nothing: the socket brings what changed.
    """
    response = _with_piece(request, hotel, pk, HttpResponse(status=204))
    toast = {"text": words, "tone": "green"} | ({"undo": undo} if undo else {})
    # The words first: closing the dialog takes the button away on which the event would arrive.
    response["HX-Trigger"] = json.dumps({"toast": toast, "dialog:close": True})
    return response


def said(words: str, *, tone: str) -> HttpResponse:
    """Answer with words alone: nothing on the page is to change."""
    toast = {"text": words, "tone": tone}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": toast})})


def refused(request: HttpRequest, hotel: Property, pk: uuid.UUID, refusal: DomainError) -> HttpResponse:
    """Say why the act was not done, over the piece as it stands now: it shows the reason and the ways out."""
    response = _with_piece(request, hotel, pk, HttpResponse())
    response.status_code = status_of(refusal)
    if "HX-Retarget" not in response:
        response["HX-Reswap"] = "none"
    response["HX-Trigger"] = json.dumps({"toast": {"text": str(refusal), "tone": "amber"}})
    return response


def _with_piece(request: HttpRequest, hotel: Property, pk: uuid.UUID, bare: HttpResponse) -> HttpResponse:
    """Return the piece the act was asked from, drawn anew in its place; `bare` if it was asked from none.

    A piece that is gone by the act is left to the socket, which fetches what counts it as well.
    """
    fragment = ANSWERS.get(piece_asked(request))
    drawn = fragment.render(pk, audience_of(request.user, hotel.pk)) if fragment else ""
    if fragment is None or not drawn:
        return bare
    response = HttpResponse(drawn)
    response["HX-Retarget"], response["HX-Reswap"] = f"#{fragment.dom_id(pk)}", "outerHTML"
    return response


def into_dialog(response: HttpResponse) -> HttpResponse:
    """Put the answer into the dialog, wherever the act was asked from."""
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
