"""Photos of room types and the hotel's logo: kept, described, in order, gone for good."""

from __future__ import annotations

import io

import pytest
from django.core.files.storage import default_storage

from pms.core.errors import NotThere
from pms.core.pictures import picture_read
from properties.errors import PhotosChanged, TooManyPhotos
from properties.models import Property, RoomType, RoomTypePhoto
from properties.places.selectors import photo_file, photos_of_type
from properties.services import photos
from properties.services.logo import logo_of, logo_remove, logo_set
from properties.services.photos import photo_add, photo_change, photo_remove, photos_order
from tests.committed import rolled_back
from tests.factories.pictures import make_photo, picture


@pytest.fixture
def suite(hotel: Property) -> RoomType:
    return RoomType.objects.get(property=hotel, code="SUI")


def order_of(room_type: RoomType) -> list[str]:
    return [photo.alt for photo in photos_of_type(room_type.pk)]


def test_photos_stand_in_the_order_they_came_and_the_first_is_the_cover(suite: RoomType) -> None:
    for alt in ("bed", "bath", "view"):
        make_photo(room_type=suite, alt=alt)

    assert order_of(suite) == ["bed", "bath", "view"]


def test_they_are_put_in_another_order(suite: RoomType) -> None:
    bed, bath, view = (make_photo(room_type=suite, alt=alt) for alt in ("bed", "bath", "view"))

    photos_order(room_type_id=suite.pk, order=[view.pk, bed.pk, bath.pk])

    assert order_of(suite) == ["view", "bed", "bath"]


def test_an_order_of_other_photos_is_refused(suite: RoomType, hotel: Property) -> None:
    bed, bath = (make_photo(room_type=suite, alt=alt) for alt in ("bed", "bath"))
    foreign = make_photo(room_type=RoomType.objects.get(property=hotel, code="DBL"))
    for order in ([bed.pk], [bed.pk, bath.pk, foreign.pk], [bed.pk, bed.pk], [bed.pk, foreign.pk]):
        with pytest.raises(PhotosChanged):
            photos_order(room_type_id=suite.pk, order=order)

    assert order_of(suite) == ["bed", "bath"]


def test_what_is_to_be_seen_is_merged(suite: RoomType) -> None:
    photo = make_photo(room_type=suite)
    photo_change(photo_id=photo.pk, values={"alt": "A bed"}, seen_version=photo.version)

    merged = photo_change(photo_id=photo.pk, values={"caption": "By the sea"}, seen_version=photo.version)

    assert (merged.alt, merged.caption) == ("A bed", "By the sea")


def test_files_are_there_as_long_as_the_photo_is(suite: RoomType, django_capture_on_commit_callbacks) -> None:
    photo = make_photo(room_type=suite, size=(2000, 1000))
    assert photo_file(photo, 100) and photo_file(photo, 961) != photo_file(photo, 480)
    folder = photo.folder()
    assert len(default_storage.listdir(folder)[1]) == 3

    with django_capture_on_commit_callbacks(execute=True):
        photo_remove(photo_id=photo.pk)

    assert default_storage.listdir(folder)[1] == []
    with pytest.raises(NotThere):
        photo_remove(photo_id=photo.pk)


def test_a_removal_that_is_rolled_back_keeps_the_files(suite: RoomType, django_capture_on_commit_callbacks) -> None:
    photo = make_photo(room_type=suite)
    with django_capture_on_commit_callbacks(execute=True), rolled_back():
        photo_remove(photo_id=photo.pk)

    assert photo_file(RoomTypePhoto.objects.get(), 480)


def test_a_refused_photo_leaves_no_file(suite: RoomType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST", 0)
    kept = picture_read(io.BytesIO(picture()))

    with pytest.raises(TooManyPhotos):
        photo_add(room_type=suite, picture=kept)

    left = default_storage.listdir(f"{suite.property_id}/photos")[0]
    assert [folder for folder in left if default_storage.listdir(f"{suite.property_id}/photos/{folder}")[1]] == []
    assert not RoomTypePhoto.objects.exists()


def test_a_hotel_gets_a_logo_and_loses_it(hotel: Property) -> None:
    drawn = picture_read(io.BytesIO(picture("PNG", size=(900, 300))), sides=(640,))

    with_logo = logo_set(property_id=hotel.pk, picture=drawn)
    assert logo_of(with_logo) == drawn.files[640]

    assert logo_of(logo_remove(property_id=hotel.pk)) is None


def test_a_small_logo_is_kept_as_it_is(hotel: Property) -> None:
    assert logo_of(logo_set(property_id=hotel.pk, picture=picture_read(io.BytesIO(picture()), sides=(640,))))
