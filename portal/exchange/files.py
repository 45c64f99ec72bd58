"""A list as a file, written row by row so that a long one costs no more memory than a short one.

What people typed stays what it was: a text never becomes a formula, a link or a number, in a workbook by the type of
its cell, in CSV by an apostrophe (CWE-1236).  The rows are hashed as the CSV file writes them, whatever the format.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from flask_babel import lazy_gettext as _l

from portal.core import clock
from portal.core.labels import Labelled
from portal.exchange.models import ExportFormat
from portal.exchange.queries.listings.base import Column, Line, Value

RISKY = frozenset("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet may take for a formula, full-width signs among them."""
KEPT_FIGURES = 11
"""Figures a spreadsheet shows as they are; a longer number in a CSV file loses its end, a leading zero its place."""
LONGEST_CELL = 32_767
YES, NO = _l("是"), _l("否")
DATA, ABOUT = _l("数据"), _l("说明")

Notes = Sequence[tuple[str, str]]
Plain = str | int | Decimal | date | datetime


@dataclass(frozen=True)
class Kind:
    """What a file is to a browser."""

    mimetype: str
    ending: str


KINDS = {
    ExportFormat.XLSX: Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ExportFormat.CSV: Kind("text/csv; charset=utf-8", "csv"),
}


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula or for a number it would cut."""
    is_code = text.isdecimal() and (len(text) > KEPT_FIGURES or text.startswith("0"))
    return f"'{text}" if text[:1] in RISKY or is_code else text


def in_text(value: Plain) -> str:
    """A cell as CSV writes it: ISO days, numbers without the zeros a column adds."""
    match value:
        case str():
            return defused(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}".rstrip("0").rstrip(".") if value.as_tuple().exponent else f"{value:f}"
        case _:
            return str(value)


class Rows:
    """The rows as CSV writes them, some at a time, and the hash of all so far."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self._said: dict[tuple[type, Any], str] = {}

    def plain(self, line: Line) -> list[Plain]:
        """A line without our own words and truths: texts, numbers, days, local moments without their zone."""
        return [self._plain(cell) for cell in line]

    def _plain(self, value: Value) -> Plain:
        match value:
            case None:
                return ""
            case Labelled() | bool():
                return self._words(value)
            case str():
                return value if len(value) <= LONGEST_CELL else f"{value[: LONGEST_CELL - 1]}…"
            case datetime():
                return clock.local(value).replace(tzinfo=None, microsecond=0)
            case _:
                return value

    def _words(self, value: Labelled | bool) -> str:
        """What a word or a truth reads like, looked up once a file."""
        key = (type(value), value)
        if key not in self._said:
            label = value.label if isinstance(value, Labelled) else YES if value else NO
            self._said[key] = str(label)
        return self._said[key]

    def text(self, lines: Iterable[Sequence[Plain]]) -> str:
        """These lines as text."""
        buffer = io.StringIO()
        csv.writer(buffer).writerows([in_text(cell) for cell in line] for line in lines)
        self._sum.update(buffer.getvalue().encode())
        return buffer.getvalue()

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


class Sheet(Protocol):
    """A file being written."""

    rows: Rows

    def add(self, lines: Iterable[Line]) -> None:
        """Write some rows."""

    def finish(self, watermark: str, notes: Notes) -> None:
        """A line at the foot where the rows tell of people, and what there is to know about the file."""

    def close(self) -> None:
        """Let go of it, finished or given up."""


class Text:
    """CSV: UTF-8 with a mark at the beginning, by which Excel knows it."""

    def __init__(self, place: Path, columns: Sequence[Column], _title: str) -> None:
        self.rows = Rows()
        self._file = place.open("w", encoding="utf-8-sig", newline="")
        self._file.write(self.rows.text([[str(column.heading) for column in columns]]))

    def add(self, lines: Iterable[Line]) -> None:
        self._file.write(self.rows.text(map(self.rows.plain, lines)))

    def finish(self, watermark: str, notes: Notes) -> None:
        if watermark:
            csv.writer(self._file).writerow([_note(watermark)])

    def close(self) -> None:
        self._file.close()


class Book:
    """A workbook of two sheets: the rows, and what there is to know about them."""

    def __init__(self, place: Path, columns: Sequence[Column], title: str) -> None:
        self.rows = Rows()
        options = {"constant_memory": True, "tmpdir": str(place.parent), "strings_to_formulas": False,
                   "strings_to_urls": False, "strings_to_numbers": False}  # fmt: skip
        self._book: Any = xlsxwriter.Workbook(str(place), options)
        self._book.set_properties({"title": title, "created": clock.local(clock.now()).replace(tzinfo=None)})
        self._sheet: Any = self._book.add_worksheet(str(DATA))
        self._number = 0
        self._dress(columns)
        self.rows.text([[str(column.heading) for column in columns]])

    def _dress(self, columns: Sequence[Column]) -> None:
        """Formats, widths and the heading, which stays in sight and comes again on every printed page."""
        add = self._book.add_format
        self._as_text, self._risky = add({"num_format": "@"}), add({"num_format": "@", "quote_prefix": True})
        self._day, self._moment = add({"num_format": "yyyy-mm-dd"}), add({"num_format": "yyyy-mm-dd hh:mm"})
        self._heading = add({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, column.width)
            self._sheet.write_string(0, number, str(column.heading), self._heading)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def add(self, lines: Iterable[Line]) -> None:
        cells = [self.rows.plain(line) for line in lines]
        self.rows.text(cells)
        for line in cells:
            self._number += 1
            for column, cell in enumerate(line):
                self._write(self._number, column, cell)

    def _write(self, row: int, column: int, cell: Plain) -> None:
        match cell:
            case "":
                return
            case str():
                dress = self._risky if cell[0] in RISKY else self._as_text
                self._sheet.write_string(row, column, cell, dress)
            case datetime():
                self._sheet.write_datetime(row, column, cell, self._moment)
            case date():
                self._sheet.write_datetime(row, column, cell, self._day)
            case _:
                self._sheet.write_number(row, column, cell)

    def finish(self, watermark: str, notes: Notes) -> None:
        if watermark:
            self._sheet.write_string(self._number + 1, 0, _note(watermark))
            self._sheet.set_footer(f"&L{watermark.replace('&', '&&')[:200]}&R&P / &N")
        about: Any = self._book.add_worksheet(str(ABOUT))
        about.set_column(0, 0, 18)
        about.set_column(1, 1, 80)
        wrapped = self._book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for number, (label, words) in enumerate(notes):
            about.write_string(number, 0, label, self._heading)
            about.write_string(number, 1, words, wrapped)

    def close(self) -> None:
        self._book.close()  # also what was given up, or its pieces would stay behind


def _note(words: str) -> str:
    """A line at the foot, which is left out when the list is brought in again."""
    return str(_l("注：%(words)s", words=words))


SHEETS: dict[ExportFormat, type[Text] | type[Book]] = {ExportFormat.XLSX: Book, ExportFormat.CSV: Text}


@contextmanager
def writing(format_: ExportFormat, place: Path, columns: Sequence[Column], title: str) -> Iterator[Sheet]:
    """A file of this format at this place, its headings written; whole once the block has ended."""
    sheet = SHEETS[format_](place, columns, title)
    try:
        yield sheet
    finally:
        sheet.close()
