"""Background work: what stands is seen, told, sent again or given up, by those who hold the right."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channel_manager.services.inbox import body_quarantine
from notifications.models import Notification
from pms.accounts.models import User
from pms.core.models import AuditEntry
from pms.events import receivers, worker
from pms.events.models import Canary, Delivery, StreamEvent
from properties.background import work_count_of
from properties.models import Property, Room
from properties.services import room_mark
from tests.committed import commit
from tests.factories.channels import make_connection

URL = "/h/SEA/background/"
State = Delivery.State


def owe(hotel: Property, **values: Any) -> Delivery:
    """Return a delivery that the hotel owes somebody who is not there any more."""
    room = Room.objects.filter(property=hotel).order_by("sort_key")[0]
    room_mark(room_id=room.pk, condition="dirty" if room.condition != "dirty" else "clean")
    commit(run=False)
    event = StreamEvent.objects.filter(property_id=hotel.pk, code="room.marked").latest("pk")
    values = {"receiver": "notifications.receivers.gone", "seq": event.seq, **values}
    return Delivery.objects.create(event=event, property_id=hotel.pk, **values)


def park(hotel: Property, **values: Any) -> Delivery:
    """Let the last try of a delivery fail."""
    row = owe(hotel, **{"tries": worker.MAX_TRIES, **values})
    worker.run(row)
    commit(run=False)
    row.refresh_from_db()
    return row


def test_an_empty_page_says_so(client: Client, hotel: Property, anna: User) -> None:
    client.force_login(anna)

    page = client.get(URL).content.decode()

    assert "Nothing stands still" in page
    assert "No worker has given a sign of life yet." in page


def test_parked_work_stands_there_with_reason_and_acts(client: Client, hotel: Property, anna: User) -> None:
    row = park(hotel)
    client.force_login(anna)

    page = client.get(URL).content.decode()

    assert row.state == State.PARKED
    assert "Notifications: gone" in page
    assert "This version of the program does not know this work any more." in page
    assert "12 tries" in page
    assert f"/h/SEA/rooms/#room-card-{row.event.object_id}" in page
    assert reverse("properties:replay_work", args=["SEA", row.pk]) in page
    assert re.search(r'id="work-count-[^"]+"[^>]*>1<', page)


def test_what_is_tried_again_stands_there_without_acts(client: Client, hotel: Property, anna: User) -> None:
    row = owe(hotel, tries=3, error="ConnectionError: no answer for card ************1111")
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now() + dt.timedelta(minutes=4))
    client.force_login(anna)

    page = client.get(URL).content.decode()

    assert "The other side did not answer." in page
    assert "3 tries" in page
    assert "next at" in page
    assert "Send again" not in page


@pytest.mark.parametrize(("tries", "news"), [(1, 0), (2, 1)], ids=["at once", "after a failure"])
def test_only_work_that_failed_is_news(hotel: Property, monkeypatch: pytest.MonkeyPatch, tries: int, news: int) -> None:
    monkeypatch.setitem(receivers._after["house"], "notifications.receivers.gone", lambda _event: None)
    row = owe(hotel, tries=tries)
    before = StreamEvent.objects.count()

    assert worker.run(row)

    assert StreamEvent.objects.count() - before == news


def test_replay_puts_it_back_and_says_so(client: Client, hotel: Property, anna: User) -> None:
    row = park(hotel)
    client.force_login(anna)

    answer = client.post(reverse("properties:replay_work", args=["SEA", row.pk]), headers={"HX-Request": "true"})

    row.refresh_from_db()
    assert (row.state, row.tries) == (State.PENDING, 0)
    assert "It is sent again." in answer["HX-Trigger"]
    assert "Nothing stands still" in answer.content.decode()
    entry = AuditEntry.objects.get(act="delivery.replayed")
    assert (entry.actor, entry.property_id) == (anna, hotel.pk)


def test_all_of_a_receiver_are_replayed_and_nothing_of_another_hotel(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    mine, theirs = [park(hotel), park(hotel)], park(other_hotel)
    client.force_login(anna)

    answer = client.post(reverse("properties:replay_lane", args=["SEA"]), {"receiver": theirs.receiver})

    assert answer.status_code == 200
    assert set(Delivery.objects.filter(pk__in=[row.pk for row in mine]).values_list("state", flat=True)) == {"pending"}
    theirs.refresh_from_db()
    assert theirs.state == State.PARKED


def test_giving_up_asks_why(client: Client, hotel: Property, anna: User) -> None:
    row = park(hotel)
    client.force_login(anna)
    url = reverse("properties:discard_work", args=["SEA", row.pk])

    assert "Give up: Room marked" in client.get(url).content.decode()
    refused = client.post(url, {"discard-reason": " "})
    row.refresh_from_db()
    assert (refused.status_code, row.state) == (422, State.PARKED)

    done = client.post(url, {"discard-reason": "The guest was told at the desk"})
    row.refresh_from_db()
    assert (done.status_code, done.content, row.state) == (200, b"", State.DROPPED)
    assert AuditEntry.objects.get(act="delivery.discarded").changes["reason"][1] == "The guest was told at the desk"


@pytest.mark.parametrize("who", ["hugo", "eve"])
def test_nobody_else_gets_there(
    client: Client, hotel: Property, other_hotel: Property, who: str, request: pytest.FixtureRequest
) -> None:
    row = park(hotel)
    client.force_login(request.getfixturevalue(who))
    expected = 403 if who == "hugo" else 404

    for url in (URL, reverse("properties:discard_work", args=["SEA", row.pk])):
        assert client.get(url).status_code == expected
    assert client.post(reverse("properties:replay_work", args=["SEA", row.pk])).status_code == expected


def test_work_of_another_hotel_is_not_there(client: Client, hotel: Property, other_hotel: Property, anna: User) -> None:
    theirs = park(other_hotel)
    client.force_login(anna)

    assert client.post(reverse("properties:replay_work", args=["SEA", theirs.pk])).status_code == 404


def test_parking_alerts_those_who_may_do_something(
    hotel: Property, anna: User, olga: User, hugo: User, client: Client
) -> None:
    park(hotel)
    worker.deliver_due()

    assert set(Notification.objects.filter(code="delivery.parked").values_list("user", flat=True)) == {anna.pk, olga.pk}
    client.force_login(anna)
    assert "Notifications: gone: could not be done (Room marked)" in client.get("/h/SEA/bell/").content.decode()


def test_the_alert_has_a_lane_of_its_own(hotel: Property, anna: User) -> None:
    """What people are told by may itself be what stands: the alert must not wait behind it."""
    row = park(hotel, receiver="notifications.receivers.tell_people", tries=worker.MAX_TRIES + 1)
    assert row.state == State.PARKED
    owe(hotel, receiver="notifications.receivers.tell_people", tries=1, error="x")
    Delivery.objects.filter(receiver__endswith="tell_people").update(due_at=timezone.now() + dt.timedelta(minutes=9))

    worker.deliver_due()

    assert Notification.objects.filter(code="delivery.parked", user=anna).count() == 1


def test_messages_of_channels_stand_beside(client: Client, hotel: Property, anna: User, hugo: User) -> None:
    message = body_quarantine(connection=make_connection(hotel=hotel), queue="new", body="<?>", why="No number.")
    client.force_login(anna)

    page = client.get(URL).content.decode()

    assert "Channels: messages that came in" in page
    assert reverse("channel_manager:open_message", args=["SEA", message.pk]) in page
    assert work_count_of(hotel.pk).count == 0  # the channels count their own


def test_a_late_canary_is_said_above(client: Client, hotel: Property, anna: User, settings: Any) -> None:
    client.force_login(anna)
    queue = settings.CANARY_QUEUES[0]
    late = timezone.now() - dt.timedelta(seconds=settings.CANARY_LATE + 5)
    canary = Canary.objects.create(queue=queue, arrived_at=late)
    assert "Background work is slow since" in client.get(f"{URL}now/").content.decode()

    canary.arrived_at = timezone.now()
    canary.save()
    assert "Background work runs" in client.get(f"{URL}now/").content.decode()


def test_the_administration_is_scoped_and_acts_through_the_services(
    client: Client, hotel: Property, other_hotel: Property, anna: User
) -> None:
    mine, theirs = park(hotel), park(other_hotel)
    client.force_login(anna)
    url = reverse("admin:events_delivery_changelist")

    listed = client.get(url).context["cl"].queryset
    assert mine in listed
    assert theirs not in listed
    assert client.get(reverse("admin:events_delivery_change", args=[theirs.pk])).status_code == 404
    assert b'name="_save"' not in client.get(reverse("admin:events_delivery_change", args=[mine.pk])).content

    chosen = {"_selected_action": [mine.pk, theirs.pk]}
    client.post(url, {**chosen, "action": "discard", "reason": ""})
    mine.refresh_from_db()
    assert mine.state == State.PARKED
    client.post(url, {**chosen, "action": "replay"})
    for row in (mine, theirs):
        row.refresh_from_db()
    assert (mine.state, theirs.state) == (State.PENDING, State.PARKED)
