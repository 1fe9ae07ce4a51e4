"""Photos and logos: read what people send, refuse what is no picture, keep a new picture of it and nothing else.

What is kept is always written anew: whatever a camera, a phone or an attacker put beside the pixels (place, owner,
scripts, archives) is not in it. Decoding is bounded before it begins, by the sizes that the file's head claims, and one
picture is read at a time in a process: an upload costs it at most some 50 MB.
"""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, PngImagePlugin, UnidentifiedImageError

from pms.core.errors import InvalidValue, Kind

MOST_BYTES = 20 * 2**20
MOST_DECODED = 36 * 2**20
# Pixels that are scaled finely in one step.
MOST_SCALED = 3 * 2**20
# By their longest side, in pixels: for lists and phones, for tablets, for wide screens.
SIDES = (480, 960, 1600)
FORMATS = ("JPEG", "PNG", "WEBP")
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
QUALITY = 82
ORIENTATION = 0x0112
# How a camera was held, by its word for it.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Words of languages that a browser or a server would run, were the file ever taken for something else.
RUNS = (b"<script", b"<!doctype", b"<html", b"<?php", b"<svg xmlns", b"%pdf-1.")
CHUNK = 2**16
# Compressed texts of a PNG are unpacked as it is opened; the library's own limit is 64 MB.
PngImagePlugin.MAX_TEXT_MEMORY = 2**20

_one_at_a_time = threading.Lock()


class PictureTooBig(InvalidValue, code="picture_too_big", kind=Kind.RULE):
    """A file or a picture beyond what is read."""


class PictureUnreadable(InvalidValue, code="picture_unreadable", kind=Kind.RULE):
    """No picture, a broken one, of another kind, or one that holds something else as well."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: WebP by longest side, and the size of the largest. `digest` names its content."""

    digest: str
    width: int
    height: int
    files: Mapping[int, bytes]


def picture_read(sent: BinaryIO, *, sides: Sequence[int] = SIDES) -> Picture:
    """Return what is kept of a file that somebody sent. Raises `PictureTooBig`, `PictureUnreadable`."""
    sent.seek(0, io.SEEK_END)
    if sent.tell() > MOST_BYTES:
        limit = {"most": MOST_BYTES // 2**20}
        raise PictureTooBig(_("The file has more than %(most)s MB. It was not kept; send a smaller one.") % limit)
    _refuse_disguise(sent)
    with _one_at_a_time:
        return _kept(_decoded(sent, max(sides)), sides)


def sides_of(width: int, height: int, sides: Sequence[int] = SIDES) -> dict[int, tuple[int, int]]:
    """Return by side the width and height of each file that is kept of a picture whose largest is `width`×`height`."""
    longest = max(width, height)
    kept = [side for side in sides if side < longest]
    found = {side: (max(1, round(width * side / longest)), max(1, round(height * side / longest))) for side in kept}
    return found | {min(longest, max(sides)): (width, height)}


def files_write(folder: str, picture: Picture) -> None:
    """Keep the files of a picture in `folder` of the storage; those that are there already stay."""
    for side, content in picture.files.items():
        name = file_name(folder, picture.digest, side)
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(content))


def files_delete(folder: str, digest: str, sides: Sequence[int]) -> None:
    """Delete the files of a picture; those that are gone are no trouble."""
    for side in sides:
        default_storage.delete(file_name(folder, digest, side))


def file_read(folder: str, digest: str, side: int) -> bytes | None:
    """Return one file of a picture; None if the storage has lost it."""
    try:
        with default_storage.open(file_name(folder, digest, side)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def file_name(folder: str, digest: str, side: int) -> str:
    """Return the name of one file: it says its content, so it is never overwritten with another."""
    return f"{folder}/{digest}-{side}.webp"


def _refuse_disguise(sent: BinaryIO) -> None:
    """Refuse a file that is a picture and something else: a page, a script, an archive."""
    sent.seek(0)
    before = b""
    while part := sent.read(CHUNK):
        text = (before + part).lower()
        if any(word in text for word in RUNS):
            raise _unreadable(_("There is something beside the picture in this file."))
        before = part[-16:]
    sent.seek(0)
    if zipfile.is_zipfile(sent):
        raise _unreadable(_("There is something beside the picture in this file."))
    sent.seek(0)


def _decoded(sent: BinaryIO, side: int) -> Image.Image:
    """Return the pixels upright, at most `side` long, in RGB or RGBA of the screen's colours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(sent, formats=FORMATS)
        _refuse_size(image, side)
        if getattr(image, "n_frames", 1) > 1 and image.format in {"PNG", "WEBP"}:
            raise _unreadable(_("A moving picture cannot be kept."))
        if image.mode not in MODES:
            raise _unreadable(_("Its colours are of a kind that cannot be read."))
        image.load()
        return _upright(image, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _unreadable(_("This file is no JPEG, PNG or WebP picture.")) from error
    except (OSError, ValueError, SyntaxError, TypeError, EOFError, OverflowError, MemoryError) as error:
        raise _unreadable(_("This picture is broken or was sent in part only.")) from error


def _refuse_size(image: Image.Image, side: int) -> None:
    """Bound what decoding will take, by what the head of the file claims; a plain JPEG is read smaller at once."""
    width, height = image.size
    if min(width, height) < 1:
        raise _unreadable(_("This picture is empty."))
    if image.format in {"JPEG", "MPO"}:
        needed = _kept_by_jpeg(image)
        longest = max(width, height)
        image.draft(None, (max(1, width * side // longest), max(1, height * side // longest)))
    else:
        needed = 0
    width, height = image.size
    needed += width * height * _bytes_a_pixel(image)
    if needed > MOST_DECODED:
        raise _too_many_pixels()


def _bytes_a_pixel(image: Image.Image) -> int:
    """Return what reading and scaling takes: WebP is read by way of several canvases, what is clear is mixed apart."""
    if image.format == "WEBP":
        return 14
    return 8 if _is_clear(image) else 4


def _is_clear(image: Image.Image) -> bool:
    return image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info


def _kept_by_jpeg(image: Image.Image) -> int:
    """Return the bytes that a JPEG which comes in several passes holds in memory, whatever size it is read at."""
    if not image.info.get("progressive"):
        return 0
    layers: Sequence[tuple[int, int, int, int]] = getattr(image, "layer", [])
    widest = max((across * down for _id, across, down, _table in layers), default=1)
    shares = sum(across * down for _id, across, down, _table in layers) / widest
    return int(image.width * image.height * 2 * shares)


def _upright(image: Image.Image, side: int) -> Image.Image:
    turned = _orientation(image)
    profile = image.info.get("icc_profile")
    clear = _is_clear(image)
    if image.mode in {"1", "P", "PA"}:  # no steps between its colours: the mean of two is none of them
        image = image.convert("RGBA" if clear else "RGB")
    # Halved before it is scaled: scaling a large one takes as much again as it has.
    coarse = max(max(image.size) // side, 2 if image.width * image.height > MOST_SCALED else 1)
    if coarse > 1:
        full, image = image, image.reduce(coarse)
        full.close()  # the caller still holds it
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image = _on_screen(image, profile, "RGBA" if clear else "RGB")
    image.info.clear()  # the writer would put it into the new file
    return image.transpose(TURNS[turned]) if turned in TURNS else image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # whatever a camera wrote beside the picture must not make it unreadable
        return 1


def _on_screen(image: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    """Return the picture in the colours that screens take for granted; phones take photos in wider ones."""
    if profile and mode == "RGB" and image.mode in {"RGB", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            shown = None
        if shown is not None:
            return shown
    return image if image.mode == mode else image.convert(mode)


def _kept(image: Image.Image, sides: Sequence[int]) -> Picture:
    files = {}
    for side, size in sides_of(image.width, image.height, sides).items():
        small = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        written = io.BytesIO()
        small.save(written, "WEBP", quality=QUALITY, method=4)
        files[side] = written.getvalue()
    digest = hashlib.sha256(files[max(files)]).hexdigest()[:32]
    return Picture(digest, image.width, image.height, files)


def _unreadable(why: str) -> PictureUnreadable:
    return PictureUnreadable(why + " " + _("It was not kept; send a JPEG, PNG or WebP picture."))


def _too_many_pixels() -> PictureTooBig:
    return PictureTooBig(_("The picture has too many pixels. It was not kept; send a smaller one, or a plain JPEG."))
