"""Pictures as phones, cameras and attackers send them; and photos of room types."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from pms.core.pictures import picture_read
from properties.models import RoomType, RoomTypePhoto
from properties.services.photos import photo_add

GPS = 0x8825
ORIENTATION = 0x0112
MAKE = 0x010F


def picture(form: str = "JPEG", *, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """Return a small picture of the kind: red on the left half, blue on the right."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def phone_photo(*, turned: int = 6, size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a photo that says where it was taken, by which telephone, and how it was held."""
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    exif[MAKE] = "Canary Telephones"
    exif.get_ifd(GPS).update({1: "N", 2: (54.0, 5.0, 7.0), 3: "E", 4: (13.0, 23.0, 0.0)})
    return picture(exif=exif, size=size, comment=b"Canary comment")


def png_that_claims(width: int, height: int) -> bytes:
    """Return a few kilobytes that unpack to a picture of this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 2**20, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_archive(content: bytes) -> bytes:
    """Return the same picture that is an archive as well."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("page.html", "<p>hidden</p>")
    return content + archive.getvalue()


def sent(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """Return it as a form sends it."""
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def make_photo(*, room_type: RoomType, alt: str = "", size: tuple[int, int] = (64, 48)) -> RoomTypePhoto:
    """Add a photo to a room type."""
    return photo_add(room_type=room_type, picture=picture_read(io.BytesIO(picture(size=size))), alt=alt)
