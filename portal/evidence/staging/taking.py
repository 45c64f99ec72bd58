"""Take in one file that somebody sends: look at it, keep it and say what it is, before any write."""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol

from flask_babel import lazy_gettext as _l

from portal.core import db, identity
from portal.evidence import storage
from portal.evidence.models import Kind
from portal.evidence.staging import pictures
from portal.evidence.staging.pictures import Format, Unfit

MOST_BYTES = 25 * 1024 * 1024
LONGEST_NAME = 120
PDF_ACTS = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|Encrypt)\b")
PDF_STREAM = re.compile(rb"stream\r?\n")
MOST_INFLATED = 64 * 1024 * 1024

EMPTY: Any = _l("文件是空的，请重新选一次。")
TOO_BIG: Any = _l("文件超过 25 MB，请换一个小一点的。")
ONLY_PHOTOS: Any = _l("这里只收照片（JPG、PNG、WebP、HEIC）。")
ONLY_PAPERS: Any = _l("这里只收照片（JPG、PNG、WebP、HEIC）和 PDF。")
BROKEN_PDF: Any = _l("这个 PDF 不完整，请重新导出一次。")
ACTIVE_PDF: Any = _l("这个 PDF 带有脚本、附件或密码，请另存为普通 PDF，或者直接拍照。")
IDENTITY_IN_PDF: Any = _l("这个 PDF 里写着身份证号。请遮住号码再传，或者直接拍照。")


class Incoming(Protocol):
    """A file in a request."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class Staged:
    """A file that is kept and waits for its row; without one it is swept after a day.

    ``taken_at`` and ``position`` (latitude, longitude in degrees) are what the camera claims.
    """

    kind: Kind
    sha256_in: str
    sha256: str
    thumb_sha256: str | None
    phash: str | None
    size: int
    width: int
    height: int
    taken_at: datetime | None
    position: tuple[float, float] | None
    name: str


@dataclass(frozen=True)
class Refused:
    """A file that was not taken, and the sentence for whoever sent it."""

    words: Any
    name: str = ""


def stage(file: Incoming, *, documents: bool = False) -> Staged | Refused:
    """Take in one file of at most 25 MB: a photo, or with ``documents`` also a PDF.

    Slow: call it before the write begins.
    """
    db.no_open_write()
    name = safe_name(file.filename)
    data = file.stream.read(MOST_BYTES + 1)
    try:
        return _kept(data, name, _taken_format(data, documents))
    except Unfit as unfit:
        return Refused(unfit.words, name)


def _taken_format(data: bytes, documents: bool) -> Format:
    if not data:
        raise Unfit(EMPTY)
    if len(data) > MOST_BYTES:
        raise Unfit(TOO_BIG)
    format_ = pictures.told_by_content(data)
    if format_ is None or (format_ is Format.PDF and not documents):
        raise Unfit(ONLY_PAPERS if documents else ONLY_PHOTOS)
    return format_


def _kept(data: bytes, name: str, format_: Format) -> Staged:
    came_as = hashlib.sha256(data).hexdigest()
    if format_ is Format.PDF:
        _check_pdf(data)
        kept_as = storage.store().put(data)
        return Staged(Kind.DOCUMENT, came_as, kept_as, None, None, len(data), 0, 0, None, None, name)
    picture = pictures.draw_anew(data, format_)
    return Staged(
        kind=Kind.PHOTO,
        sha256_in=came_as,
        sha256=storage.store().put(picture.content),
        thumb_sha256=storage.store().put(picture.thumb),
        phash=picture.phash,
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
        taken_at=picture.claims.taken_at,
        position=picture.claims.position,
        name=name,
    )


def _check_pdf(data: bytes) -> None:
    """Refuse a PDF that was cut off, or that openly acts by itself; any other is only ever downloaded."""
    if b"%%EOF" not in data[-2048:]:
        raise Unfit(BROKEN_PDF)
    if PDF_ACTS.search(data):
        raise Unfit(ACTIVE_PDF)
    if any(map(identity.stands_in_bytes, _parts_of_pdf(data))):
        raise Unfit(IDENTITY_IN_PDF)


def _parts_of_pdf(data: bytes) -> Iterator[bytes]:
    """The file as it is, then its streams inflated, so many bytes in all: a small file may swell without end."""
    yield data
    left = MOST_INFLATED
    for start in PDF_STREAM.finditer(data):
        end = data.find(b"endstream", start.end())
        with suppress(zlib.error):
            part = zlib.decompressobj().decompress(data[start.end() : end], left)
            yield part
            left -= len(part)
        if left <= 0:
            return


def safe_name(filename: str | None) -> str:
    """What a file was called, fit to be shown: no folders, no control or direction marks, no identity number."""
    last = re.split(r"[/\\]", filename or "")[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    return identity.masked(" ".join(shown.split()))[:LONGEST_NAME]
