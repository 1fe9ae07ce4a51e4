"""Pictures that people send: what is kept of them, and what is refused before it could do harm (reliability F10)."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from pms.core import pictures
from pms.core.pictures import Picture, PictureTooBig, PictureUnreadable, picture_read, sides_of
from tests.factories.pictures import phone_photo, picture, png_that_claims, with_archive


def read(content: bytes) -> Picture:
    return picture_read(io.BytesIO(content))


def shown(kept: Picture) -> Image.Image:
    return Image.open(io.BytesIO(kept.files[max(kept.files)]))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_as_webp(form: str) -> None:
    kept = read(picture(form))

    assert shown(kept).format == "WEBP"
    assert (kept.width, kept.height) == (64, 48)
    assert kept.digest == read(picture(form)).digest


def test_a_large_one_is_kept_in_three_sizes_for_phones_and_screens() -> None:
    kept = read(picture(size=(3400, 1700)))

    assert {side: Image.open(io.BytesIO(file)).size for side, file in kept.files.items()} == {
        480: (480, 240),
        960: (960, 480),
        1600: (1600, 800),
    }
    assert sides_of(kept.width, kept.height) == {480: (480, 240), 960: (960, 480), 1600: (1600, 800)}


def test_place_owner_and_camera_are_taken_out_and_the_photo_stands_upright() -> None:
    content = phone_photo(turned=6)
    before = Image.open(io.BytesIO(content))
    assert before.getexif().get_ifd(0x8825) and b"Canary" in content  # the control: it was in there

    kept = read(content)
    image = shown(kept)

    assert (kept.width, kept.height) == (48, 64)
    assert not image.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    assert all(b"Canary" not in file and b"EXIF" not in file for file in kept.files.values())
    top, bottom = image.convert("RGB").getpixel((24, 8)), image.convert("RGB").getpixel((24, 56))
    assert top[0] > 150 and bottom[2] > 150  # red was on the left


@pytest.mark.parametrize("turned", range(1, 9))
def test_every_way_to_hold_a_camera(turned: int) -> None:
    image = Image.open(io.BytesIO(phone_photo(turned=turned)))
    expected = pictures.TURNS.get(turned)

    kept = read(phone_photo(turned=turned))

    turned_by_hand = image.transpose(expected) if expected is not None else image
    assert (kept.width, kept.height) == turned_by_hand.size


def test_what_is_clear_stays_clear() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    written = io.BytesIO()
    image.save(written, "PNG")

    assert shown(read(written.getvalue())).convert("RGBA").getpixel((5, 5))[3] == 0


JPEG = picture()
REFUSED: dict[str, Any] = {
    "no picture": b"Dear guest, the room is lovely.",
    "nothing": b"",
    "a drawing with scripts": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a gif": picture("GIF"),
    "a tiff": picture("TIFF"),
    "cut off": picture(size=(640, 480))[:-2500],
    "cut off png": picture("PNG", size=(640, 480))[:-200],
    "a page behind it": JPEG + b"<!DOCTYPE html><html><body onload=alert(1)>",
    "a script in its comment": picture(comment=b"<script>alert(1)</script>"),
    "an archive behind it": with_archive(JPEG),
    "an archive behind a png": with_archive(picture("PNG")),
    "a document behind it": JPEG + b"%PDF-1.7 1 0 obj",
    "only a head": JPEG[:24],
    "moving": picture("WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48), "green")]),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_alone_is_refused(content: bytes) -> None:
    with pytest.raises(PictureUnreadable, match="not kept"):
        read(content)


def test_control_without_what_stands_behind_them_they_are_taken() -> None:
    assert read(JPEG) and read(picture("PNG")) and read(picture("WEBP"))


def test_a_file_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(PictureTooBig, match="20 MB"):
        read(JPEG + b"\0" * pictures.MOST_BYTES)


@pytest.mark.parametrize("size", [(50_000, 50_000), (5_000, 5_000), (100_000, 10)])
def test_a_small_file_that_claims_to_be_huge_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises((PictureTooBig, PictureUnreadable)):
        read(png_that_claims(*size))


# The most that this process ever had; getrusage would tell what its parent had when it was forked.
GROWTH = r"""
import io, re, sys
import django
from django.conf import settings
settings.configure(USE_I18N=False)
django.setup()
from pms.core.pictures import InvalidValue, picture_read
peak = lambda: int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) // 1024
picture_read(io.BytesIO(open(sys.argv[1], "rb").read()))
before = peak()
try:
    picture_read(open(sys.argv[2], "rb"))
except InvalidValue:
    pass
print(peak() - before)
"""
MOST_GROWTH = 50


def growth(tmp_path: Any, content: bytes, *, script: str = GROWTH) -> int:
    """Return by how many MB the memory of a process grows at most while it reads the file."""
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(picture())
    large.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", script, str(small), str(large)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


LARGE: dict[str, Any] = {
    "50,000 x 50,000": lambda: png_that_claims(50_000, 50_000),
    "a photo of a phone": lambda: picture(size=(4032, 3024)),
    "a photo of a camera": lambda: picture(size=(8256, 5504)),
    "in several passes": lambda: picture(size=(3400, 2550), progressive=True),
    "the largest png": lambda: picture("PNG", size=(3400, 2700)),
    "a large png": lambda: picture("PNG", size=(3000, 2400)),
    "the largest clear png": lambda: picture("PNG", size=(2450, 1900), mode="RGBA"),
    "the largest webp": lambda: picture("WEBP", size=(1800, 1450)),
    "a large webp": lambda: picture("WEBP", size=(8000, 6000)),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_no_picture_costs_more_memory_than_fifty_megabytes(tmp_path: Any, make: Any) -> None:
    assert growth(tmp_path, make()) <= MOST_GROWTH


def test_control_without_the_limit_a_picture_costs_far_more(tmp_path: Any) -> None:
    unlimited = GROWTH.replace("peak = ", "import pms.core.pictures as p; p.MOST_DECODED = 2**40\npeak = ")

    assert growth(tmp_path, picture("PNG", size=(6000, 6000), mode="RGBA"), script=unlimited) > 2 * MOST_GROWTH
