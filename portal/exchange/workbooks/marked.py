"""The workbook given back: the same rows in the same places, wrong cells red with the words on them."""

from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from portal.exchange.kinds.base import Line
from portal.exchange.workbooks import table
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import Cell, Sheet, letter

MOST_COMMENTS = 2_000
WIDTH, WIDE = 16, 60


class Marked:
    """Writes one sheet row by row, so that a long one takes no more memory than a short one."""

    def __init__(self, header: Header, lines: list[Line]) -> None:
        self.header = header
        self.faults = {line.number: line.faults for line in lines if line.faults}
        self.comments = 0

    def written(self, sheet: Sheet) -> bytes:
        """The workbook as bytes."""
        out = BytesIO()
        book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
        self.red = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1})
        self.bold = book.add_format({"bold": True, "bg_color": "#E7EEF5"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.red_day = book.add_format({"bg_color": "#FFC7CE", "num_format": "yyyy-mm-dd"})
        page = book.add_worksheet(_name(sheet.name))
        last = max(self.header.words, default=0) + 1
        page.set_column(0, last - 1, WIDTH)
        page.set_column(last, last, WIDE)
        page.freeze_panes(self.header.row, 0)
        for row in sheet.rows:
            self._row(page, row.number, row.cells[:last], last)
        book.close()
        return out.getvalue()

    def _row(self, page: Any, number: int, cells: list[Cell], last: int) -> None:
        faults = self.faults.get(number, [])
        by_cell = {fault.cell: fault for fault in faults}
        for column in range(last):
            cell = cells[column] if column < len(cells) else None
            fault = by_cell.get(f"{letter(column)}{number}")
            self._cell(page, number - 1, column, cell, fault is not None)
            if fault is not None and self.comments < MOST_COMMENTS:
                self.comments += 1
                page.write_comment(number - 1, column, str(fault.words))
        if number == self.header.row:
            page.write_string(number - 1, last, min(table.words("own")), self.bold)
        elif faults:
            page.write_string(number - 1, last, " ".join(f"{one.cell}: {one.words}" for one in faults))

    def _cell(self, page: Any, row: int, column: int, cell: Cell, is_wrong: bool) -> None:
        style = self.red if is_wrong else self.bold if row == self.header.row - 1 else None
        match cell:
            case bool():
                page.write_boolean(row, column, cell, style)
            case int() | float():
                page.write_number(row, column, cell, style)
            case str():
                page.write_string(row, column, cell, style)
            case ["day", day]:
                page.write_datetime(
                    row, column, date.fromisoformat(day), self.red_day if is_wrong else self.day
                )
            case _ if style is not None:
                page.write_blank(row, column, None, style)


def _name(name: str) -> str:
    """A name Excel takes for a sheet."""
    bare = "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31]
    return bare or "Sheet1"
