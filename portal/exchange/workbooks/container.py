"""What a file that was sent is, from its outside: refused in words before anything parses it."""

import zipfile
import zlib
from enum import StrEnum
from io import BytesIO
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core.errors import Mistake

MOST_BYTES = 10_000_000
MOST_UNPACKED = 50_000_000
MOST_ENTRIES = 200
MOST_RATIO = 100
HEAD = 65_536

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
MEGABYTE = 1_000_000
TORN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError)
"""What is said of an archive that is not whole."""


class Form(StrEnum):
    """The forms of a workbook that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


class Unreadable(Mistake):
    """The workbook cannot be taken; the words say why and what helps."""

    def __init__(self, words: Any) -> None:
        super().__init__("workbook", words)


EMPTY = _l("这个文件是空的，请重新选一次。")
NO_WORKBOOK = _l("这不是 Excel 表。请交 .xlsx、.xls 或 .csv 文件。")
BROKEN = _l("这个表格坏了，打不开。请用 Excel 打开后另存一份再交。")
PROTECTED = _l("这个表格加了打开密码。请在 Excel 里去掉密码再交。")
MACROS = _l("这个表格带宏。请另存为不带宏的 .xlsx 再交。")
SPARSE = _l("这个表格里空白的格子太多，展开太大。请把要导入的内容复制到一张新表里再交。")
ENTITIES = _l("这个表格里有不该有的内容，不能收。请把要导入的内容复制到一张新表里再交。")
A_PAGE = _l("这个文件是网页格式，只是名字像 Excel。请用 Excel 打开后另存为 .xlsx 再交。")
OTHER_FORM = _l("这种格式收不了。请在 Excel 或 WPS 里另存为 .xlsx 再交。")


def look(content: bytes) -> Form:
    """The form of a file by its content, whatever its name says; raises Unreadable."""
    if not content:
        raise Unreadable(EMPTY)
    if len(content) > MOST_BYTES:
        raise Unreadable(too_big(len(content)))
    if content.startswith(ZIP):
        _look_into_zip(content)
        return Form.XLSX
    if content.startswith(OLE):
        _look_into_ole(content)
        return Form.XLS
    _look_at_text(content)
    return Form.CSV


def too_big(size: int) -> Any:
    """The words about a file of so many bytes."""
    return _l(
        "这个文件有 %(size)s MB，最多收 %(most)s MB。请只留要导入的那张表再交。",
        size=-(-size // MEGABYTE),
        most=MOST_BYTES // MEGABYTE,
    )


def _look_into_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _need_small(entries)
            _need_workbook({entry.filename for entry in entries})
            for entry in entries:
                _need_plain(archive, entry)
    except (*TORN, ValueError, NotImplementedError):
        raise Unreadable(BROKEN) from None
    except RuntimeError:  # what zipfile says of an entry with a password
        raise Unreadable(PROTECTED) from None


def _need_small(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Unreadable(
            _l(
                "这个文件里的东西太多（%(number)s 个部件）。请把要导入的内容复制到一张新表里再交。",
                number=len(entries),
            )
        )
    unpacked = sum(entry.file_size for entry in entries)
    is_bomb = any(
        entry.file_size > MEGABYTE and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if unpacked > MOST_UNPACKED or is_bomb:
        size = -(-unpacked // MEGABYTE)
        raise Unreadable(
            _l("这个表格展开后有 %(size)s MB，太大了。请把要导入的内容复制到一张新表里再交。", size=size)
        )


def _need_workbook(names: set[str]) -> None:
    if any(name.casefold().endswith("vbaproject.bin") for name in names):
        raise Unreadable(MACROS)
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise Unreadable(OTHER_FORM)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise Unreadable(NO_WORKBOOK)


def _need_plain(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse a part whose beginning declares entities of its own; the reader looks at the whole of it."""
    if not entry.filename.casefold().endswith((".xml", ".rels", ".vml")):
        return
    with archive.open(entry) as part:
        head = part.read(HEAD)
    if is_declaring(head):
        raise Unreadable(ENTITIES)
    if entry.filename == "[Content_Types].xml" and b"macroEnabled" in head:
        raise Unreadable(MACROS)


def is_declaring(xml: bytes) -> bool:
    """Whether XML declares a document type or entities, in any encoding a parser could read."""
    plain = xml.replace(b"\x00", b"")
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def _look_into_ole(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable(PROTECTED)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise Unreadable(MACROS)
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise Unreadable(NO_WORKBOOK)


def _look_at_text(content: bytes) -> None:
    head = content[:HEAD]
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(NO_WORKBOOK)
    lower = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if lower.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Unreadable(A_PAGE)
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(NO_WORKBOOK)
