"""Connections: secrets that nobody reads, one voice per hotel of a channel, changes that become dirty nights."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection as database
from django.db import transaction

from channel_manager.drafts import Product, Products
from channel_manager.errors import ChannelHotelTaken, ChannelUnknown
from channel_manager.models import ChannelConnection, DirtyRange, InboxMessage, RoomMapping, SentValue
from channel_manager.selectors.connections import connection_of_hotel
from channel_manager.services.connections import (
    connection_change,
    connection_go_live,
    connection_suspend,
    mapping_set,
    products_note,
)
from channel_manager.services.push import availability_dirtied, connection_dirtied
from pms.core.errors import InvalidValue
from pms.core.models import AuditEntry
from properties.models import Property, RoomType
from reservations.events import AvailabilityMoved
from tests.factories.channels import make_connection
from tests.factories.reservations import make_booking

SECRET = "s3cret-Kiwi-42"


def test_the_account_is_encrypted_and_not_audited(sea: Property):
    connection = make_connection(hotel=sea, credentials={"client_id": "ci-77", "client_secret": SECRET})
    connection_change(connection_id=connection.pk, values={}, credentials={"client_secret": SECRET + "-new"})

    with database.cursor() as cursor:
        cursor.execute("SELECT row::text FROM channel_manager_channelconnection AS row")
        assert SECRET not in cursor.fetchone()[0]
    assert AuditEntry.objects.filter(object_pk=str(connection.pk)).exists()
    assert not [
        entry for entry in AuditEntry.objects.all() if SECRET in str(entry.changes) or "ci-77" in str(entry.changes)
    ]
    stored = ChannelConnection.objects.get().credentials
    assert stored == {"client_id": "ci-77", "client_secret": SECRET + "-new"}


def test_a_field_left_empty_keeps_the_account(sea: Property, connection: ChannelConnection):
    before = connection.credentials

    connection_change(connection_id=connection.pk, values={"hotel_id": "900200"}, credentials={"client_secret": " "})

    changed = ChannelConnection.objects.get()
    assert (changed.hotel_id, changed.credentials) == ("900200", before)


def test_a_pace_below_the_documented_one_is_for_this_machine_only(sea: Property, connection: ChannelConnection):
    with pytest.raises(InvalidValue):
        connection_change(connection_id=connection.pk, values={"base_url": "", "poll_seconds": Decimal(5)})

    connection_change(connection_id=connection.pk, values={"base_url": "", "poll_seconds": Decimal(20)})


def test_an_unknown_channel_is_refused(sea: Property):
    with pytest.raises(ChannelUnknown):
        make_connection(hotel=sea, kind="carrier_pigeon")


def test_one_live_connection_speaks_for_a_hotel_of_a_channel(
    sea: Property, other_hotel: Property, connection: ChannelConnection
):
    other = make_connection(hotel=other_hotel, live=False, mapped=False)

    with pytest.raises(ChannelHotelTaken):
        connection_go_live(connection_id=other.pk)

    connection_suspend(connection_id=connection.pk)
    assert connection_go_live(connection_id=other.pk).status == "live"


def test_rooms_and_rates_are_noted_and_what_is_mapped_stays_mapped(sea: Property, connection: ChannelConnection):
    found = Products(
        (Product("90010002", "Double, sea view"), Product("90010009", "Attic")), (Product("55001", "Std"),)
    )

    products_note(connection_id=connection.pk, products=found)

    assert RoomMapping.objects.get(external_id="90010002").room_type.code == "DBL"
    assert RoomMapping.objects.get(external_id="90010002").name == "Double, sea view"
    assert RoomMapping.objects.get(external_id="90010009").room_type is None


def test_only_types_of_the_hotel_can_be_mapped(other_hotel: Property, connection: ChannelConnection):
    foreign = RoomType.objects.filter(property=other_hotel).first()

    with pytest.raises(InvalidValue):
        mapping_set(connection_id=connection.pk, rooms={"90010002": foreign.pk}, rates={})

    assert RoomMapping.objects.get(external_id="90010002").room_type.code == "DBL"


def test_a_change_of_stock_dirties_live_connections_of_its_hotel_only(sea: Property, other_hotel: Property):
    live = make_connection(hotel=sea)
    make_connection(hotel=sea, hotel_id="900200", live=False)
    make_connection(hotel=other_hotel, hotel_id="900300", mapped=False)
    DirtyRange.objects.all().delete()
    day = sea.business_date
    event = AvailabilityMoved(property_id=sea.pk, room_type_ids=(), first=day, last=day + dt.timedelta(days=2))

    availability_dirtied(event=event)

    assert list(DirtyRange.objects.values_list("connection_id", "first", "last")) == [
        (live.pk, day, day + dt.timedelta(days=2))
    ]


def test_what_is_rolled_back_is_not_dirty(sea: Property, connection: ChannelConnection):
    DirtyRange.objects.all().delete()
    with transaction.atomic():
        make_booking(hotel=sea)
        transaction.set_rollback(True)

    assert not DirtyRange.objects.exists()


def test_everything_anew_forgets_what_was_told(sea: Property, connection: ChannelConnection):
    SentValue.objects.create(
        connection=connection,
        external_room="1",
        night=sea.business_date,
        value=1,
        acknowledged_at=connection.created_at,
    )
    connection_dirtied(connection=connection)
    assert SentValue.objects.exists()

    connection_dirtied(connection=connection, anew=True)

    assert not SentValue.objects.exists()


def test_a_shared_account_finds_the_hotel_that_is_meant(sea: Property, connection: ChannelConnection):
    sister = make_connection(hotel=sea, hotel_id="900200")

    assert connection_of_hotel(connection, "900200") == sister
    assert connection_of_hotel(connection, "") == connection
    assert connection_of_hotel(connection, "999999") is None
    assert not InboxMessage.objects.exists()
