"""Documents as PDF: typst templates filled with data, never with text that could be markup.

What guests wrote reaches a template as JSON in `sys.inputs`: a `#` in a name is a character there, not code. The same
content gives the same bytes: the moment in the file is the document's own, and only typst's bundled fonts are used.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).resolve().parent


def pdf_of(template: str, content: Mapping[str, Any], *, dated: dt.date, logo: bytes | None = None) -> bytes:
    """Return the PDF of `<template>.typ` for `content`, the same bytes for the same content; `logo` is WebP."""
    moment = dt.datetime.combine(dated, dt.time(12), dt.UTC)
    written: bytes = typst.compile(
        HERE / f"{template}.typ",
        format="pdf",
        root=HERE,
        ignore_system_fonts=True,
        sys_inputs={
            "content": json.dumps(content, ensure_ascii=False),
            "logo": json.dumps(list(logo or b"")),  # inputs are texts; an array of its bytes needs no decoder
        },
        timestamp=int(moment.timestamp()),
    )
    return written
