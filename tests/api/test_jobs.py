"""Bulk work: taken in a moment, done in the background line by line, followed, stopped; nobody else's to see."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from pms.accounts.models import User
from pms.api.models import Job, JobChunk
from pms.api.services import api_client_disable
from pms.api.services import jobs as services
from pms.api.services.jobs import MOST_OPEN, job_cancel, job_run
from pms.api.tasks import prune
from pms.core.models import AuditEntry
from pms.events.models import StreamEvent
from pms.events.worker import deliver_due
from properties.api.jobs import CONDITIONS
from properties.models import Property, Room
from reservations.models import Booking, DailyRate
from tests.api.partner import Partner, make_partner, problem
from tests.committed import commit
from tests.factories.api import make_job

PRICE = {"amount": "149.00", "currency": "EUR"}


@pytest.fixture
def petra(hotel_for_sale: Property) -> Partner:
    return make_partner([hotel_for_sale])


def ids(petra: Partner) -> dict[str, str]:
    return {
        "room_type": petra.get("room-types", code="DBL").json()["results"][0]["id"],
        "rate_plan": petra.get("rate-plans", code="BAR").json()["results"][0]["id"],
    }


def marks(*rooms: str) -> dict[str, Any]:
    return {"lines": [{"room": room, "condition": "dirty"} for room in rooms]}


def booked(petra: Partner, name: str, day: int = 20, **more: Any) -> dict[str, Any]:
    stay = {**ids(petra), "arrival": f"2026-03-{day}", "departure": f"2026-03-{day + 1}", "adults": 1}
    return {"booker": {"last_name": name}, "reservations": [{**stay, **more}]}


def place(answer: Any) -> str:
    """Return the address of the job that was just queued."""
    return urlsplit(answer["Location"]).path


def work() -> None:
    """Let the workers do what is owed."""
    commit(run=False)
    while deliver_due().delivered:
        commit(run=False)


def test_a_job_is_taken_and_done_in_the_background(petra: Partner) -> None:
    answer = petra.post("jobs/room-conditions", marks("101", "102", "201"), key="k1")

    assert answer.status_code == 202
    job = answer.json()
    assert (job["status"], job["done"], job["total"], job["kind"]) == ("queued", 0, 3, "room_conditions")
    assert answer["Location"] == f"http://testserver/api/v1/properties/SEA/jobs/{job['id']}"
    assert job["actions"] == [{"name": "cancel", "allowed": True, "reasons": []}]
    assert not Room.objects.filter(condition="dirty").exists()

    work()

    read = petra.get(place(answer))
    done = read.json()
    assert (done["status"], done["done"], done["errors"], done["result"]) == ("succeeded", 3, [], [])
    assert read["ETag"] == f'"{done["version"]}"' and done["finished_at"]
    assert Room.objects.filter(condition="dirty").count() == 3
    happened = StreamEvent.objects.filter(object_type="job", kind=StreamEvent.Kind.HAPPENED)
    told = happened.order_by("pk").values_list("code", flat=True)
    assert list(told) == ["job.queued", "job.succeeded"]
    assert not any(JobChunk.objects.values_list("lines", flat=True))


def test_work_that_ended_long_ago_is_forgotten_and_its_entries_stay(petra: Partner, settings: Any) -> None:
    petra.post("jobs/room-conditions", marks("101"), key="k1")
    work()
    petra.post("jobs/room-conditions", marks("102"), key="k2")
    entries = AuditEntry.objects.count()

    prune()
    assert Job.objects.count() == 2
    with time_machine.travel(timezone.now() + dt.timedelta(days=settings.KEEP_JOBS_DAYS, hours=1)):
        prune()

    assert [job.status for job in Job.objects.all()] == ["queued"] and JobChunk.objects.count() == 1
    assert AuditEntry.objects.count() >= entries


def test_a_repeat_is_the_same_job(petra: Partner) -> None:
    first = petra.post("jobs/room-conditions", marks("101"), key="k1").json()
    again = petra.post("jobs/room-conditions", marks("101"), key="k1")
    assert (again.json()["id"], again["Idempotent-Replayed"]) == (first["id"], "true")
    assert Job.objects.count() == 1
    problem(petra.post("jobs/room-conditions", marks("101")), 400, "idempotency_key_required")


def test_a_trial_queues_nothing(petra: Partner) -> None:
    answer = petra.post("jobs/room-conditions?dry_run=true", marks("101"))
    assert (answer.status_code, answer.json()["total"], Job.objects.count()) == (200, 1, 0)


def test_prices_by_the_hundred(petra: Partner) -> None:
    first = dt.date(2026, 3, 20)
    lines = [
        {**ids(petra), "from": night, "to": night, "price": PRICE}
        for night in ((first + dt.timedelta(days=day)).isoformat() for day in range(30))
    ]
    petra.post("jobs/rates", {"lines": lines}, key="k1")

    work()

    assert Job.objects.get().status == "succeeded"
    assert DailyRate.objects.filter(price="149.00").count() == 30


def test_lines_that_are_refused_stand_in_the_errors_and_the_others_are_done(petra: Partner) -> None:
    lines = [booked(petra, "One"), booked(petra, "Past", day=10), booked(petra, "Three", adults=9)]
    lines.append(booked(petra, "Four") | {"external_ref": {"system": "old", "id": "4"}})
    lines.append(booked(petra, "Again") | {"external_ref": {"system": "old", "id": "4"}})
    where = place(petra.post("jobs/bookings", {"lines": lines}, key="k1"))

    work()

    job = petra.get(where).json()
    assert (job["status"], job["done"], job["total"]) == ("failed", 5, 5)
    assert [(one["line"], one["code"], one["field"]) for one in job["errors"]] == [
        (2, "arrival_in_past", "reservations.0.arrival"),
        (3, "capacity_exceeded", "reservations.0.adults"),
        (5, "booked_already", ""),
    ]
    assert all(one["detail"] for one in job["errors"])
    bookings = {str(booking.pk): booking.number for booking in Booking.objects.all()}
    assert {one["id"]: one["number"] for one in job["result"]} == bookings
    assert [one["line"] for one in job["result"]] == [1, 4]
    assert "Past" not in str(list(JobChunk.objects.values()))  # nobody's name is kept


def test_an_unreadable_line_is_refused_before_anything_is_queued(petra: Partner) -> None:
    body = {"lines": [{"room": "101", "condition": "dirty"}, {"room": "102", "condition": "shiny"}]}
    told = problem(petra.post("jobs/room-conditions", body, key="k1"), 400, "unreadable")
    assert told["errors"][0]["field"] == "lines.1.condition"
    body["lines"] = [{"room": "101", "condition": "dirty"}] * (CONDITIONS.most + 1)
    problem(petra.post("jobs/room-conditions", body, key="k1"), 400, "unreadable")
    problem(petra.post("jobs/room-conditions", {"lines": []}, key="k1"), 400, "unreadable")
    assert not Job.objects.exists()


def test_a_fault_in_one_line_stops_no_other(petra: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    real = services._work

    def broken(kind: Any, hotel: Any, user: Any, raw: Any) -> Any:
        if any(line["room"] == "102" for line in raw):
            raise ValueError("A fault of ours")
        return real(kind, hotel, user, raw)

    monkeypatch.setattr(services, "_work", broken)
    where = place(petra.post("jobs/room-conditions", marks("101", "102", "201"), key="k1"))

    work()

    job = petra.get(where).json()
    assert [(one["line"], one["code"]) for one in job["errors"]] == [(2, "server_error")]
    assert "A fault" not in str(job["errors"])
    assert set(Room.objects.filter(condition="dirty").values_list("number", flat=True)) == {"101", "201"}


def test_a_cancelled_job_does_no_further_line(petra: Partner) -> None:
    where = place(petra.post("jobs/room-conditions", marks("101"), key="k1"))

    answer = petra.post(f"{where}/cancel", {})

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["actions"][0]["allowed"] is False
    problem(petra.post(f"{where}/cancel", {}), 409, "job_ended")
    work()
    assert not Room.objects.filter(condition="dirty").exists()
    assert petra.get(where).json()["done"] == 0
    assert not any(JobChunk.objects.values_list("lines", flat=True))


def test_a_long_job_takes_turns_and_says_how_far_it_is(
    petra: Partner, hotel: Property, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = marks(*["101"] * (2 * CONDITIONS.chunk + 1))["lines"]
    job = make_job(hotel=hotel, lines=lines, client=petra.client)
    monkeypatch.setattr(services, "TURN", 0.0)
    assert job_run(job_id=job.pk, seconds=0).status == "running"
    assert petra.get(f"jobs/{job.pk}").json()["done"] == CONDITIONS.chunk
    work()
    job.refresh_from_db()
    assert job.status == "succeeded"
    told = StreamEvent.objects.filter(code="job.progressed").order_by("pk").values_list("payload__done", flat=True)
    assert list(told)[:1] == [CONDITIONS.chunk]


def test_a_right_that_is_lost_meanwhile_stops_the_work(petra: Partner, hotel: Property) -> None:
    petra.post("jobs/room-conditions", marks("101"), key="k1")
    api_client_disable(client_id=petra.client.pk)
    work()
    job = Job.objects.get()
    assert (job.status, job.problem["code"]) == ("failed", "not_allowed")
    assert not Room.objects.filter(condition="dirty").exists()


def test_a_line_needs_the_right_of_its_own_act(hotel: Property) -> None:
    """A housekeeper's program may mark rooms clean, and inspect none."""
    job = make_job(hotel=hotel, lines=[{"room": "101", "condition": "inspected"}], scope="rooms.read jobs.read")
    assert job_run(job_id=job.pk).problem == {
        "code": "not_allowed",
        "detail": "Your role does not allow this. Nothing was changed; a manager can give you the right.",
    }


def test_the_job_of_another_program_or_hotel_is_not_there(
    petra: Partner, hotel: Property, other_hotel: Property
) -> None:
    job = petra.post("jobs/room-conditions", marks("101"), key="k1").json()
    for other in (make_partner([hotel], name="Other"), make_partner([other_hotel], name="Lake")):
        problem(other.get(f"jobs/{job['id']}"), 404, "not_found")
        problem(other.post(f"jobs/{job['id']}/cancel", {}), 404, "not_found")
        assert other.get("jobs").json()["results"] == []
    assert [one["id"] for one in petra.get("jobs", status="queued").json()["results"]] == [job["id"]]
    assert "errors" not in petra.get("jobs").json()["results"][0]


def test_rooms_and_types_of_another_hotel_are_unknown(petra: Partner, other_hotel: Property) -> None:
    kind = str(other_hotel.room_types.first().pk)
    line = {**ids(petra), "room_type": kind, "from": "2026-03-20", "to": "2026-03-20", "price": PRICE}
    petra.post("jobs/rates", {"lines": [line]}, key="k1")
    before = DailyRate.objects.filter(property=other_hotel).count()
    work()
    assert JobChunk.objects.get().errors[0]["code"] == "wrong_hotel"
    assert DailyRate.objects.filter(property=other_hotel).count() == before


def test_so_much_may_wait_and_no_more(petra: Partner, hotel: Property) -> None:
    for _ in range(MOST_OPEN):
        make_job(hotel=hotel, lines=[{"room": "101", "condition": "dirty"}], client=petra.client)
    problem(petra.post("jobs/room-conditions", marks("101"), key="k1"), 409, "too_many_jobs")
    job_cancel(job_id=Job.objects.first().pk)  # type: ignore[union-attr]
    assert petra.post("jobs/room-conditions", marks("101"), key="k1").status_code == 202


def test_the_hotel_sees_it_and_may_stop_it(petra: Partner, hotel: Property, anna: User, client: Client) -> None:
    petra.post("jobs/room-conditions", marks("101", "102"), key="k1")
    job = Job.objects.get()
    client.force_login(anna)
    html = client.get("/h/SEA/background/").content.decode()
    assert "Condition of rooms" in html and "Petra" in html and "Lines: 0 of 2" in html

    answer = client.post(f"/h/SEA/background/jobs/{job.pk}/cancel/")

    assert answer.status_code == 200
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert "Petra" not in client.get("/h/SEA/background/").content.decode()
