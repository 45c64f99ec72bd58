"""Looking for words in everything an installation keeps: every table, every file, and what is packed inside."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from portal.core import db
from portal.core.db import Base

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def places_of(words: Iterable[str], folder: Path) -> list[str]:
    """Where any of these words stands in clear: in a row, in a file of the database, or somewhere in the storage."""
    wanted = {word: [word.encode(encoding) for encoding in ENCODINGS] for word in words}
    return [
        f"{place}: {word}"
        for place, content in everything(folder)
        for word, forms in wanted.items()
        if any(form in content for form in forms)
    ]


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, and every file with what is packed in it."""
    yield from _rows()
    database = db.database().engine.url.database or ""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if db.database().engine.dialect.name == "sqlite":
        files += [Path(database + ending) for ending in ("", "-wal") if Path(database + ending).is_file()]
    for path in files:
        yield from unpacked(path.name, path.read_bytes())


def _rows() -> Iterator[tuple[str, bytes]]:
    with db.database().engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"'):
                yield f"table {table.name}", repr(tuple(row)).encode()


def unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file as it is, and the parts of an archive, the streams of a PDF, what is written beside a picture."""
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from unpacked(f"{name}/{part}", archive.read(part))
    if content.startswith(b"%PDF"):
        yield from ((f"{name} stream", part) for part in _inflated(content))
    yield from ((f"{name} metadata", part) for part in _metadata(content))


def _inflated(content: bytes) -> Iterator[bytes]:
    for stream in STREAM.findall(content):
        try:
            yield zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue


def _metadata(content: bytes) -> Iterator[bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content))
            exif = image.getexif()
    except Exception:  # no picture
        return
    values: list[Any] = [*exif.values(), *image.info.values()]
    values += [value for part in (0x8769, 0x8825) for value in exif.get_ifd(part).values()]
    yield from (value if isinstance(value, bytes) else str(value).encode() for value in values)
