"""Photos on the page of a room type and the logo in the settings: sent, shown, put in order, removed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client

from pms.accounts.models import User
from pms.core.pictures import picture_read
from properties.models import Property, RoomType, RoomTypePhoto
from properties.places.selectors import photos_of_type
from properties.services.logo import logo_set
from tests.factories.pictures import make_photo, picture, sent, with_archive


@pytest.fixture
def manager(client: Client, hotel: Property, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def suite(hotel: Property) -> RoomType:
    return RoomType.objects.get(property=hotel, code="SUI")


def page(suite: RoomType) -> str:
    return f"/h/SEA/room-types/{suite.pk}/"


def test_photos_are_sent_without_a_script(manager: Client, suite: RoomType) -> None:
    files = [sent(picture()), sent(b"no picture", "letter.jpg"), sent(picture("PNG"), "wrong-name.txt")]

    answer = manager.post(f"{page(suite)}photos/add/", {"photos": files}, follow=True)

    html = answer.content.decode()
    assert RoomTypePhoto.objects.count() == 2
    assert "2 photos are added." in html and "letter.jpg: This file is no JPEG, PNG or WebP picture." in html


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(picture(), 200, ""), (with_archive(picture()), 422, "something beside"), (b"GIF89a", 422, "no JPEG")],
)
def test_the_script_is_told_of_each(manager: Client, suite: RoomType, content: bytes, status: int, words: str) -> None:
    answer = manager.post(
        f"{page(suite)}photos/add/", {"photos": sent(content)}, headers={"accept": "application/json"}
    )

    assert answer.status_code == status
    assert words in answer.json().get("detail", "")


def test_nothing_chosen_says_so(manager: Client, suite: RoomType) -> None:
    assert b"No photo was chosen" in manager.post(f"{page(suite)}photos/add/", follow=True).content
    told = manager.post(f"{page(suite)}photos/add/", headers={"accept": "application/json"})
    assert told.status_code == 422


def test_a_picture_is_served_closed_and_for_ever(manager: Client, suite: RoomType) -> None:
    photo = make_photo(room_type=suite, size=(1200, 800))

    answer = manager.get(f"/h/SEA/photos/{photo.pk}/480/")

    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert set(answer["Content-Security-Policy"].split("; ")) == {"default-src 'none'", "sandbox"}
    assert "immutable" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert picture_read(io.BytesIO(answer.content)).width == 480


def test_a_photo_whose_file_is_lost_is_not_there(manager: Client, suite: RoomType) -> None:
    photo = make_photo(room_type=suite)
    RoomTypePhoto.objects.filter(pk=photo.pk)._update([(RoomTypePhoto._meta.get_field("digest"), None, "0" * 32)])

    assert manager.get(f"/h/SEA/photos/{photo.pk}/480/").status_code == 404


def test_buttons_move_them(manager: Client, suite: RoomType, htmx: dict[str, Any]) -> None:
    first, second = make_photo(room_type=suite, alt="bed"), make_photo(room_type=suite, alt="bath")
    html = manager.get(page(suite)).content.decode()
    assert f'value="{second.pk},{first.pk}"' in html

    answer = manager.post(f"{page(suite)}photos/order/", {"order": f"{second.pk},{first.pk}"}, headers=htmx)
    assert answer.status_code == 204
    assert [photo.alt for photo in photos_of_type(suite.pk)] == ["bath", "bed"]

    assert manager.post(f"{page(suite)}photos/order/", {"order": f"{second.pk}"}, headers=htmx).status_code == 409
    assert manager.post(f"{page(suite)}photos/order/", {"order": "first"}, headers=htmx).status_code == 422
    back = manager.post(f"{page(suite)}photos/order/", {"order": f"{first.pk},{second.pk}"})
    assert back.status_code == 302


def test_the_dialog_describes_and_removes(manager: Client, suite: RoomType, htmx: dict[str, Any]) -> None:
    photo = make_photo(room_type=suite)
    url = f"/h/SEA/photos/{photo.pk}/"
    assert manager.get(url, headers=htmx).status_code == 200

    saved = manager.post(url, {"alt": "A bed", "caption": "", "version": photo.version}, headers=htmx)
    assert saved.status_code == 200 and not saved.content
    conflict = manager.post(
        url,
        {"alt": "A sofa", "caption": "", "version": photo.version, "seen_alt": "", "seen_caption": ""},
        headers=htmx,
    )
    assert conflict.status_code == 409 and b"A bed" in conflict.content

    assert manager.post(f"{url}remove/", headers=htmx).status_code == 200
    assert not RoomTypePhoto.objects.exists()


def test_the_logo_is_saved_shown_and_removed(manager: Client, hotel: Property) -> None:
    manager.post("/h/SEA/settings/logo/", {"logo": sent(picture("PNG"))})
    hotel.refresh_from_db()
    html = manager.get("/h/SEA/settings/").content.decode()
    url = f"/h/SEA/logo/?v={hotel.logo}"
    assert html.count(url) == 2  # in the frame, and in the settings

    answer = manager.get(url)
    assert answer["Content-Type"] == "image/webp" and "immutable" in answer["Cache-Control"]
    assert manager.get("/h/SEA/logo/?v=old")["Cache-Control"] == "private, no-cache"

    manager.post("/h/SEA/settings/logo/", {"remove": "1"})
    assert manager.get("/h/SEA/logo/").status_code == 404


def test_a_logo_that_is_none_changes_nothing(manager: Client, hotel: Property) -> None:
    logo_set(property_id=hotel.pk, picture=picture_read(io.BytesIO(picture()), sides=(640,)))
    for wrong in ({}, {"logo": sent(b"<svg/>")}):
        manager.post("/h/SEA/settings/logo/", wrong)

    assert manager.get("/h/SEA/logo/").status_code == 200
