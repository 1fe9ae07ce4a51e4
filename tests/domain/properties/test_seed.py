"""The trial hotel: exact rooms and people, one password a run, never into a house that lives."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.core import slots
from properties import seed
from properties.errors import NotEmpty
from properties.management.commands import prepare
from properties.models import Organization, Property, Room, RoomType
from tests.factories.properties import make_organization, make_user


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the upper apps' parts of the seed out: their own tests look at them."""
    monkeypatch.setitem(slots._slots, seed.SLOT, {})


def numbers(code: str) -> list[int]:
    rooms = Room.objects.filter(room_type__code=code, property__code="SEA").order_by("sort_key")
    return [int(number) for number in rooms.values_list("number", flat=True)]


def test_the_trial_hotel_has_its_fifty_rooms(db: None) -> None:
    seed.trial_seed(seed.Options(business_date=dt.date(2026, 3, 14)))

    assert numbers("DBL") == [*range(101, 121), *range(211, 221)]
    assert numbers("SGL") == [*range(201, 211), *range(306, 311)]
    assert numbers("SUI") == [*range(501, 506)]
    assert Room.objects.filter(property__code="SEA").count() == 50
    assert all(room.floor == room.number[0] for room in Room.objects.filter(property__code="SEA"))
    capacity = RoomType.objects.filter(property__code="SEA").order_by("rank")
    facts = capacity.values_list("code", "max_adults", "max_children", "inspect_departures")
    assert list(facts) == [("SGL", 1, 0, False), ("DBL", 2, 1, False), ("SUI", 2, 2, True)]


def test_the_trial_hotel_keeps_berlins_time_and_counts_in_euros(db: None) -> None:
    seed.trial_seed(seed.Options(business_date=dt.date(2026, 3, 14)))

    hotel = Property.objects.get(code="SEA")
    assert (hotel.time_zone, hotel.currency, hotel.business_date) == ("Europe/Berlin", "EUR", dt.date(2026, 3, 14))
    assert (hotel.check_in_time, hotel.check_out_time, hotel.audit_time) == (dt.time(15), dt.time(11), dt.time(3))


def test_without_a_date_the_seed_begins_today_by_the_hotels_calendar(db: None) -> None:
    seed.trial_seed(seed.Options())

    hotel = Property.objects.get(code="SEA")
    assert hotel.business_date == hotel.local_now().date()


def test_eve_works_in_another_house_of_another_organization(db: None) -> None:
    seed.trial_seed(seed.Options())

    eve = User.objects.get(email="eve@lak.example")
    assert Organization.objects.count() == 2
    assert rights_at(eve, Property.objects.get(code="SEA").pk) == frozenset()
    assert rights_at(eve, Property.objects.get(code="LAK").pk)


def test_everybody_signs_in_with_the_password_of_this_run(db: None) -> None:
    people = seed.trial_seed(seed.Options())

    assert len({person.password for person in people}) == 1
    assert all(User.objects.get(email=person.email).check_password(person.password) for person in people)
    assert {"anna@sea.example", "hugo@sea.example", "maria@sea.example"} <= {person.email for person in people}
    assert seed.new_password() != seed.new_password()


def test_upper_apps_add_their_part_in_order(db: None) -> None:
    heard: list[tuple[str, str, bool]] = []
    for code, order in (("later", 20), ("sooner", 10)):
        slots.register(
            seed.SLOT,
            slots.Entry(
                code=code,
                order=order,
                provider=lambda hotel, options, code=code: heard.append((code, hotel.code, options.busy)),
            ),
        )

    seed.trial_seed(seed.Options(busy=True))

    assert heard == [("sooner", "SEA", True), ("later", "SEA", True)]


@pytest.mark.parametrize("make", [make_user, make_organization])
def test_a_house_that_lives_is_not_seeded(db: None, make: Any) -> None:
    make()

    with pytest.raises(NotEmpty):
        seed.trial_seed(seed.Options())

    assert not Property.objects.exists()


def test_the_command_prints_who_can_sign_in(db: None) -> None:
    said = StringIO()

    call_command("seed", "--code", "sea", "--business-date", "2026-03-14", stdout=said)

    assert "maria@sea.example" in said.getvalue()
    assert Property.objects.get(code="SEA").business_date == dt.date(2026, 3, 14)


def test_the_command_refuses_a_house_that_lives_unless_told_to_be_quiet(db: None) -> None:
    make_user()

    with pytest.raises(CommandError, match="already"):
        call_command("seed")
    call_command("seed", "--if-empty")

    assert not Property.objects.exists()


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """A report's file, and static files that need no collecting."""
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(prepare, "collect_static", lambda: False)
    return tmp_path / "report.json"


def test_prepare_reports_the_setup_link_of_an_empty_installation(db: None, ready: Path, settings: Any) -> None:
    call_command("prepare", "--report", str(ready))

    report = json.loads(ready.read_text())
    assert report["setup_url"].startswith(f"{settings.SITE_URL}/setup/")
    assert (report["sign_ins"], report["messages"]) == ([], [])


def test_prepare_seeds_an_empty_installation_once(db: None, ready: Path) -> None:
    call_command("prepare", "--seed", "--report", str(ready))
    first = json.loads(ready.read_text())
    call_command("prepare", "--seed", "--report", str(ready))
    second = json.loads(ready.read_text())

    assert first["setup_url"] is None
    assert {"name", "email", "password", "role"} == set(first["sign_ins"][0])
    assert (second["sign_ins"], len(second["messages"])) == ([], 1)
    assert Property.objects.count() == 2


def test_static_files_are_collected_only_when_something_changed(
    settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "css").mkdir(parents=True)
    (source / "css" / "a.css").write_text("a {}")
    target.mkdir()
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], target
    collected: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: collected.append(name))

    prepare.collect_static()
    (target / "staticfiles.json").write_text("{}")
    prepare.collect_static()

    assert collected == ["collectstatic"]


def test_the_setup_link_is_printed_again_and_refused_later(db: None) -> None:
    said = StringIO()
    call_command("setup_link", stdout=said)
    make_user()

    assert "/setup/" in said.getvalue()
    with pytest.raises(CommandError, match="Sign in"):
        call_command("setup_link")
