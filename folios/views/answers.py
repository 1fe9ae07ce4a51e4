"""What acts on money answer with: words, a way back where there is one, and the dialog closed."""

from __future__ import annotations

import json

from django.core import signing
from django.http import HttpResponse
from django.urls import reverse

from folios.models import Folio, Posting
from properties.models import Property

UNDO_SALT = "folios.undo_posting"
UNDO_SECONDS = 15  # the toast counts ten; a slow line gets the rest


def said(response: HttpResponse, words: str, *, undo: str = "", tone: str = "green") -> HttpResponse:
    """Return `response` with a short message; the dialog is closed."""
    toast = {"text": words, "tone": tone} | ({"undo": undo} if undo else {})
    # The words first: closing the dialog takes the button away on which the event would arrive.
    response["HX-Trigger"] = json.dumps({"toast": toast, "dialog:close": True})
    return response


def into_dialog(response: HttpResponse) -> HttpResponse:
    """Put the answer into the dialog, wherever the act was asked from."""
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def undo_url(hotel: Property, folio: Folio, posting: Posting) -> str:
    """Return the address that takes the posting back for a few seconds, also for people without that right."""
    token = signing.dumps({"posting": posting.pk, "folio": str(folio.pk)}, salt=UNDO_SALT)
    return reverse("folios:undo_posting", args=[hotel.code, folio.pk, token])


def posting_of(token: str, folio: Folio) -> int | None:
    """Return the posting that the token may take back now, or None when it is too late."""
    try:
        facts = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    return int(facts["posting"]) if facts["folio"] == str(folio.pk) else None
