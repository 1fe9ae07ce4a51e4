"""What Prometheus is told of open pages and of the way from a write to their screens."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from pms.accounts.models import User
from pms.core.metrics import REGISTRY
from pms.events.selectors import stream_head
from pms.live.hub import Hub
from pms.live.sockets import Close
from properties.models import Property, Room
from properties.services import room_mark
from tests.live import listen

pytestmark = pytest.mark.django_db(transaction=True)
in_thread = sync_to_async(thread_sensitive=False)
NAMES = ("pms_sockets_open", "pms_hub_batches_total", "pms_fan_out_seconds_count", "pms_resyncs_total")


def figures() -> dict[str, float]:
    """Return the figures of this process."""
    return {name: REGISTRY.get_sample_value(name) or 0.0 for name in NAMES}


async def test_an_open_page_is_counted_until_it_has_gone_once(hub: Hub, hotel: Property, hugo: User) -> None:
    before = figures()["pms_sockets_open"]
    first = await listen(hub, hugo, hotel.pk, "room_card")
    second = await listen(hub, hugo, hotel.pk, "room_card")
    assert figures()["pms_sockets_open"] == before + 2

    await hub.expel(first.socket, Close.OLD)
    await hub.detach(first.socket)  # its consumer says goodbye too

    assert figures()["pms_sockets_open"] == before + 1
    await hub.detach(second.socket)
    assert figures()["pms_sockets_open"] == before


async def test_a_batch_and_its_way_are_counted(hub: Hub, hotel: Property, room: Room, hugo: User) -> None:
    head = await in_thread(stream_head)(hotel.pk)
    page = await listen(hub, hugo, hotel.pk, "room_card", seq=head.seq, epoch=head.epoch)
    before = figures()
    fan_out = REGISTRY.get_sample_value("pms_fan_out_seconds_sum") or 0.0

    await in_thread(room_mark)(room_id=room.pk, condition="dirty")
    took = await page.until(lambda screen: f"room-card-{room.pk}" in screen.pieces, seconds=30)

    now = figures()
    assert now["pms_hub_batches_total"] > before["pms_hub_batches_total"]
    assert now["pms_fan_out_seconds_count"] > before["pms_fan_out_seconds_count"]
    assert 0 < (REGISTRY.get_sample_value("pms_fan_out_seconds_sum") or 0.0) - fan_out < took + 30
    assert now["pms_resyncs_total"] == before["pms_resyncs_total"]


async def test_a_page_told_to_read_itself_anew_is_counted(hub: Hub, hotel: Property, hugo: User) -> None:
    page = await listen(hub, hugo, hotel.pk, "room_card")
    before = figures()["pms_resyncs_total"]

    page.socket.resync()

    assert figures()["pms_resyncs_total"] == before + 1
