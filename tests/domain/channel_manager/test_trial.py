"""The command that connects a hotel to the pretended site, again at each start."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from channel_manager.models import ChannelConnection
from properties.models import Property
from tests.factories.channels import running_sandbox


def test_the_hotel_is_connected_mapped_and_live_once(sea: Property):
    with running_sandbox() as site:
        for _ in range(2):
            said = StringIO()
            call_command("connect_sandbox", url=site.url, stdout=said)

    connection = ChannelConnection.objects.get()
    assert (connection.status, connection.base_url) == ("live", site.url) and "SEA is connected" in said.getvalue()
    assert connection.rooms.filter(room_type=None).count() == 0 == connection.rates.filter(rate_plan=None).count()


def test_without_a_site_it_says_how_to_get_one(db):
    with pytest.raises(CommandError, match="up --sandbox"):
        call_command("connect_sandbox", url=None)


def test_a_house_without_rooms_is_left_alone(db):
    said = StringIO()

    call_command("connect_sandbox", url="http://127.0.0.1:9", stdout=said)

    assert "nothing was connected" in said.getvalue()
