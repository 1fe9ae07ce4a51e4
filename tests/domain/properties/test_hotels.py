"""Opening a hotel, changing its settings, and its own day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from pms.accounts.access import rights_at
from pms.accounts.models import User
from pms.accounts.registry import all_codes, codes_of_role
from pms.accounts.services import role_set_rights
from pms.core.errors import InvalidValue, StaleVersion
from pms.events.models import StreamEvent
from properties import errors, services
from properties.models import Organization, Property
from tests.factories.properties import TRIAL_DATE, make_hotel, make_user

NOON = dt.datetime(2026, 3, 14, 11, 0, tzinfo=dt.UTC)


def test_a_new_hotel_has_an_owner_who_may_do_everything(hotel: Property, olga: User) -> None:
    assert rights_at(olga, hotel.pk) == all_codes()
    assert olga.is_staff
    assert StreamEvent.objects.filter(code="property.opened", property_id=hotel.pk).count() == 1


@time_machine.travel(dt.datetime(2026, 3, 14, 23, 30, tzinfo=dt.UTC), tick=False)
def test_the_first_business_date_is_the_day_of_the_hotels_own_calendar(db: None) -> None:
    hotel = services.hotel_open(
        organization=services.organization_create(name="Far East"),
        owner_id=make_user().pk,
        code="TYO",
        name="Tokyo",
        time_zone="Asia/Tokyo",
        currency="JPY",
    )

    assert hotel.business_date == dt.date(2026, 3, 15)


def test_a_short_code_is_given_once_in_any_case(hotel: Property) -> None:
    with pytest.raises(errors.HotelCodeTaken):
        make_hotel(code="sea", owner=make_user())

    assert Property.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "S E A"), ("time_zone", "Mars/Olympus"), ("currency", "euro"), ("currency", "EUX"), ("currency", "XAU")],
)
def test_a_hotel_that_cannot_be_is_not_opened(db: None, field: str, value: str) -> None:
    wanted: dict[str, Any] = {"code": "NEW", "time_zone": "Europe/Berlin", "currency": "EUR"} | {field: value}

    with pytest.raises(InvalidValue) as refused:
        make_hotel(owner=make_user(), **wanted)

    assert refused.value.field == field
    assert not Property.objects.exists()


def test_changed_settings_are_news_with_old_and_new(hotel: Property) -> None:
    services.hotel_change(property_id=hotel.pk, values={"name": "Sea View", "check_in_time": dt.time(16)})

    event = StreamEvent.objects.get(code="property.settings_changed")
    assert event.payload["changes"] == {
        "name": ["Seaside Hotel", "Sea View"],
        "check_in_time": ["15:00:00", "16:00:00"],
    }


def test_two_people_change_different_settings_and_both_are_kept(hotel: Property) -> None:
    seen, shown = hotel.version, {"name": hotel.name, "accent_hue": hotel.accent_hue}
    services.hotel_change(property_id=hotel.pk, values={**shown, "name": "Sea View"}, seen_version=seen)

    services.hotel_change(property_id=hotel.pk, values={**shown, "accent_hue": 150}, seen_version=seen, originals=shown)

    after = Property.objects.get(pk=hotel.pk)
    assert (after.name, after.accent_hue) == ("Sea View", 150)


def test_two_people_change_the_same_setting_and_the_second_chooses(hotel: Property) -> None:
    seen = hotel.version
    services.hotel_change(property_id=hotel.pk, values={"name": "Sea View"}, seen_version=seen)

    with pytest.raises(StaleVersion) as refused:
        services.hotel_change(property_id=hotel.pk, values={"name": "Seaside Inn"}, seen_version=seen)

    assert refused.value.conflicts == {"name": ("Seaside Inn", "Sea View")}
    assert Property.objects.get(pk=hotel.pk).name == "Sea View"


def test_a_setting_out_of_range_is_refused(hotel: Property) -> None:
    with pytest.raises(InvalidValue) as refused:
        services.hotel_change(property_id=hotel.pk, values={"accent_hue": 400})

    assert refused.value.field == "accent_hue"
    assert Property.objects.get(pk=hotel.pk).accent_hue == 210


def test_the_currency_is_not_changed_like_a_setting(hotel: Property) -> None:
    with pytest.raises(TypeError):
        services.hotel_change(property_id=hotel.pk, values={"currency": "USD"})


@time_machine.travel(NOON, tick=False)
def test_the_business_date_rolls_by_one_day_and_is_news(hotel: Property) -> None:
    rolled = services.business_date_roll(hotel=hotel)

    assert rolled.business_date == TRIAL_DATE + dt.timedelta(days=1)
    event = StreamEvent.objects.get(code="business_date.rolled")
    assert event.payload["changes"] == {"business_date": ["2026-03-14", "2026-03-15"]}
    assert (event.business_date, event.object_id) == (dt.date(2026, 3, 15), hotel.pk)


@time_machine.travel(NOON, tick=False)
def test_the_business_date_stays_within_a_day_of_the_calendar(hotel: Property) -> None:
    services.business_date_roll(hotel=hotel)

    with pytest.raises(errors.BusinessDateTooFarAhead):
        services.business_date_roll(hotel=hotel)

    assert Property.objects.get(pk=hotel.pk).business_date == dt.date(2026, 3, 15)
    assert StreamEvent.objects.filter(code="business_date.rolled").count() == 1


def test_the_business_day_is_held_open_and_told(hotel: Property) -> None:
    assert services.business_day_shared(property_id=hotel.pk) == TRIAL_DATE


def test_rights_of_an_app_that_joins_later_reach_the_standard_roles(hotel: Property, olga: User, hugo: User) -> None:
    for role in ("owner", "front_desk", "manager"):  # as the hotel was before the right existed
        role_set_rights(property_id=hotel.pk, role=role, rights=codes_of_role(role) - {"room_mark"})

    assert services.standard_roles_complete(property_id=hotel.pk) == {"room_mark"}

    hugo.refresh_from_db()
    olga.refresh_from_db()
    assert "room_mark" in rights_at(hugo, hotel.pk)
    assert rights_at(olga, hotel.pk) == all_codes()


def test_a_right_taken_away_on_purpose_stays_away(hotel: Property, hugo: User) -> None:
    role_set_rights(property_id=hotel.pk, role="front_desk", rights=codes_of_role("front_desk") - {"room_mark"})

    assert services.standard_roles_complete(property_id=hotel.pk) == frozenset()

    hugo.refresh_from_db()
    assert "room_mark" not in rights_at(hugo, hotel.pk)


def test_an_organization_has_a_name(db: None) -> None:
    with pytest.raises(InvalidValue):
        services.organization_create(name="")

    assert not Organization.objects.exists()
