"""Reading what a stranger sends: the dirty is read, bombs and broken files are refused in words, soon and small."""

import io
import resource
import time
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.core.errors import Mistake
from portal.exchange import judging
from portal.exchange.models import ImportKind
from portal.exchange.workbooks import cleaning, container
from portal.exchange.workbooks.container import Unreadable
from tests.exchange import workbooks
from tests.exchange.workbooks import workbook

STALLS = ImportKind.STALLS
HEADER = ("档口号", "面积")
CSV = "档口号,面积\r\nA-００１,１２.５\r\n"
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><a>&lol;</a>'


def zipped(**parts: bytes) -> bytes:
    """A workbook of these parts over a right one; ``sheet``, ``macro`` and so on name them."""
    names = {
        "sheet": "xl/worksheets/sheet1.xml",
        "macro": "xl/vbaProject.bin",
        "strings": "xl/sharedStrings.xml",
    }
    given = {names[name]: content for name, content in parts.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([HEADER, ("A-001", 1)]))) as right,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in right.namelist():
            if name not in given:
                made.writestr(name, right.read(name))
        for name, content in given.items():
            made.writestr(name, content)
    return out.getvalue()


def sheet_of(rows: bytes) -> bytes:
    namespace = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return b"<worksheet " + namespace + b"><sheetData>" + rows + b"</sheetData></worksheet>"


def million() -> bytes:
    """A small file of a million rows."""
    return zipped(sheet=sheet_of(b"<row><c><v>1</v></c></row>" * 1_000_000))


def too_long() -> bytes:
    """More rows than are taken, in a file that is no bomb."""
    return zipped(
        sheet=sheet_of(b"".join(b'<row r="%d"><c><v>%d</v></c></row>' % (n, n * n) for n in range(1, 20_005)))
    )


def damaged() -> bytes:
    """One byte of the strings is another."""
    content = bytearray(workbook([HEADER, *((f"甲{n}", n) for n in range(50))]))
    at = content.index(b"xl/sharedStrings.xml") + 60
    content[at] ^= 0xFF
    return bytes(content)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "是空的"),
    "cut off": (lambda: workbook([HEADER, ("A-001", 1)])[:-2_000], "坏了"),
    "too big": (lambda: b"a," * 5_000_100, "最多收 10 MB"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "不是 Excel 表"),
    "a page": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "网页格式"),
    "another archive": (lambda: _archive("word/document.xml"), "不是 Excel 表"),
    "a macro file": (lambda: zipped(macro=b"\x00" * 100), "带宏"),
    "protected": (lambda: container.OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
    "damaged": (damaged, "坏了"),
    "zip bomb": (lambda: zipped(strings=b"A" * 60_000_000), "展开后有 61 MB"),
    "a million rows": (million, "太大了"),
    "sparse": (lambda: zipped(sheet=sheet_of(_far_apart())), "空白的格子太多"),
    "billion laughs": (lambda: zipped(strings=LAUGHS), "不该有的内容"),
    "hidden entities": (lambda: zipped(strings=b"<!--" + b"x" * 200_000 + b"-->" + LAUGHS), "不该有的内容"),
    "too many rows": (too_long, "超过 20000 行"),
    "no header": (lambda: workbook([("甲", "乙"), (1, 2)]), "没有找到表头"),
    "a needed column missing": (lambda: workbook([("分区", "面积"), ("A", 1)]), "少了“档口号”"),
    "nothing but a hidden sheet": (lambda: workbook([HEADER, ("A-001", 1)], hidden=True), "没有内容"),
}


def _archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(name, "<document/>")
    return out.getvalue()


def _far_apart() -> bytes:
    return b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words_soon_and_small(name: str) -> None:
    make, words = REFUSED[name]
    content = make()
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable) as refused:
        judging.read(content, STALLS)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert words in str(refused.value.words)
    assert time.monotonic() - began < 5  # a second on a machine that does nothing else: `portal bench import`
    assert after - before < 50_000


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode("utf-8"),
        CSV.encode("utf-8-sig"),
        CSV.encode("gb18030"),
        CSV.encode("utf-16"),
        CSV.replace(",", "\t").encode(),
    ],
    ids=["utf-8", "with a mark", "gbk", "utf-16", "tabs"],
)
def test_csv_is_read_in_the_encodings_it_comes_in(content: bytes) -> None:
    read = judging.read(content, STALLS)
    assert [row.cells for row in read.sheet.rows] == [["档口号", "面积"], ["A-００１", "１２.５"]]


def test_the_header_is_found_under_titles_and_the_likeliest_sheet_is_taken() -> None:
    roster = workbooks.stalls(3)
    read = judging.read(roster.content, STALLS)
    assert read.header.row == 2
    assert {column["letter"]: column["field"] for column in read.header.columns} == {
        "A": "", "B": "code", "C": "zone", "D": "area_m2", "E": "trade_codes", "F": "has_gas", "G": ""
    }  # fmt: skip


DAYS: dict[str, tuple[Any, date]] = {
    "a date": (["day", "2024-03-05"], date(2024, 3, 5)),
    "a serial number": (45_356.0, date(2024, 3, 5)),
    "dots": ("2024.3.5", date(2024, 3, 5)),
    "Chinese": ("２０２４年３月５日", date(2024, 3, 5)),
    "eight figures": (20240305, date(2024, 3, 5)),
    "with a clock time": ("2024-03-05 00:00:00", date(2024, 3, 5)),
}


@pytest.mark.parametrize("name", DAYS)
def test_a_day_is_read_however_it_is_written(name: str) -> None:
    cell, day = DAYS[name]
    assert cleaning.day("day", cell) == day


@pytest.mark.parametrize(
    ("clean", "cell", "words"),
    [
        (cleaning.day, ["time"], "1900"),
        (cleaning.day, ["day", "1900-01-01"], "1900"),
        (cleaning.day, 0, "1900"),
        (cleaning.day, "2024-02-30", "没有这一天"),
        (cleaning.day, "明天", "要填日期"),
        (cleaning.number, 9.24419e17, "科学计数法"),
        (cleaning.number, "9.2442E+17", "科学计数法"),
        (cleaning.amount, "约12", "要填数字"),
        (cleaning.words, "#N/A", "公式"),
    ],
)
def test_what_excel_has_spoilt_is_told_with_what_helps(clean: Any, cell: Any, words: str) -> None:
    with pytest.raises(Mistake) as refused:
        clean("field", cell)
    assert words in str(refused.value.words)


def test_figures_are_read_full_width_with_units_and_as_text() -> None:
    assert cleaning.amount("area", "１２．５㎡") == Decimal("12.5")
    assert cleaning.amount("area", 12.0) == Decimal(12)
    assert cleaning.number("phone", 13_800_138_000.0) == "13800138000"
    assert cleaning.last_day("end", "长 期") == (None, True)
    assert cleaning.last_day("end", "2019年1月1日至2029年1月1日") == (date(2029, 1, 1), False)
