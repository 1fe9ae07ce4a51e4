"""The pages of the first hour: one for each step, and the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pms.accounts.access import rights_at
from pms.core.errors import DomainError, StaleVersion
from pms.core.forms import conflicted
from properties.guide import Shown, next_step, steps
from properties.http import at_hotel, require
from properties.models import Property
from properties.permissions import Permission


@at_hotel(Permission.HOTEL_CHANGE)
def open_setup(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Lead to the first step that is not done, or show that everything is."""
    mine = steps(hotel, rights_at(request.user, hotel.pk))
    waiting = next_step(mine)
    if waiting is not None:
        return redirect(waiting.url)
    return render(request, "properties/guide_done.html", _frame(hotel, mine, None))


@at_hotel(Permission.HOTEL_CHANGE, methods={"GET", "POST"})
def setup_step(request: HttpRequest, hotel: Property, step: str) -> HttpResponse:
    """Show one step and take its answer; every step can be left out and taken up again."""
    mine = steps(hotel, rights_at(request.user, hotel.pk))
    shown = next((one for one in mine if one.code == step), None)
    if shown is None:
        require(request, hotel, Permission.HOTEL_CHANGE)
        raise Http404
    if request.method != "POST" or shown.step.form is None or shown.step.save is None:
        form = shown.step.form(hotel, None) if shown.step.form else None
        return _page(request, hotel, mine, shown, form)
    form = shown.step.form(hotel, request.POST)
    if not form.is_valid():
        return _page(request, hotel, mine, shown, form, status=422)
    try:
        with transaction.atomic():
            shown.step.save(hotel, form)
    except StaleVersion as conflict:
        outcome = conflicted(form, conflict)
        return _page(request, hotel, mine, shown, outcome.form, conflicts=outcome.conflicts, status=outcome.status)
    except DomainError as error:
        return _page(request, hotel, mine, shown, form, refusal=error, status=422)
    after = next_step(steps(hotel, rights_at(request.user, hotel.pk)), after=step)
    return redirect(after.url if after else "properties:open_setup", *(() if after else (hotel.code,)))


def _frame(hotel: Property, mine: list[Shown], shown: Shown | None) -> dict[str, Any]:
    current = shown.code if shown else ""
    places = [one.code for one in mine]
    at = places.index(current) if shown else len(mine)
    return {
        "hotel": hotel,
        "steps": [{"shown": one, "state": one.state(current)} for one in mine],
        "shown": shown,
        "minutes": sum(one.step.minutes for one in mine if not one.done),
        "back_url": mine[at - 1].url if at else "",
        "skip_url": mine[at + 1].url if at + 1 < len(mine) else "",
        "all_done": all(one.done for one in mine),
    }


def _page(
    request: HttpRequest,
    hotel: Property,
    mine: list[Shown],
    shown: Shown,
    form: Any,
    *,
    refusal: DomainError | None = None,
    conflicts: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
) -> HttpResponse:
    leads_to = shown.step.leads_to(hotel) if shown.step.leads_to else ""
    context = _frame(hotel, mine, shown) | {"form": form, "refusal": refusal, "leads_to": leads_to}
    context["conflicts"] = conflicts
    return render(request, "properties/guide.html", context, status=status)
