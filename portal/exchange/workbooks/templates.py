"""The template of a kind: Chinese headers, an example, drop-downs, and a sheet that explains each column."""

from io import BytesIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from portal.exchange.kinds import Judge
from portal.exchange.workbooks import table
from portal.exchange.workbooks.reading import MOST_ROWS, letter
from portal.exchange.workbooks.table import Column

TEXT = "@"
"""Cells that are text from the start: Excel then leaves long numbers alone."""
LAST_ROW = 5_000


def template(judge: Judge, title: str) -> bytes:
    """The workbook as bytes; ``judge`` knows the words of the drop-downs in its market."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    columns = table.columns(judge.kind)
    data = book.add_worksheet(title)
    _head(book, data, columns)
    _explain(book, columns)
    lists = book.add_worksheet(_("选项"))
    lists.hide()
    for number, column in enumerate(columns):
        words = judge.choices(column.choices) if column.choices else []
        if words:
            lists.write_column(0, number, words)
            _offer(data, lists.get_name(), number, len(words))
    book.close()
    return out.getvalue()


def _head(book: Any, data: Any, columns: tuple[Column, ...]) -> None:
    text = book.add_format({"num_format": TEXT})
    needed = book.add_format({"bold": True, "bg_color": "#DCEBFA", "border": 1})
    free = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
    grey = book.add_format({"italic": True, "font_color": "#767676", "num_format": TEXT})
    example = min(table.words("example"), key=len)
    for number, column in enumerate(columns):
        data.set_column(number, number, column.width, text)
        data.write_string(0, number, column.header, needed if column.is_needed else free)
        data.write_string(1, number, f"{example}:{column.example}" if number == 0 else column.example, grey)
        if column.note:
            data.write_comment(0, number, column.note)
    data.freeze_panes(1, 0)


def _explain(book: Any, columns: tuple[Column, ...]) -> None:
    page = book.add_worksheet(_("填表说明"))
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 22)
    page.set_column(1, 1, 10)
    page.set_column(2, 3, 50)
    page.write_row(0, 0, [_("列"), _("必填"), _("怎么填"), _("例子")], bold)
    for row, column in enumerate(columns, start=1):
        words = [column.header, _("必填") if column.is_needed else "", column.note, column.example]
        for number, one in enumerate(words):
            page.write_string(row, number, one, wrapped)
    last = len(columns) + 2
    for row, hint in enumerate(_hints(), start=last):
        page.write_string(row, 0, hint)


def _hints() -> list[str]:
    return [
        _("第 2 行是例子，导入时不算，删掉或留着都行。"),
        _("已经登记过的，空着的格子不改动；填了的按表里的改。"),
        _("有错的行全部改好才能导入，不会只导入一半。一次最多 %(most)s 行。", most=MOST_ROWS),
    ]


def _offer(data: Any, lists: str, column: int, number: int) -> None:
    """A drop-down; other words may be typed and are judged with the rest (several trades in one cell)."""
    source = f"='{lists}'!${letter(column)}$1:${letter(column)}${number}"
    data.data_validation(
        1, column, LAST_ROW, column, {"validate": "list", "source": source, "error_type": "information"}
    )
