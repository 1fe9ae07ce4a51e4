"""What acts answer with: the piece they were asked from as it stands now, a few words, and a way back."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse

from pms.live.pages import audience_of
from properties.models import Property
from reservations.fragments import ANSWERS


def piece_asked(request: HttpRequest) -> str:
    """Return the name of the piece from which an act was asked, or nothing."""
    name = request.POST.get("piece") or request.GET.get("piece") or ""
    return name if name in ANSWERS else ""


def done(request: HttpRequest, hotel: Property, pk: uuid.UUID, words: str, *, undo: str = "") -> HttpResponse:
    """Answer with the piece the act was asked from, close the dialog and say `words`.

    An act that was asked from no piece (an undo) swaps nothing: the socket brings what changed.
    """
    response = HttpResponse(status=204)
    fragment = ANSWERS.get(piece_asked(request))
    if fragment is not None:
        response = HttpResponse(fragment.render(pk, audience_of(request.user, hotel.pk)))
        response["HX-Retarget"], response["HX-Reswap"] = f"#{fragment.dom_id(pk)}", "outerHTML"
    toast = {"text": words, "tone": "green"} | ({"undo": undo} if undo else {})
    # The words first: closing the dialog takes the button away on which the event would arrive.
    response["HX-Trigger"] = json.dumps({"toast": toast, "dialog:close": True})
    return response


def into_dialog(response: HttpResponse) -> HttpResponse:
    """Put the answer into the dialog, wherever the act was asked from."""
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
