"""The board of the channels with its inbox, and one message."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from channel_manager.forms import FilterForm
from channel_manager.permissions import Permission
from channel_manager.selectors.cards import REASONS, channel_cards, inbox_rows
from channel_manager.selectors.connections import connections_of
from channel_manager.selectors.health import latest_calls
from channel_manager.selectors.messages import calls_about, message_for
from channel_manager.selectors.summary import summary_of
from channel_manager.services.apply import message_apply_again
from channel_manager.services.inbox import message_settle
from channel_manager.xml import readable
from pms.live.pages import page_context
from properties.http import at_hotel
from properties.models import Property
from reservations.selectors.people import guests_named

TOPICS = ("channel_card", "channel_health", "channel_calls", "channel_message")


@at_hotel(Permission.CHANNEL_VIEW)
def channels(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show each connection's health, the messages (all, or those that need somebody), and the latest calls."""
    context = page_context(request, hotel.pk, topics=TOPICS)
    asked = FilterForm(request.GET)
    show = asked.cleaned_data["show"] if asked.is_valid() else ""
    cards = channel_cards([row.pk for row in connections_of(hotel)], context["audience"]).values()
    context |= {
        "hotel": hotel,
        "cards": list(cards),
        "ill": sum(card.sign.tone == "red" for card in cards),
        "rows": inbox_rows(hotel, context["audience"], show=show),
        "show": show,
        "latest": latest_calls([hotel.pk], context["audience"])[hotel.pk],
    }
    return render(request, "channel_manager/channels.html", context)


@at_hotel(Permission.CHANNEL_VIEW)
def open_message(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Show one message, masked, with the calls that carried it; its text only to those who may see guests."""
    context = page_context(request, hotel.pk)
    message = message_for(request.user, Permission.CHANNEL_VIEW, hotel, pk)
    named = guests_named(context["audience"].rights)
    context |= {
        "hotel": hotel,
        "message": message,
        "summary": summary_of(message, named=named),
        "body": readable(message.body) if named else "",
        "reasons": [str(REASONS.get(reason, reason)) for reason in message.reasons],
        "calls": calls_about(message) if named else [],
    }
    return render(request, "channel_manager/message.html", context)


@at_hotel(Permission.CHANNEL_MANAGE, methods={"POST"})
def retry_message(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Apply a message anew."""
    message = message_for(request.user, Permission.CHANNEL_MANAGE, hotel, pk)
    message = message_apply_again(message_id=message.pk)
    if message.reasons:
        messages.warning(request, _("Applied again; it still needs attention."))
    else:
        messages.success(request, _("Applied again."))
    return redirect("channel_manager:open_message", code=hotel.code, pk=pk)


@at_hotel(Permission.CHANNEL_MANAGE, methods={"POST"})
def settle_message(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Note that somebody looked after a message."""
    message = message_for(request.user, Permission.CHANNEL_MANAGE, hotel, pk)
    message_settle(message_id=message.pk)
    messages.success(request, _("Noted: nobody needs to look at it any more."))
    return redirect("channel_manager:list_channels", code=hotel.code)
