"""Two equal hotels with a row of every kind, and people with exactly one right, or all but one."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from channel_manager.channels.registry import CallRecord
from channel_manager.models import ChannelConnection, InboxMessage
from channel_manager.services.inbox import body_quarantine
from channel_manager.services.lanes import line_of
from folios.models import Folio, Invoice, NightAudit, Posting
from folios.services.invoices import invoice_issue
from folios.services.night_audit import night_audit_start
from folios.services.postings import Line, charge_post
from notifications.models import Notification
from pms.accounts.models import User
from pms.accounts.registry import all_codes
from pms.accounts.services import role_set_rights, user_set_roles
from pms.api.models import ApiClient, Job
from pms.api.services import api_client_create
from pms.core.chain.sealing import seal_chain
from pms.core.pictures import picture_read
from pms.events.models import Delivery, StreamEvent
from pms.events.worker import MAX_TRIES, run
from properties.models import (
    Building,
    Feature,
    Floor,
    Invitation,
    Membership,
    Place,
    Property,
    Role,
    Room,
    RoomTypePhoto,
    Section,
)  # fmt: skip
from properties.services import business_date_roll, places, role_add, staff_invite
from properties.services.logo import logo_set
from reservations.models import OutOfOrder, Reservation
from reservations.services.guests import guest_change
from reservations.services.out_of_order import out_of_order_set
from tests.committed import commit
from tests.factories.api import make_job
from tests.factories.channels import make_connection
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.pictures import make_photo, picture
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member, make_user
from tests.factories.reservations import make_reservation
from tests.permissions.routes import ALSO, cases, pages

# What a sign-in and a look around write: nobody's business data.
OF_SESSIONS = frozenset({"django_session", "usersessions_usersession"})


@dataclass(frozen=True)
class Hotel:
    """A hotel and one row of each kind that an address can name."""

    row: Property
    expected: Reservation
    room: Room
    folio: Folio
    posting: Posting
    invoice: Invoice
    audit: NightAudit
    helper: Membership
    role: Role
    channel: ChannelConnection
    message: InboxMessage
    parked: Delivery
    program: ApiClient
    invitation: Invitation
    job: Job

    def place(self, model: type[Place]) -> Place:
        """Return the hotel's building, floor, section or feature."""
        return model._default_manager.filter(property=self.row).earliest("created_at")

    def bell_of(self, user: User) -> Notification:
        """Return a notification of the person at this hotel; a bell is everybody's own."""
        found: Notification | None = Notification.objects.filter(property=self.row, user=user).first()
        if found is None:
            found = Notification(
                property=self.row, user=user, event_id=1, code="room.marked", object_id=self.room.pk,
                payload={}, occurred_at=timezone.now(),
            )  # fmt: skip
            found.save()
        return found


# Only what a page hands out after an act opens; the tests of undo use real ones.
NO_TOKEN = "not-a-token"
# What fills an argument of an address: `<part of the address before it>/<argument>` → a row of the hotel, for whom.
FILLERS: Mapping[str, Callable[[Hotel, User], Any]] = {
    "reservations/pk": lambda hotel, _user: hotel.expected.pk,
    "guests/guest_pk": lambda hotel, _user: hotel.expected.guest_id,
    "room/room_pk": lambda hotel, _user: hotel.room.pk,
    "rooms/pk": lambda hotel, _user: hotel.room.pk,
    "my-rooms/pk": lambda hotel, _user: hotel.room.pk,
    "stays/number": lambda hotel, _user: hotel.expected.number,
    "staff/pk": lambda hotel, _user: hotel.helper.pk,
    "invitations/pk": lambda hotel, _user: hotel.invitation.pk,
    "roles/pk": lambda hotel, _user: hotel.role.pk,
    "bell/pk": lambda hotel, user: hotel.bell_of(user).pk,
    "folios/pk": lambda hotel, _user: hotel.folio.pk,
    "postings/posting": lambda hotel, _user: hotel.posting.pk,
    "invoices/pk": lambda hotel, _user: hotel.invoice.pk,
    "night-audit/pk": lambda hotel, _user: hotel.audit.pk,
    "channels/pk": lambda hotel, _user: hotel.channel.pk,
    "messages/pk": lambda hotel, _user: hotel.message.pk,
    "api-clients/pk": lambda hotel, _user: hotel.program.pk,
    "jobs/pk": lambda hotel, _user: hotel.job.pk,
    "background/pk": lambda hotel, _user: hotel.parked.pk,
    "history/kind": lambda _hotel, _user: "room",
    "history/pk": lambda hotel, _user: hotel.room.pk,
    "windows/window": lambda _hotel, _user: 1,
    "undo/token": lambda _hotel, _user: NO_TOKEN,
    "setup/step": lambda _hotel, _user: "hotel",
    "room-types/pk": lambda hotel, _user: hotel.room.room_type_id,
    "buildings/pk": lambda hotel, _user: hotel.place(Building).pk,
    "floors/pk": lambda hotel, _user: hotel.place(Floor).pk,
    "sections/pk": lambda hotel, _user: hotel.place(Section).pk,
    "closed-rooms/pk": lambda hotel, _user: OutOfOrder.objects.get(property=hotel.row).pk,
    "photos/pk": lambda hotel, _user: RoomTypePhoto.objects.get(property=hotel.row).pk,
    "photos/side": lambda _hotel, _user: 480,
    "features/pk": lambda hotel, _user: hotel.place(Feature).pk,
}
# Arguments that name no row of their own: the same text means something in every hotel.
NO_ROWS = frozenset({"windows/window", "history/kind", "setup/step", "undo/token", "photos/side"})
# What must be in a form for the view to look at the row it names at all.
BODIES: Mapping[str, Mapping[str, str]] = {
    "properties:mark_room": {"condition": "dirty", "version": "1"},
    "housekeeping:mark_room": {"condition": "dirty", "version": "1"},
}


def furnish(code: str) -> Hotel:
    """Open a hotel and put a row of every kind into it."""
    owner = make_user(name="Olga Brandt", email=f"owner@{code.lower()}.example")
    row = open_for_business(make_hotel(code=code, name=f"Hotel {code}", owner=owner, rooms=SMALL_HOUSE), nights=10)
    make_guest_in_house(hotel=row, room="102", name="Lena Fort")
    row = business_date_roll(hotel=row)  # she leaves today
    expected = make_reservation(hotel=row, room_type="SUI", name="Edda Wolf")
    guest_change(hotel=row, guest_id=expected.guest_id, values={"phone": "+49 431 901"})
    _stay, folio = make_guest_in_house(hotel=row, nights=2)
    charge_post(folio_id=folio.pk, line=Line("room", Decimal("120.00")))
    invoice = invoice_issue(folio_id=folio.pk)
    posting = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    # A colleague who may do nothing: so everybody who may change the staff at all may change her.
    helper = make_member(hotel=row, name="Nele Nobody", role="maintenance")
    helper.roles = []
    helper.save()
    # Nor does a role: whoever may change roles at all may change one that holds nothing.
    role = role_add(property_id=row.pk, name="Night porter")
    audit = night_audit_start(hotel=row, accepted=["audit_too_early"])
    room = Room.objects.get(property=row, number="501")
    places.building_add(property_id=row.pk, name="Annex")
    places.section_add(property_id=row.pk, name="North")
    places.feature_add(property_id=row.pk, code="balcony", name="Balcony")
    spare = Room.objects.get(property=row, number="201")
    day = row.business_date + dt.timedelta(days=5)
    out_of_order_set(hotel=row, room_id=spare.pk, kind="out_of_order", first=day, last=day, reason="Shower drips")
    make_photo(room_type=room.room_type, alt="A bed")
    logo_set(property_id=row.pk, picture=picture_read(io.BytesIO(picture()), sides=(640,)))
    channel = make_connection(hotel=row, hotel_id=f"9{owner.pk.int % 10**6:06}")
    line_of(channel).record(CallRecord.unanswered("Poll", "<?>", "Nobody answered."))
    message = body_quarantine(connection=channel, queue="new", body="<?>", why="It cannot be read.")
    parked = park(row)
    program = api_client_create(name="Door locks", property_ids=[row.pk], scopes=["rooms.read"]).client
    # A role that promises nothing, so whoever may change the staff at all may send it again.
    invitation = staff_invite(
        property_id=row.pk, email=f"ida@{code.lower()}.example", name="Ida", roles=[role.code], invited_by_id=owner.pk
    )
    job = make_job(hotel=row, lines=[{"room": "501", "condition": "dirty"}])
    seal_chain(row.pk)
    return Hotel(
        row, expected, room, folio, posting, invoice, audit, helper, role, channel, message, parked, program,
        invitation, job,
    )  # fmt: skip


def park(row: Property) -> Delivery:
    """Let the last try to tell a receiver fail that no longer exists, and return the delivery that is parked now."""
    event = StreamEvent.objects.filter(property_id=row.pk).latest("pk")
    owed = Delivery.objects.create(event=event, receiver="house.gone", property_id=row.pk, tries=MAX_TRIES)
    assert not run(owed)
    owed.refresh_from_db()
    return owed


class House:
    """The hotels SEA and LAK, and the people who come to their doors."""

    def __init__(self) -> None:
        self.sea, self.lak = furnish("SEA"), furnish("LAK")
        rights = {route.right for route in pages()}
        # Made before the first test begins: what a test makes is taken back with it.
        alone = {frozenset({right}) for right in rights}
        more = {frozenset({route.right}) | ALSO.get((route.name, method), frozenset()) for route, method in cases()}
        self._holders = {held: self._person(f"only_{'_'.join(sorted(held))}", held) for held in alone | more}
        self._others = {right: self._person(f"not_{right}", all_codes() - {right}) for right in rights}
        commit(run=False)

    @cached_property
    def olga(self) -> User:
        """The owner of SEA: she holds every right."""
        return User.objects.get(email="owner@sea.example")

    @cached_property
    def eve(self) -> User:
        """The owner of LAK: a stranger at SEA."""
        return User.objects.get(email="owner@lak.example")

    def turned(self) -> House:
        """Return the house as LAK sees it."""
        other = copy(self)
        other.sea, other.lak = self.lak, self.sea
        return other

    def holder_of(self, *rights: str) -> User:
        """Return a person who holds exactly these rights at SEA."""
        return self._holders[frozenset(rights)]

    def all_but(self, right: str) -> User:
        """Return a colleague who may do everything at SEA but this."""
        return self._others[right]

    def _person(self, role: str, rights: Iterable[str]) -> User:
        user = make_user(name="Rita Right", email=f"{role}@people.example")
        role_set_rights(property_id=self.sea.row.pk, role=role, rights=rights)
        user_set_roles(user_id=user.pk, property_id=self.sea.row.pk, roles=[role])
        return User.objects.get(pk=user.pk)


def values_for(arguments: Mapping[str, str], hotel: Hotel, user: User) -> dict[str, Any]:
    """Return a value of the hotel for each argument of an address."""
    return {name: FILLERS[kind](hotel, user) for name, kind in arguments.items()}


def browser(user: User | None, *, careful: bool = False) -> Client:
    """Return a browser in which the person is signed in; `careful` checks the CSRF token as in life."""
    client = Client(enforce_csrf_checks=careful, raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def writes() -> dict[str, int]:
    """Return for every table how many rows this transaction has written so far, those it took back included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {table: rows for table, rows in cursor.fetchall() if table not in OF_SESSIONS}


def written_since(before: dict[str, int]) -> list[str]:
    """Return the tables that were written to since `before`."""
    return sorted(table for table, rows in writes().items() if rows != before.get(table))
