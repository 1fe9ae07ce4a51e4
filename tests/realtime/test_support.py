"""Open pages of a visit of the support, over the real web server: as narrow as the visit, and closed with it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from pms.accounts import support
from pms.accounts.models import SupportVisit, User
from pms.accounts.registry import own_hand_codes
from pms.accounts.services import user_set_locale
from pms.events.selectors import stream_head
from pms.live.hub import _rights_now
from pms.live.pages import audience_of
from properties.models import Property
from tests.clients import signed_in
from tests.factories.properties import make_user
from tests.live import Screen
from tests.realtime.test_socket import closed_with, socket

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)


def begun(hotel: Property, user: User, *, seconds: float = 3600) -> tuple[SupportVisit, str]:
    """Return a visit that lasts so long, and the cookie of the browser in it."""
    sam = make_user(name="Sam Support")
    Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={})
    support.supporter_set(user_id=sam.pk, support=True)
    support.support_allow(property_id=hotel.pk, allowed=True)
    visit = support.visit_begin(
        supporter_id=sam.pk, user_id=user.pk, property_id=hotel.pk, reason="The plan shows nothing"
    )
    visit.ends_at = timezone.now() + dt.timedelta(seconds=seconds)
    visit.save()
    client: Client = signed_in(sam)
    request = client.get("/account/language/").wsgi_request
    support.visit_enter(request, visit)
    return SupportVisit.objects.get(pk=visit.pk), f"session={request.session.session_key}"


async def test_a_page_of_a_visit_closes_at_its_minute(live_server_url: str, hotel: Property, olga: User) -> None:
    visit, cookie = await in_thread(begun)(hotel, olga, seconds=4)
    head = await in_thread(stream_head)(hotel.pk)

    async with socket(live_server_url, cookie=cookie) as line:
        await line.send(json.dumps({"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": ["room_card"]}))
        screen = Screen()
        screen.take(json.loads(await asyncio.wait_for(line.recv(), 5)))
        assert screen.kinds() == ["welcome"]
        assert await closed_with(line) == 4401
        assert timezone.now() >= visit.ends_at
    async with socket(live_server_url, cookie=cookie) as line:
        assert await closed_with(line) == 4401


async def test_a_visit_that_is_ended_closes_its_pages(live_server_url: str, hotel: Property, olga: User) -> None:
    visit, cookie = await in_thread(begun)(hotel, olga)
    head = await in_thread(stream_head)(hotel.pk)

    async with socket(live_server_url, cookie=cookie) as line:
        await line.send(json.dumps({"t": "hello", "seq": head.seq, "epoch": head.epoch, "topics": []}))
        await asyncio.wait_for(line.recv(), 5)
        await in_thread(support.visit_end)(visit_id=visit.pk)
        assert await closed_with(line) == 4401


async def test_a_change_of_rights_widens_no_page_of_a_visit(hotel: Property, olga: User) -> None:
    visit, _cookie = await in_thread(begun)(hotel, olga)
    acted = await in_thread(support.SupportBackend().get_user)(visit.pk)
    assert acted is not None
    before = await in_thread(audience_of)(acted, hotel.pk)

    await in_thread(user_set_locale)(user_id=olga.pk, locale="de")  # begins a new permission epoch
    _user, after = await in_thread(_rights_now)(olga.pk, hotel.pk, acted.narrowing)

    assert after.rights == before.rights and not after.rights & own_hand_codes()
    _user, wide = await in_thread(_rights_now)(olga.pk, hotel.pk, None)  # control: without it the page would grow
    assert wide.rights & own_hand_codes()
