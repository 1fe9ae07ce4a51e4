"""Connecting, mapping, going live."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from channel_manager.channels.registry import profile_of, profiles
from channel_manager.forms import ChannelForm, ConnectionForm, MappingForm
from channel_manager.models import ChannelConnection
from channel_manager.permissions import Permission
from channel_manager.selectors.connections import connection_for, rates_mapped, rooms_mapped
from channel_manager.services.connections import (
    connection_add,
    connection_change,
    connection_go_live,
    connection_suspend,
    connection_sync,
    connection_test,
    mapping_change,
)
from pms.accounts.proving import lately_proved_for_secrets
from pms.core.errors import DomainError
from pms.core.forms import Outcome, save_merged
from properties.http import add_error, at_hotel
from properties.models import Property
from properties.selectors import room_types_of
from reservations.selectors.offers import rate_plans_sold

MANAGE = Permission.CHANNEL_MANAGE


@sensitive_post_parameters()
@at_hotel(MANAGE, methods={"GET", "POST"})
@lately_proved_for_secrets
def add_connection(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Add a connection as a draft and lead to it."""
    chosen = ChannelForm(request.GET)
    profile = profile_of(chosen.cleaned_data["kind"]) if chosen.is_valid() else profiles()[0]
    form = ConnectionForm(request.POST or None, profile=profile)
    if request.method == "POST" and form.is_valid():
        try:
            connection = connection_add(hotel=hotel, kind=profile.kind, credentials=form.account(), **form.values())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The connection is a draft. Test it, map it, then go live."))
            return redirect("channel_manager:change_connection", code=hotel.code, pk=connection.pk)
    context = {"hotel": hotel, "form": form, "profile": profile, "profiles": profiles(), "connection": None}
    return render(request, "channel_manager/connection.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@at_hotel(MANAGE, methods={"GET", "POST"})
@lately_proved_for_secrets
def change_connection(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Change a connection's account and pace; test it, go live, pause, send everything anew."""
    connection = connection_for(request.user, MANAGE, hotel, pk)
    profile = profile_of(connection.kind)
    if request.method == "GET":
        outcome = Outcome(ConnectionForm.of(connection, profile=profile))
    else:
        form = ConnectionForm(request.POST, profile=profile)
        outcome = save_merged(form, lambda **typed: _change(connection, form, **typed))
    if outcome.row is not None:
        messages.success(request, _("Saved."))
        return redirect("channel_manager:change_connection", code=hotel.code, pk=pk)
    context = {"hotel": hotel, "form": outcome.form, "conflicts": outcome.conflicts}
    context |= {"profile": profile, "connection": connection}
    return render(request, "channel_manager/connection.html", context, status=outcome.status)


def _change(connection: ChannelConnection, form: ConnectionForm, **typed: Any) -> ChannelConnection:
    return connection_change(connection_id=connection.pk, credentials=form.account(), **typed)


@at_hotel(MANAGE, methods={"GET", "POST"})
def map_connection(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Say which of our types and plans the channel's rooms and rates are; waiting reservations get theirs."""
    connection = connection_for(request.user, MANAGE, hotel, pk)
    given: dict[str, Any] = {
        "rooms": rooms_mapped(connection.pk),
        "rates": rates_mapped(connection.pk),
        "kinds": [(kind.pk, f"{kind.code} · {kind.name}") for kind in room_types_of(hotel.pk)],
        "plans": [(plan.pk, f"{plan.code} · {plan.name}") for plan in rate_plans_sold(hotel)],
    }
    if request.method == "GET":
        outcome = Outcome(MappingForm.opened(version=connection.version, **given))
    else:
        outcome = save_merged(MappingForm(request.POST, **given), partial(mapping_change, connection_id=connection.pk))
    if outcome.row is not None:
        done = outcome.row
        words = ngettext("%d reservation was completed.", "%d reservations were completed.", done) % done
        messages.success(request, f"{_('The mapping is saved.')} {words if done else ''}".strip())
        return redirect("channel_manager:map_connection", code=hotel.code, pk=pk)
    context = {"hotel": hotel, "form": outcome.form, "conflicts": outcome.conflicts}
    context |= {"profile": profile_of(connection.kind), "connection": connection}
    return render(request, "channel_manager/mapping.html", context, status=outcome.status)


@at_hotel(MANAGE, methods={"POST"})
def go_live(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Begin to ask and to tell."""
    return _act(request, hotel, pk, connection_go_live, _("The connection is live; everything is being sent."))


@at_hotel(MANAGE, methods={"POST"})
def suspend_connection(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Stop asking and telling."""
    return _act(request, hotel, pk, connection_suspend, _("Paused: nothing is asked or told until it goes live again."))


@at_hotel(MANAGE, methods={"POST"})
def sync_connection(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Send everything anew."""
    return _act(request, hotel, pk, connection_sync, _("Everything that can be sold is being sent anew."))


@at_hotel(MANAGE, methods={"POST"})
def test_connection(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Call the channel once, and list its rooms and rates for the mapping."""
    return _act(request, hotel, pk, connection_test, _("The channel answers; its rooms and rates can be mapped."))


def _act(request: HttpRequest, hotel: Property, pk: uuid.UUID, act: Callable[..., object], words: str) -> HttpResponse:
    connection = connection_for(request.user, MANAGE, hotel, pk)
    try:
        act(connection_id=connection.pk)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("channel_manager:change_connection", code=hotel.code, pk=pk)
