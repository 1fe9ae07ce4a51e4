"""What the kernel itself serves: the description of the API, its pages, and the answer to addresses unknown."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from pms.core.db_errors import is_away
from pms.core.errors import Busy, DatabaseAway, DomainError, NotThere
from pms.core.middleware import unreachable

from . import problems, schema


@require_safe
def openapi(_request: HttpRequest) -> JsonResponse:
    """Answer with the description of the API."""
    response = JsonResponse(schema.described())
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the description in Swagger UI, served from here: no script, style or font comes from elsewhere."""
    return render(request, "api/docs.html")


@require_safe
def docs_errors(request: HttpRequest) -> HttpResponse:
    """Explain every code that a refusal may carry; the `type` of a problem points at its row."""
    found = [
        {"code": code, "status": problems.status_for(kind), "text": _first_line(kind)}
        for code, kind in sorted(DomainError.catalogue.items())
    ]
    own = [{"code": code, "status": status, "text": text} for code, (status, text) in problems.FRAMEWORK.items()]
    return render(request, "api/errors.html", {"codes": sorted([*found, *own], key=lambda row: str(row["code"]))})


@csrf_exempt  # nothing is done here, and the answer must be readable to a program
def unknown_address(request: HttpRequest, **_parts: str) -> HttpResponse:
    """Answer an address under /api/ that nobody serves."""
    return problems.respond(NotThere(_("This address")), request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what was refused before any view (`handler400`): the API in its own form, pages in theirs."""
    if request.path.startswith("/api/"):
        return problems.respond(exception, request)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault outside any view (`handler500`); a database that went away meanwhile is no fault of ours."""
    fault = sys.exc_info()[1]
    if fault is not None and is_away(fault):
        return problems.respond(DatabaseAway(), request) if request.path.startswith("/api/") else unreachable()
    if request.path.startswith("/api/"):
        return problems.SERVER_ERROR.response()
    return defaults.server_error(request)


def too_many(path: str) -> HttpResponse:
    """Answer whoever waited too long at the door (`pms.core.admission`): no part of the request was read."""
    if not path.startswith("/api/"):
        return unreachable()
    return problems.refusal(Busy(_("Too many ask at once. Nothing was done; try again in a moment."))).response()


def _first_line(kind: type[DomainError]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]
