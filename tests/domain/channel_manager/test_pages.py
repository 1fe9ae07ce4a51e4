"""The pages of the channels: who may see and do what, secrets never shown, the mapping completes what waited."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from channel_manager.channels.booking_com import messages as booking_com
from channel_manager.fragments import CHANNEL_ATTENTION
from channel_manager.models import ChannelConnection, InboxMessage, RateMapping, RoomMapping
from channel_manager.selectors.summary import summary_of
from channel_manager.services.apply import message_apply
from channel_manager.services.inbox import body_quarantine, message_settle, message_store
from pms.accounts.models import User
from pms.accounts.registry import all_codes
from pms.accounts.services import role_set_rights, user_set_roles
from pms.events.models import StreamEvent
from pms.live.pages import audience_of
from properties.models import Property, Room, RoomType
from properties.services import room_mark
from reservations.models import RatePlan, Reservation
from tests.channels.booking_com.wire import reservation
from tests.clients import signed_in
from tests.committed import commit
from tests.factories.channels import ROOMS, make_connection, map_all
from tests.factories.properties import make_user


def at(name: str, hotel: Property, *args: object) -> str:
    return reverse(f"channel_manager:{name}", args=[hotel.code, *args])


@pytest.fixture
def as_anna(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def waiting(sea: Property) -> InboxMessage:
    """A reservation of a room and a rate that are not mapped."""
    connection = make_connection(hotel=sea, mapped=False)
    received = booking_com.received(reservation(sea, nights=2).encode())[0]
    message = message_store(connection=connection, queue="new", received=received)
    return message_apply(message_id=message.pk)


def test_the_board_shows_connections_and_messages(as_anna: Client, sea: Property, waiting: InboxMessage):
    page = as_anna.get(at("list_channels", sea)).content.decode()

    assert "Booking.com" in page and waiting.message_id in page and "To map" in page
    assert f'id="channel-card-{waiting.connection_id}"' in page
    assert f'id="channel-message-{waiting.pk}"' in page
    assert "Channels" in page and 'aria-current="page"' in page


def test_the_count_in_the_navigation_is_a_piece_on_every_page(
    as_anna: Client, sea: Property, anna: User, maria: User, waiting: InboxMessage
):
    piece = f'id="channel-attention-{sea.pk}"'
    count = re.compile(rf'<span class="count" {piece} data-seq="\d+" data-place="(\d+)" data-tone="amber"( hidden)?>')
    page = as_anna.get(reverse("properties:list_rooms", args=[sea.code])).content.decode()

    assert count.findall(page) == [("1", "")]
    assert CHANNEL_ATTENTION.render(sea.pk, audience_of(anna, sea.pk)) in page
    assert f"channel_attention:{sea.pk}" in page
    assert re.search(r'<dialog[^>]*id="more"[^>]*data-live-on="[^"]*channel_attention', page)

    map_all(waiting.connection)
    commit(run=False)
    touched = {topic for row in StreamEvent.objects.values_list("touches", flat=True) for topic in row}
    assert f"channel_attention:{sea.pk}" in touched
    after = CHANNEL_ATTENTION.render(sea.pk, audience_of(anna, sea.pk))
    assert count.findall(after) == [("0", " hidden")]
    assert CHANNEL_ATTENTION.render(sea.pk, audience_of(maria, sea.pk)) == ""


def test_control_the_board_alone_moves_no_count(sea: Property, waiting: InboxMessage):
    """A room marked dirty is no matter of the channels: no page draws the count anew for it."""
    commit(run=False)
    last = StreamEvent.objects.latest("id").pk
    room_mark(room_id=Room.objects.get(property=sea, number="101").pk, condition="dirty")
    commit(run=False)

    touched = {
        topic for row in StreamEvent.objects.filter(pk__gt=last).values_list("touches", flat=True) for topic in row
    }
    assert touched and f"channel_attention:{sea.pk}" not in touched


@pytest.mark.parametrize("show", ["attention", "unmapped", "nonsense"])
def test_the_inbox_can_be_narrowed(as_anna: Client, sea: Property, waiting: InboxMessage, show: str):
    assert waiting.message_id in as_anna.get(at("list_channels", sea), {"show": show}).content.decode()


def test_an_empty_board_says_what_to_do(as_anna: Client, sea: Property):
    assert "No booking site is connected yet" in as_anna.get(at("list_channels", sea)).content.decode()


def test_secrets_are_written_and_never_shown(as_anna: Client, sea: Property):
    answer = as_anna.post(
        at("add_connection", sea),
        {"hotel_id": "900100", "account_client_id": "ci-0001", "account_client_secret": "s3cret-Kiwi"},
    )

    connection = ChannelConnection.objects.get()
    assert answer.status_code == 302 and connection.credentials["client_secret"] == "s3cret-Kiwi"
    page = as_anna.get(at("change_connection", sea, connection.pk)).content.decode()
    assert "s3cret-Kiwi" not in page and "ci-0001" not in page
    as_anna.post(at("change_connection", sea, connection.pk), {"hotel_id": "900101", "version": connection.version})
    connection.refresh_from_db()
    assert connection.hotel_id == "900101" and connection.credentials["client_secret"] == "s3cret-Kiwi"


@pytest.mark.parametrize(
    ("field", "value"),
    [("base_url", "http://elsewhere.example"), ("poll_seconds", "1"), ("hotel_id", "90/1"), ("hotel_id", "")],
)
def test_what_a_channel_does_not_allow_is_refused_at_its_field(as_anna: Client, sea: Property, field: str, value: str):
    typed = {"hotel_id": "900100", field: value}

    answer = as_anna.post(at("add_connection", sea), typed)

    assert answer.status_code == 422 and answer.context["form"].errors[field]
    assert not ChannelConnection.objects.exists()


def test_completing_the_mapping_completes_what_waited(as_anna: Client, sea: Property, waiting: InboxMessage):
    connection = waiting.connection
    stay = Reservation.objects.get()
    assert stay.room_type is None and "unmapped" in stay.flags
    kind, plan = RoomType.objects.get(property=sea, code="DBL"), RatePlan.objects.get(property=sea, code="BAR")
    page = as_anna.get(at("map_connection", sea, connection.pk)).content.decode()
    assert RoomMapping.objects.get().external_id in page and RateMapping.objects.get().external_id in page

    as_anna.post(at("map_connection", sea, connection.pk), {f"room_{ROOMS['DBL']}": kind.pk, "rate_55001": plan.pk})

    stay.refresh_from_db()
    assert stay.room_type == kind and stay.rate_plan == plan and stay.flags == []
    waiting.refresh_from_db()
    assert waiting.state == "applied" and waiting.reasons == []


def test_a_message_is_shown_masked_retried_and_settled(as_anna: Client, sea: Property, waiting: InboxMessage):
    page = as_anna.get(at("open_message", sea, waiting.pk)).content.decode()
    assert "HotelReservation" in page and "4111" not in page

    assert as_anna.post(at("retry_message", sea, waiting.pk)).status_code == 302
    as_anna.post(at("settle_message", sea, waiting.pk))

    waiting.refresh_from_db()
    assert waiting.reasons == []


def test_a_message_says_what_it_wants_in_words_of_the_house(as_anna: Client, sea: Property, waiting: InboxMessage):
    summary = summary_of(waiting, named=True)
    stay = Reservation.objects.get(property=sea)

    page = as_anna.get(at("open_message", sea, waiting.pk)).content.decode()

    assert summary is not None and [(room.here, room.nights, room.reservation_id) for room in summary.rooms] == [
        ("", 2, stay.pk)
    ]
    assert summary.booker in page and page.count("Not mapped") == 2  # the room and its rate
    assert reverse("reservations:open_reservation", args=[sea.code, stay.pk]) in page


def test_control_a_mapped_room_and_rate_carry_our_names(as_anna: Client, sea: Property):
    connection = make_connection(hotel=sea)
    received = booking_com.received(reservation(sea, nights=1).encode())[0]
    message = message_apply(message_id=message_store(connection=connection, queue="new", received=received).pk)

    page = as_anna.get(at("open_message", sea, message.pk)).content.decode()

    assert "Not mapped" not in page and "Double" in page


def test_a_message_that_cannot_be_read_is_shown_as_it_came(as_anna: Client, sea: Property):
    message = body_quarantine(connection=make_connection(hotel=sea), queue="new", body="<Broken", why="No end.")

    page = as_anna.get(at("open_message", sea, message.pk)).content.decode()

    assert summary_of(message, named=True) is None
    assert "&lt;Broken" in page and 'class="card log" open' in page


def test_going_live_pausing_and_sending_anew(as_anna: Client, sea: Property):
    connection = make_connection(hotel=sea, live=False)
    for act, status in (("go_live", "live"), ("sync_connection", "live"), ("suspend_connection", "suspended")):
        as_anna.post(at(act, sea, connection.pk))
        connection.refresh_from_db()
        assert connection.status == status


def test_going_live_without_an_account_is_refused(as_anna: Client, sea: Property):
    connection = make_connection(hotel=sea, live=False, credentials={})

    page = as_anna.post(at("go_live", sea, connection.pk), follow=True).content.decode()

    connection.refresh_from_db()
    assert connection.status == "draft" and "account is missing" in page


ACTS = ("change_connection", "map_connection", "go_live", "suspend_connection", "sync_connection", "test_connection")


@pytest.mark.parametrize("name", ACTS)
def test_a_colleague_without_the_right_and_a_stranger_are_kept_out(
    client: Client, sea: Property, connection: ChannelConnection, hugo: User, eve: User, name: str
):
    ask = client.post if name not in ("change_connection", "map_connection") else client.get
    client.force_login(hugo)
    assert ask(at(name, sea, connection.pk)).status_code == 403
    client.force_login(eve)
    assert ask(at(name, sea, connection.pk)).status_code == 404
    client.logout()
    assert ask(at(name, sea, connection.pk)).status_code == 302


def test_the_desk_sees_the_board_but_no_buttons(
    client: Client, sea: Property, connection: ChannelConnection, hugo: User
):
    client.force_login(hugo)

    page = client.get(at("list_channels", sea)).content.decode()

    assert "Booking.com" in page and at("map_connection", sea, connection.pk) not in page


def test_a_housekeeper_does_not_see_channels(client: Client, sea: Property, maria: User):
    client.force_login(maria)

    assert client.get(at("list_channels", sea)).status_code == 403


def test_a_pushed_piece_is_the_piece_of_the_page(as_anna: Client, sea: Property, waiting: InboxMessage, anna: User):
    from channel_manager.fragments import CHANNEL_CARD, CHANNEL_MESSAGE

    page = as_anna.get(at("list_channels", sea)).content.decode()
    audience = audience_of(anna, sea.pk)

    assert CHANNEL_MESSAGE.render(waiting.pk, audience) in page
    assert CHANNEL_CARD.render(waiting.connection_id, audience) in page


def test_an_unreadable_body_is_listed_and_settled_by_hand(sea: Property, connection: ChannelConnection):
    first = body_quarantine(connection=connection, queue="new", body="<broken", why="It is broken.")
    again = body_quarantine(connection=connection, queue="new", body="<broken", why="It is broken.")

    assert first.pk == again.pk and first.reasons == ["unreadable"]
    assert message_settle(message_id=first.pk).reasons == []


def test_who_may_not_see_guests_reads_neither_the_name_nor_what_the_channel_wrote(sea: Property, waiting: InboxMessage):
    assert waiting.booking is not None
    name, told = waiting.booking.booker.full_name, {}
    for role, rights in (("all", all_codes()), ("nameless", all_codes() - {"guest_view"})):
        role_set_rights(property_id=sea.pk, role=role, rights=rights)
        reader = make_user(name="Rita Right", email=f"{role}@people.example")
        user_set_roles(user_id=reader.pk, property_id=sea.pk, roles=[role])
        browser = signed_in(User.objects.get(pk=reader.pk))
        board, page = (
            browser.get(url).content.decode() for url in (at("list_channels", sea), at("open_message", sea, waiting.pk))
        )
        told[role] = (name in board, name in page, "HotelReservation" in page)

    assert told == {"all": (True, True, True), "nameless": (False, False, False)}
