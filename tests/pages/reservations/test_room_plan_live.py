"""An open plan stays equal to the server: after each act, the old plan with what it fetches is a freshly opened one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.events.models import StreamEvent
from pms.live.pages import audience_of
from properties.models import Property, Room, RoomType
from properties.services import room_add, room_change, room_mark
from reservations.models import Guest, Reservation
from reservations.room_plan_fragments import PLAN_FRAME, PLAN_ROOM, PLAN_ROW
from reservations.services.stays import reservation_assign_room, reservation_cancel, reservation_unassign_room
from tests.committed import committed
from tests.factories.reservations import make_reservation, open_for_sale

PLAN = "/h/SEA/plan/"
PIECE = re.compile(
    r'(<li class="plan-row[^>]* id="(?:row|lane)-.*?</li>|<div class="track figures" id="type-.*?</div>'
    r'|<div class="plan-row plan-head" id="plan-head".*?</div></div>(?=<div class="plan-days)'
    r'|<div class="plan-foot[^>]* id="plan-foot".*</div>(?=</div>\n</div>))'
)

Act = Callable[[], object]


def plan(client: Client) -> dict[str, str]:
    """Return what a freshly opened plan shows, by id, without numbers of the stream."""
    page = client.get(PLAN).content.decode()
    pieces = {}
    for text in PIECE.findall(page):
        found = re.search(r'id="((?:row|lane|type|plan)-[^"]*)"', text)
        assert found
        pieces[found.group(1)] = sight(text)
    assert "plan-head" in pieces and "plan-foot" in pieces
    return pieces


def sight(text: str) -> str:
    return re.sub(r' data-seq="\d+"', "", text)


def touched_by(act: Act) -> list[str]:
    """Do the act and return the pieces of plans that the stream names for it."""
    with committed():
        pass
    before = set(StreamEvent.objects.values_list("pk", flat=True))
    with committed():
        act()
    touches = StreamEvent.objects.exclude(pk__in=before).values_list("touches", flat=True)
    return sorted({topic for topics in touches for topic in topics if topic.startswith("plan_")})


def fetched(client: Client, topics: list[str]) -> dict[str, str]:
    """Return what room-plan.js fetches for these topics."""
    asked: dict[str, list[str]] = {}
    for topic in topics:
        name, _, pk = topic.partition(":")
        if name in {"plan_row", "plan_lane", "plan_stock"}:
            asked.setdefault(name.removeprefix("plan_"), []).append(pk)
    answer = client.get(f"{PLAN}rows/", asked)
    return {piece["id"]: sight(piece["html"]) for piece in answer.json()["pieces"]}


def assert_plan_follows(client: Client, act: Act) -> list[str]:
    old = plan(client)
    topics = touched_by(act)
    assert old | fetched(client, topics) == (fresh := plan(client))
    assert old != fresh, "the act shows nowhere: the test proves nothing"
    return topics


def room(hotel: Property, number: str) -> Room:
    return Room.objects.get(property=hotel, number=number)


def assign(stay: Reservation, number: str) -> None:
    target = room(stay.property, number)
    reservation_assign_room(hotel=stay.property, reservation_id=stay.pk, room_id=target.pk)


def test_a_booking_appears_in_its_lane_and_in_the_figures(sea: Property, desk: Client):
    topics = assert_plan_follows(desk, lambda: make_reservation(hotel=sea, nights=2))

    kind = RoomType.objects.get(property=sea, code="DBL")
    assert topics == [f"plan_lane:{kind.pk}", f"plan_stock:{sea.pk}"]


def test_a_stay_goes_from_the_lane_to_its_room_and_back(sea: Property, desk: Client):
    stay = make_reservation(hotel=sea, nights=2)

    topics = assert_plan_follows(desk, lambda: assign(stay, "101"))
    assert f"plan_row:{room(sea, '101').pk}" in topics

    assert_plan_follows(desk, lambda: reservation_unassign_room(hotel=sea, reservation_id=stay.pk))


def test_another_room_changes_both_rows_and_the_stock_of_both_types(sea: Property, desk: Client):
    stay = make_reservation(hotel=sea, nights=2)
    assign(stay, "101")

    topics = assert_plan_follows(desk, lambda: assign(stay, "501"))

    assert {f"plan_row:{room(sea, number).pk}" for number in ("101", "501")} <= set(topics)


@pytest.mark.parametrize("assigned", [True, False])
def test_a_cancelled_stay_leaves_the_plan(sea: Property, desk: Client, assigned: bool):
    stay = make_reservation(hotel=sea, nights=2)
    if assigned:
        assign(stay, "102")

    assert_plan_follows(desk, lambda: reservation_cancel(hotel=sea, reservation_id=stay.pk, reason="Ill"))


@pytest.mark.parametrize("assigned", [True, False])
def test_a_guest_gets_her_new_name_wherever_she_stays(sea: Property, desk: Client, assigned: bool):
    stay = make_reservation(hotel=sea)
    if assigned:
        assign(stay, "101")

    def rename() -> None:
        guest = Guest.objects.get(pk=stay.guest_id)
        guest.last_name = "Ferrer"
        guest.save()

    assert_plan_follows(desk, rename)


def test_a_condition_is_pushed_as_the_head_of_the_row_and_fetches_nothing(sea: Property, desk: Client, hugo: User):
    target = room(sea, "101")

    topics = touched_by(lambda: room_mark(room_id=target.pk, condition="dirty"))

    assert topics == [f"plan_room:{target.pk}"]
    pushed = sight(PLAN_ROOM.render(target.pk, audience_of(hugo, sea.pk)))
    assert 'data-condition="dirty"' in pushed
    assert pushed in plan(desk)[f"row-{target.pk}"]


def test_a_new_room_has_no_head_on_open_plans_so_they_read_themselves_anew(sea: Property, desk: Client):
    kind = RoomType.objects.get(property=sea, code="DBL")

    topics = touched_by(lambda: room_add(property_id=sea.pk, room_type_id=kind.pk, number="103"))

    assert f"plan_room:{room(sea, '103').pk}" in topics
    assert 'data-live-on="plan_room plan_row plan_lane plan_frame"' in desk.get(PLAN).content.decode()


def test_a_room_that_moves_and_a_new_business_date_call_for_the_whole_plan(sea: Property, desk: Client, hugo: User):
    audience = audience_of(hugo, sea.pk)

    def place(text: str) -> str:
        found = re.search(r'data-place="([^"]*)"', text)
        return found.group(1) if found else ""

    target = room(sea, "101")
    head, frame = place(PLAN_ROOM.render(target.pk, audience)), place(PLAN_FRAME.render(sea.pk, audience))
    target.floor = "7"
    target.save()
    sea.business_date = sea.business_date.replace(day=15)
    topics = touched_by(sea.save)

    assert f"plan_frame:{sea.pk}" in topics
    assert head and place(PLAN_ROOM.render(target.pk, audience)) != head
    assert frame and place(PLAN_FRAME.render(sea.pk, audience)) != frame


def test_a_mark_carries_only_its_number(sea: Property, hugo: User, django_assert_max_num_queries: Any):
    target = room(sea, "101")
    audience = audience_of(hugo, sea.pk)

    with django_assert_max_num_queries(2):  # the head of the stream and the time zone
        mark = PLAN_ROW.render(target.pk, audience)

    assert re.fullmatch(rf'<i hidden class="touch" id="plan-row-{target.pk}" data-seq="\d+"></i>', mark)


def test_another_hotels_change_touches_no_row_of_ours(sea: Property, other_hotel: Property):
    topics = touched_by(lambda: make_reservation(hotel=open_for_sale(other_hotel)))

    ours = {str(pk) for pk in Room.objects.filter(property=sea).values_list("pk", flat=True)} | {str(sea.pk)}
    assert not {topic.partition(":")[2] for topic in topics} & ours


def test_a_suite_made_of_others_shows_in_the_rows_of_its_parts(sea: Property, desk: Client):
    suite, first, second = (room(sea, number) for number in ("501", "101", "102"))
    room_change(room_id=suite.pk, values={"parts": [first.pk, second.pk]})
    stay = make_reservation(hotel=sea, room_type="SUI", nights=2)

    topics = assert_plan_follows(desk, lambda: assign(stay, "501"))

    assert {f"plan_row:{one.pk}" for one in (suite, first, second)} <= set(topics)
    assert "Part of 501" in plan(desk)[f"row-{first.pk}"]
    assert_plan_follows(desk, lambda: reservation_unassign_room(hotel=sea, reservation_id=stay.pk))
