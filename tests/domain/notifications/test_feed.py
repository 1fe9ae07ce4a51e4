"""What happened as sentences: for whom, in how many queries, folded, and never silent about the unknown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from folios.services.night_audit import night_audit_run, night_audit_start
from folios.services.postings import Line, charge_post, payment_take, posting_reverse
from notifications.fragments import ACTIVITY_LINE
from notifications.selectors import runs as runs_module
from notifications.selectors.feed import feed
from notifications.selectors.lines import SLOT
from pms.accounts.models import User
from pms.core import slots
from pms.core.acting import act_as
from pms.events.base import Event
from pms.events.models import StreamEvent
from pms.events.selectors import Head, stream_head
from pms.live import batches
from pms.live.fragments import Audience
from pms.live.pages import audience_of
from properties.models import Property, Room
from properties.services import room_mark, staff_add
from properties.services.business_day import business_date_roll
from properties.services.room_type_spans import room_type_plan
from reservations.services.front_desk import reservation_check_out
from reservations.services.stays import reservation_cancel
from tests.committed import commit
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.housekeeping import expected_in, fresh, guest_in
from tests.factories.properties import make_hotel
from tests.factories.reservations import make_booking, open_for_sale
from tests.live import sight


@pytest.fixture
def sea(hotel: Property) -> Property:
    """SEA, open for sale."""
    return open_for_sale(hotel)


def room(hotel: Property, number: str = "101") -> Room:
    return Room.objects.select_related("property", "room_type").get(property=hotel, number=number)


def texts(hotel: Property, user: User, **options: Any) -> list[str]:
    commit(run=False)
    return [line.told.line.text for line in feed(audience_of(user, hotel.pk), **options).lines]


def test_the_day_of_a_guest_reads_like_a_story(sea: Property, hugo: User) -> None:
    stay = guest_in(room(sea), name="Helene Brandt", nights=2)
    reservation_check_out(hotel=sea, reservation_id=stay.pk, accepted={"early_departure"})

    assert texts(sea, hugo)[:6] == [
        "Helene Brandt checked out of room 101",
        "Room 101 is now: Dirty",
        "The stay of Helene Brandt was changed",
        "Helene Brandt checked in to room 101",
        "Helene Brandt gets room 101",
        "Helene Brandt booked: Double, Sat 14 Mar – Sun 15 Mar",
    ]


def test_money_is_said_with_sum_and_payer_to_those_who_see_folios(hotel: Property, anna: User, maria: User) -> None:
    _stay, folio = make_guest_in_house(hotel=open_for_business(hotel), name="Lena Fort")
    minibar = charge_post(folio_id=folio.pk, line=Line("minibar", Decimal("9.50")))
    payment_take(folio_id=folio.pk, method="cash", amount=Decimal("5.00"))
    posting_reverse(folio_id=folio.pk, posting_id=minibar.pk, reason="Not consumed")

    assert texts(hotel, anna)[:3] == [
        "Taken back for Lena Fort: Minibar €9.50",
        "Lena Fort paid €5.00: Cash",
        "Minibar €9.50 for Lena Fort",
    ]
    assert not [text for text in texts(hotel, maria) if "Minibar" in text or "paid" in text]


def test_people_without_the_right_read_no_names(sea: Property, maria: User) -> None:
    stay = guest_in(room(sea), name="Helene Brandt")
    reservation_cancel(hotel=sea, reservation_id=expected_in(room(sea, "102"), name="Nora Neu").pk, reason="ill")

    told = texts(sea, maria)

    assert "A guest checked in to room 101" in told
    assert "A stay was cancelled" in told
    assert not [text for text in told if "Brandt" in text or "Neu" in text]
    lines = [line.told.line for line in feed(audience_of(maria, sea.pk)).lines]
    assert not [line.url for line in lines if str(stay.pk) in line.url]


def test_who_did_it_and_when_on_the_hotels_clock(hotel: Property, maria: User) -> None:
    with time_machine.travel("2026-03-14T23:30:00+00:00", tick=False), act_as(via="web", user=maria):
        room_mark(room_id=room(hotel).pk, condition="dirty")
    commit(run=False)

    told = feed(audience_of(maria, hotel.pk)).lines[0].told

    assert told.actor == "Maria Kowalska"
    assert told.moment.strftime("%Y-%m-%d %H:%M") == "2026-03-15 00:30"


@time_machine.travel("2026-03-15T03:00:00+01:00")
def test_the_marks_of_a_night_are_one_line(sea: Property, hugo: User) -> None:
    for number in ("101", "102", "201"):
        guest_in(room(sea, number), room_type=room(sea, number).room_type.code)
    with act_as(via="task"):
        business_date_roll(hotel=fresh(sea))
    commit(run=False)

    lines = feed(audience_of(hugo, sea.pk)).lines

    assert [line.more for line in lines if "Dirty" in line.told.line.text] == [2]
    assert "The business date is now Sun 15 Mar 2026" in [line.told.line.text for line in lines]


@time_machine.travel("2026-03-14T12:00:00+01:00", tick=True)
def test_the_night_audit_has_its_name_also_where_a_person_started_it(hotel: Property, anna: User) -> None:
    sea = open_for_business(hotel)
    make_guest_in_house(hotel=sea)
    with act_as(via="web", user=anna):
        audit = night_audit_start(hotel=sea, accepted=["audit_too_early"])
    with act_as(via="worker"):
        night_audit_run(audit_id=audit.pk)
    commit(run=False)

    told = [(one.told.line.text, one.told.actor) for one in feed(audience_of(anna, sea.pk)).lines]

    assert {("The night audit began", str(anna)), ("The business date is now Sun 15 Mar 2026", "Night audit")} <= set(
        told
    )


def test_staff_news_is_for_those_who_see_the_staff(hotel: Property, maria: User, anna: User) -> None:
    staff_add(property_id=hotel.pk, email="tom@sea.example", name="Tom Tailor", roles=["auditor"])

    assert "Tom Tailor works here now" in texts(hotel, anna)
    assert "Tom Tailor works here now" not in texts(hotel, maria)


def test_a_room_that_will_be_of_another_type_says_from_when(hotel: Property, maria: User) -> None:
    since = hotel.business_date + dt.timedelta(days=10)

    room_type_plan(room_id=room(hotel, "102").pk, room_type_id=room(hotel, "501").room_type_id, since=since)

    assert texts(hotel, maria)[0] == "Room 102 will be of another type from Tue 24 Mar 2026 on"


def test_an_unknown_event_is_readable_from_its_code(hotel: Property, maria: User) -> None:
    StreamEvent.objects.create(property_id=hotel.pk, kind="happened", code="minibar.stolen_from", object_type="minibar")

    assert texts(hotel, maria)[0] == "Minibar stolen from"


def test_every_event_of_the_house_has_a_sentence(hotel: Property, olga: User) -> None:
    """Each code has an entry, and survives a row that is gone and a payload that is empty."""
    known = {entry.code for entry in slots.entries(SLOT)}
    ours = {code: event for code, event in Event.catalogue.items() if not event.__module__.startswith("tests")}
    for code, event in ours.items():
        StreamEvent.objects.create(property_id=hotel.pk, kind="happened", code=code, object_type=event.object_type)

    assert all(texts(hotel, olga, limit=200))
    assert sorted(code for code in ours if code not in known) == []


def test_a_page_of_fifty_costs_what_a_page_of_five_costs(
    sea: Property, hugo: User, django_assert_max_num_queries: Any
) -> None:
    audience = audience_of(hugo, sea.pk)
    with act_as(via="web", user=hugo):
        guest_in(room(sea))
        texts(sea, hugo)
    with django_assert_max_num_queries(14) as few:
        feed(audience)
    for number in range(30):
        make_booking(hotel=sea, arrival=sea.business_date + dt.timedelta(days=1 + number))
    commit(run=False)

    with django_assert_max_num_queries(len(few.captured_queries)):
        feed(audience)


def test_older_pages_go_on_without_a_gap(hotel: Property, maria: User) -> None:
    for condition in ("dirty", "clean", "dirty", "touch_up", "dirty"):
        room_mark(room_id=room(hotel).pk, condition=condition)
    commit(run=False)
    audience = audience_of(maria, hotel.pk)
    keys: list[int] = []
    before = None
    for _page in range(100):
        page = feed(audience, before=before, limit=2)
        keys += [line.pk for line in page.lines]
        before = page.next
        if before is None:
            break

    everything = [line.pk for line in feed(audience, limit=500).lines]
    assert keys == everything == sorted(set(keys), reverse=True)
    assert len(everything) >= 5


def test_the_words_are_the_readers(hotel: Property, maria: User) -> None:
    room_mark(room_id=room(hotel).pk, condition="dirty")
    commit(run=False)

    assert feed(
        Audience(hotel.pk, audience_of(maria, hotel.pk).rights, "de")
    ).lines  # drawn in German where a translation exists, never an error


def test_what_happens_is_a_piece_for_its_hotel_alone(hotel: Property, other_hotel: Property, maria: User) -> None:
    commit(run=False)
    heads = {one.pk: stream_head(one.pk) for one in (hotel, other_hotel)}
    room_mark(room_id=room(hotel).pk, condition="dirty")
    commit(run=False)

    ours, theirs = (pushed(maria, one, heads[one.pk]) for one in (hotel, other_hotel))

    assert ["Room 101 is now: Dirty" in piece.html for piece in ours] == [True]
    assert theirs == []


def test_who_shows_no_feed_is_not_asked_what_happened(hotel: Property, maria: User) -> None:
    head = stream_head(hotel.pk)
    room_mark(room_id=room(hotel).pk, condition="dirty")
    commit(run=False)
    wanted = {audience_of(maria, hotel.pk): frozenset({"room_card"})}

    with CaptureQueriesContext(connection) as asked:
        batches.read(hotel.pk, after=head.seq, epoch=head.epoch, wanted=wanted)

    assert not [query for query in asked.captured_queries if "'happened'" in query["sql"]]


def test_another_hotels_life_is_not_told(hotel: Property, maria: User) -> None:
    make_hotel(code="LAK", name="Lake House")

    assert texts(hotel, maria).count("The hotel was opened") == 1


def pushed(user: User, hotel: Property, since: Head, topic: str = "activity_line") -> list[batches.Piece]:
    """Return what a page of `user` that shows the feed would be sent now."""
    audience, topics = audience_of(user, hotel.pk), frozenset({topic})
    batch = batches.read(hotel.pk, after=since.seq, epoch=since.epoch, wanted={audience: topics})
    return batch.for_page(audience, topics)


def drawn(user: User, hotel: Property) -> dict[str, str]:
    """Return the pieces of the first page, by id, as they are drawn now."""
    audience = audience_of(user, hotel.pk)
    keys = [line.pk for line in feed(audience).lines]
    return {ACTIVITY_LINE.dom_id(pk): html for pk, html in ACTIVITY_LINE.render_many(keys, audience).items()}


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading for the hub leaves the test's connection open."""
    monkeypatch.setattr(batches, "connection", SimpleNamespace(close=lambda: None))


def mark(hotel: Property, number: str, condition: str, request_id: str) -> None:
    with act_as(via="web", request_id=request_id):
        room_mark(room_id=room(hotel, number).pk, condition=condition)
    commit(run=False)


def test_a_longer_run_is_the_same_piece_drawn_again(hotel: Property, maria: User) -> None:
    commit(run=False)
    head = stream_head(hotel.pk)
    mark(hotel, "101", "dirty", "R1")
    (first,) = pushed(maria, hotel, head)
    later = stream_head(hotel.pk)
    mark(hotel, "102", "dirty", "R1")
    mark(hotel, "201", "dirty", "R1")

    (longer,) = pushed(maria, hotel, later)

    assert longer.dom_id == first.dom_id
    assert "more like this" not in first.html and "and 2 more like this" in longer.html
    assert sight(drawn(maria, hotel)[longer.dom_id]) == sight(longer.html)


def test_what_parts_neighbours_for_one_reader_does_not_for_another(hotel: Property, maria: User, anna: User) -> None:
    mark(hotel, "101", "dirty", "R1")
    staff_add(property_id=hotel.pk, email="tom@sea.example", name="Tom Tailor", roles=["auditor"])
    mark(hotel, "102", "dirty", "R1")

    runs = {
        user: [line.more for line in feed(audience_of(user, hotel.pk)).lines if "Dirty" in line.told.line.text]
        for user in (maria, anna)
    }

    assert runs == {maria: [1], anna: [0, 0]}


def test_runs_longer_than_a_reading_are_one_line(hotel: Property, maria: User, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(run=False)
    head = stream_head(hotel.pk)
    for number in ("101", "102", "201", "501"):
        mark(hotel, number, "dirty", "R1")
    mark(hotel, "101", "clean", "R2")
    expected = [(line.pk, line.more) for line in feed(audience_of(maria, hotel.pk)).lines]
    assert [more for _pk, more in expected[:2]] == [0, 3]

    for size in (1, 2, 3):
        monkeypatch.setattr(runs_module, "READING", size)
        assert [(line.pk, line.more) for line in feed(audience_of(maria, hotel.pk)).lines] == expected
        told = {piece.dom_id: piece.html for piece in pushed(maria, hotel, head)}
        assert set(told) == {ACTIVITY_LINE.dom_id(pk) for pk, _more in expected[:2]}
        assert "and 3 more like this" in told[ACTIVITY_LINE.dom_id(expected[1][0])]
