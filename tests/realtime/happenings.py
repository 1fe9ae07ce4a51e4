"""For each event of the catalogue: what must be so before, and the act that makes it happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator

from channel_manager.drafts import AvailabilityRun
from channel_manager.models import ChannelConnection
from channel_manager.services.apply import message_apply
from channel_manager.services.inbox import body_import, body_quarantine, message_settle, messages_acknowledged
from channel_manager.services.lanes import TOLD_AFTER, answered, failed
from channel_manager.services.push import _remember
from folios.models import Folio
from folios.services.invoices import invoice_issue
from folios.services.night_audit import _claim, _Run, night_audit_resume, night_audit_run, night_audit_start
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from pms.accounts.models import SupportVisit, User
from pms.accounts.support import support_allow, supporter_set
from pms.api.services.jobs import job_cancel, job_run
from pms.events.models import Delivery, StreamEvent
from pms.events.worker import MAX_TRIES, run
from properties.api.jobs import CONDITIONS
from properties.models import Invitation, Membership, Property, Room, RoomType
from properties.services import (
    business_date_roll,
    hotel_change,
    invitation_revoke,
    room_add,
    room_archive,
    room_change,
    room_mark,
    room_restore,
    room_type_add,
    room_type_change,
    room_type_restore,
    staff_disable,
    staff_enable,
    staff_invite,
    staff_remove,
    staff_set_roles,
    support_begin,
    support_end,
)
from properties.services.room_type_spans import room_type_plan
from properties.services.room_types import room_type_archive
from properties.services.rooms import room_set_occupancy
from reservations.models import RatePlan, Reservation
from reservations.services.booking_facts import booking_change
from reservations.services.front_desk import (
    reservation_check_in,
    reservation_check_out,
    reservation_undo_check_in,
    reservation_undo_check_out,
)
from reservations.services.notes import reservation_notes_change
from reservations.services.out_of_order import out_of_order_change, out_of_order_end, out_of_order_set
from reservations.services.rate_plans import rate_plan_change
from reservations.services.rates import RateValue, rates_set
from reservations.services.stays import reservation_assign_room, reservation_cancel, reservation_unassign_room
from tests.factories.api import make_job
from tests.factories.channels import ROOMS, make_connection
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.pictures import make_photo
from tests.factories.properties import SMALL_HOUSE, make_hotel, make_member, make_room_type, make_user
from tests.factories.reservations import make_booking, make_reservation

SAMPLES = Path(__file__).resolve().parents[1] / "channels" / "booking_com" / "samples"
EARLY = ["audit_too_early"]


@dataclass
class Scene:
    """The small hotel on an ordinary day, and what `given` puts there for one event."""

    hotel: Property
    leaving: Reservation
    staying: Reservation
    coming: Reservation
    undecided: Reservation
    tomorrow: Reservation
    folio: Folio
    folio_left: Folio
    channel: ChannelConnection
    member: Membership
    kind: RoomType
    given: dict[str, Any] = field(default_factory=dict)

    def room(self, number: str) -> Room:
        """Return the room with this number."""
        return Room.objects.get(property=self.hotel, number=number)


def set_scene() -> Scene:
    """Open the hotel: one guest leaves today, one stays, one comes into a planned room, one has no room yet.

    Another one is planned into a room for tomorrow.
    """
    hotel = open_for_business(make_hotel(rooms=SMALL_HOUSE), nights=20)
    leaving, folio_left = make_guest_in_house(hotel=hotel, room="102", name="Lena Fort")
    hotel = business_date_roll(hotel=hotel)
    staying, folio = make_guest_in_house(hotel=hotel, room="101", name="Stan Bleib", nights=3)
    charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    coming = make_reservation(hotel=hotel, room_type="SGL", name="Cora Komm")
    reservation_assign_room(hotel=hotel, reservation_id=coming.pk, room_id=_room(hotel, "201").pk)
    undecided = make_reservation(hotel=hotel, room_type="SUI", name="Uta Offen", nights=2)
    tomorrow = make_reservation(
        hotel=hotel, room_type="SGL", name="Mara Morgen", arrival=hotel.business_date + dt.timedelta(days=1)
    )
    reservation_assign_room(hotel=hotel, reservation_id=tomorrow.pk, room_id=_room(hotel, "201").pk)
    channel = make_connection(hotel=hotel)
    body_quarantine(connection=channel, queue="new", body="<?>", why="It cannot be read.")
    member = make_member(hotel=hotel, name="Nele Neu", role="maintenance")
    kind = make_room_type(hotel=hotel)
    return Scene(hotel, leaving, staying, coming, undecided, tomorrow, folio, folio_left, channel, member, kind)


def _room(hotel: Property, number: str) -> Room:
    return Room.objects.get(property=hotel, number=number)


Act = Callable[[Scene], object]


@dataclass(frozen=True)
class Happening:
    """`act` makes the event happen; `given`, if any, is so before the pages are opened."""

    act: Act
    given: Act | None = None


def _keep(scene: Scene, name: str, value: Any) -> Any:
    scene.given[name] = value
    return value


def _invite(scene: Scene) -> Invitation:
    olga = User.objects.get(email="olga@sea.example")
    return staff_invite(
        property_id=scene.hotel.pk, email="ida@sea.example", name="Ida", roles=["auditor"], invited_by_id=olga.pk
    )


def _support(scene: Scene) -> SupportVisit:
    sam = make_user(name="Sam Support")
    Authenticator.objects.create(user=sam, type=Authenticator.Type.TOTP, data={})
    supporter_set(user_id=sam.pk, support=True)
    support_allow(property_id=scene.hotel.pk, allowed=True)
    why = "The plan shows nothing since noon"
    return support_begin(supporter_id=sam.pk, code=scene.hotel.code, email=scene.member.user.email, reason=why)


def _spare(scene: Scene) -> Any:
    """Add a room that nobody needs."""
    return room_add(property_id=scene.hotel.pk, room_type_id=scene.staying.room_type_id, number="109", floor="1")


def _closed(scene: Scene) -> Any:
    """Take it out of order, from today on."""
    day = scene.hotel.business_date
    room = Room.objects.filter(property=scene.hotel, number="109").first() or _spare(scene)
    row = out_of_order_set(
        hotel=scene.hotel, room_id=room.pk, kind="out_of_order", first=day, last=day, reason="Shower drips"
    )
    return _keep(scene, "closed", row)


def _left(scene: Scene) -> Any:
    return reservation_check_out(hotel=scene.hotel, reservation_id=scene.leaving.pk)


def _audit(scene: Scene) -> Any:
    """Start the closing: whoever was to leave has left."""
    _left(scene)
    return _keep(scene, "audit", night_audit_start(hotel=scene.hotel, accepted=EARLY))


def _stopped(scene: Scene) -> Any:
    run = _Run(_claim(_audit(scene).pk))
    return run.fail("post_nights", ValueError("The paper is out."))


def _fail(scene: Scene) -> Any:
    return _Run(_claim(scene.given["audit"].pk)).fail("post_nights", ValueError("The paper is out."))


def _weak(scene: Scene) -> None:
    for _ in range(TOLD_AFTER - 1):
        failed(scene.channel, "pull", TimeoutError("Nobody answered."))


def _dead(scene: Scene) -> None:
    _weak(scene)
    failed(scene.channel, "pull", TimeoutError("Nobody answered."))


def _import(scene: Scene) -> Any:
    sample = (SAMPLES / "ota_resnotif_avantio_style_single_room_3rates.xml").read_bytes()
    return _keep(scene, "message", body_import(connection=scene.channel, body=sample)[0])


def _quarantined(scene: Scene) -> Any:
    message = body_quarantine(connection=scene.channel, queue="new", body="<!>", why="It cannot be read either.")
    return _keep(scene, "message", message)


def _tell_site(scene: Scene) -> None:
    first = scene.hotel.business_date
    _remember(scene.channel, [AvailabilityRun(ROOMS["DBL"], first, first + dt.timedelta(days=3), 1)])


def _rates(scene: Scene) -> int:
    day = scene.hotel.business_date
    kind = RoomType.objects.get(property=scene.hotel, code="DBL")
    plan = RatePlan.objects.get(property=scene.hotel, code="BAR")
    return rates_set(hotel=scene.hotel, values=[RateValue(kind.pk, plan.pk, day, day, Decimal("199.00"))])


def _notes(scene: Scene) -> Any:
    stay = Reservation.objects.get(pk=scene.coming.pk)
    return reservation_notes_change(
        hotel=scene.hotel, reservation_id=stay.pk, seen=stay.version, values={"notes": "Feather pillow"}
    )


def _job(scene: Scene, *, room: str = "201") -> Any:
    """Queue bulk work of two chunks."""
    lines = [{"room": "101", "condition": "dirty"}] * CONDITIONS.chunk + [{"room": room, "condition": "dirty"}]
    return _keep(scene, "job", make_job(hotel=scene.hotel, lines=lines))


def _park(scene: Scene) -> None:
    """The last try to tell somebody fails."""
    room_mark(room_id=scene.room("201").pk, condition="touch_up")
    event = StreamEvent.objects.filter(code="room.marked").latest("pk")
    owed = Delivery.objects.create(event=event, receiver="house.gone", property_id=scene.hotel.pk, tries=MAX_TRIES)
    run(owed)


HAPPENINGS: Mapping[str, Happening] = {
    "delivery.parked": Happening(_park),
    "property.settings_changed": Happening(
        lambda s: hotel_change(property_id=s.hotel.pk, values={"check_out_time": dt.time(10, 15)})
    ),
    "business_date.rolled": Happening(lambda s: business_date_roll(hotel=s.hotel)),
    "support_visit.started": Happening(lambda s: _support(s)),
    "support_visit.ended": Happening(
        lambda s: support_end(visit_id=s.given["visit"].pk), given=lambda s: _keep(s, "visit", _support(s))
    ),
    "staff.invited": Happening(lambda s: _invite(s)),
    "staff.invitation_revoked": Happening(
        lambda s: invitation_revoke(invitation_id=s.given["invitation"].pk),
        given=lambda s: _keep(s, "invitation", _invite(s)),
    ),
    "staff.added": Happening(lambda s: make_member(hotel=s.hotel, name="Toni Neu", role="housekeeper")),
    "staff.roles_set": Happening(lambda s: staff_set_roles(membership_id=s.member.pk, roles=["housekeeper"])),
    "staff.disabled": Happening(lambda s: staff_disable(membership_id=s.member.pk)),
    "staff.enabled": Happening(
        lambda s: staff_enable(membership_id=s.member.pk),
        given=lambda s: staff_disable(membership_id=s.member.pk),
    ),
    "staff.removed": Happening(lambda s: staff_remove(membership_id=s.member.pk)),
    "room_type.added": Happening(lambda s: room_type_add(property_id=s.hotel.pk, code="FAM", name="Family")),
    "room_type.changed": Happening(
        lambda s: room_type_change(room_type_id=s.undecided.room_type_id, values={"name": "Grand suite"})
    ),
    "room_type.photos_changed": Happening(lambda s: make_photo(room_type=s.kind, alt="A bed by the window")),
    "room_type.archived": Happening(lambda s: room_type_archive(room_type_id=s.kind.pk)),
    "room_type.restored": Happening(
        lambda s: room_type_restore(room_type_id=s.kind.pk),
        given=lambda s: room_type_archive(room_type_id=s.kind.pk),
    ),
    "room.added": Happening(
        lambda s: room_add(property_id=s.hotel.pk, room_type_id=s.staying.room_type_id, number="103", floor="1")
    ),
    "room.changed": Happening(
        lambda s: room_change(room_id=s.room("101").pk, values={"number": "111", "floor": "9"})
    ),
    "room.type_planned": Happening(
        lambda s: room_type_plan(
            room_id=s.room("102").pk,
            room_type_id=s.room("501").room_type_id,
            since=s.hotel.business_date + dt.timedelta(days=10),
        )
    ),
    "room.archived": Happening(
        lambda s: room_archive(room_id=s.given["room"].pk),
        given=lambda s: _keep(
            s, "room", room_add(property_id=s.hotel.pk, room_type_id=s.staying.room_type_id, number="103", floor="1")
        ),
    ),
    "room.restored": Happening(
        lambda s: room_restore(room_id=s.given["room"].pk),
        given=lambda s: _keep(
            s,
            "room",
            room_archive(
                room_id=room_add(
                    property_id=s.hotel.pk, room_type_id=s.staying.room_type_id, number="103", floor="1"
                ).pk
            ),
        ),
    ),
    "room.marked": Happening(lambda s: room_mark(room_id=s.room("201").pk, condition="dirty")),
    "room.occupancy_set": Happening(lambda s: room_set_occupancy(room_id=s.room("501").pk, occupancy="occupied")),
    "booking.created": Happening(lambda s: make_booking(hotel=s.hotel, name="Berta Buch")),
    "booking.changed": Happening(
        lambda s: booking_change(hotel=s.hotel, booking_id=s.coming.booking_id, values={"source": "phone"})
    ),
    "reservation.created": Happening(lambda s: make_reservation(hotel=s.hotel, name="Rita Reser", nights=2)),
    "reservation.amended": Happening(_notes),
    "reservation.cancelled": Happening(
        lambda s: reservation_cancel(hotel=s.hotel, reservation_id=s.coming.pk, reason="Ill")
    ),
    "reservation.assigned": Happening(
        lambda s: reservation_assign_room(hotel=s.hotel, reservation_id=s.undecided.pk, room_id=s.room("501").pk)
    ),
    "reservation.unassigned": Happening(
        lambda s: reservation_unassign_room(hotel=s.hotel, reservation_id=s.coming.pk)
    ),
    "reservation.checked_in": Happening(lambda s: reservation_check_in(hotel=s.hotel, reservation_id=s.coming.pk)),
    "reservation.checked_out": Happening(_left),
    "reservation.check_in_undone": Happening(
        lambda s: reservation_undo_check_in(hotel=s.hotel, reservation_id=s.coming.pk),
        given=lambda s: reservation_check_in(hotel=s.hotel, reservation_id=s.coming.pk),
    ),
    "reservation.check_out_undone": Happening(
        lambda s: reservation_undo_check_out(hotel=s.hotel, reservation_id=s.leaving.pk), given=_left
    ),
    "rate_plan.changed": Happening(
        lambda s: rate_plan_change(rate_plan_id=s.coming.rate_plan_id, values={"name": "Flexible"})
    ),
    "job.queued": Happening(_job),
    "job.progressed": Happening(lambda s: job_run(job_id=s.given["job"].pk, seconds=0), given=_job),
    "job.succeeded": Happening(lambda s: job_run(job_id=s.given["job"].pk), given=_job),
    "job.failed": Happening(lambda s: job_run(job_id=s.given["job"].pk), given=lambda s: _job(s, room="999")),
    "job.cancelled": Happening(lambda s: job_cancel(job_id=s.given["job"].pk), given=_job),
    "rates.set": Happening(_rates),
    "out_of_order.set": Happening(_closed, given=_spare),
    "out_of_order.changed": Happening(
        lambda s: out_of_order_change(
            hotel=s.hotel, out_of_order_id=s.given["closed"].pk, values={"reason": "New shower"}
        ),
        given=_closed,
    ),
    "out_of_order.ended": Happening(
        lambda s: out_of_order_end(hotel=s.hotel, out_of_order_id=s.given["closed"].pk), given=_closed
    ),
    "availability.moved": Happening(lambda s: make_reservation(hotel=s.hotel, name="Anna Weg", nights=3)),
    "folio.opened": Happening(lambda s: reservation_check_in(hotel=s.hotel, reservation_id=s.coming.pk)),
    "charge.posted": Happening(lambda s: charge_post(folio_id=s.folio.pk, line=Line("room", Decimal("120.00")))),
    "payment.taken": Happening(lambda s: payment_take(folio_id=s.folio.pk, method="cash", amount=Decimal("5.00"))),
    "posting.reversed": Happening(
        lambda s: posting_reverse(folio_id=s.folio.pk, posting_id=s.given["posting"].pk, reason="Mistaken"),
        given=lambda s: _keep(
            s, "posting", charge_post(folio_id=s.folio.pk, line=Line("minibar", Decimal("4.00")))
        ),
    ),
    "invoice.issued": Happening(lambda s: invoice_issue(folio_id=s.folio.pk)),
    "night_audit.started": Happening(
        lambda s: night_audit_start(hotel=s.hotel, accepted=EARLY), given=_left
    ),
    "night_audit.resumed": Happening(
        lambda s: night_audit_resume(audit_id=s.given["audit"].pk), given=_stopped
    ),
    "night_audit.succeeded": Happening(lambda s: night_audit_run(audit_id=s.given["audit"].pk), given=_audit),
    "night_audit.failed": Happening(_fail, given=_audit),
    "channel_message.received": Happening(_import),
    "channel_message.applied": Happening(lambda s: message_apply(message_id=s.given["message"].pk), given=_import),
    "channel_message.parked": Happening(_quarantined),
    "channel_message.acknowledged": Happening(
        lambda s: messages_acknowledged(connection=s.channel, messages=[s.given["message"]]), given=_quarantined
    ),
    "channel_message.settled": Happening(
        lambda s: message_settle(message_id=s.given["message"].pk), given=_quarantined
    ),
    "channel_connection.failed": Happening(
        lambda s: failed(s.channel, "pull", TimeoutError("Nobody answered.")), given=_weak
    ),
    "channel_connection.healed": Happening(lambda s: answered(s.channel, "pull"), given=_dead),
    "channel_availability.sent": Happening(_tell_site),
}  # fmt: skip
# Events that no open page can see happen, each with the reason.
UNSEEN: Mapping[str, str] = {
    "api_grant.misused": "it is between a person and an app of hers, and she is told by mail",
    "property.opened": "before it there is no hotel, so nobody can have a page of it open",
}
