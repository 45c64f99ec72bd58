"""Finding the header: the row among the first twenty in which most columns are known by their names."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import identity
from portal.exchange.models import ImportKind
from portal.exchange.workbooks import table
from portal.exchange.workbooks.container import Unreadable
from portal.exchange.workbooks.reading import HEADER_WITHIN, Cell, Row, Sheet, letter

FEWEST = 2
"""Columns that must be known for a row to be taken for the header."""


@dataclass(frozen=True)
class Header:
    """Where the header stands and which column means which field."""

    row: int
    fields: dict[int, str]
    """By the column, counted from 0."""
    words: dict[int, str]
    """What stands in the header, by the column."""

    @property
    def columns(self) -> list[dict[str, str]]:
        """What was understood, for the page: letter, header, field ("" where it is not used)."""
        return [
            {"letter": letter(n), "header": identity.masked(words)[:60], "field": self.fields.get(n, "")}
            for n, words in sorted(self.words.items())
        ]

    def cell(self, row: Row, field: str) -> Cell:
        """What stands in the column of a field, None where there is no such column."""
        for column, own in self.fields.items():
            if own == field:
                return row.cells[column] if column < len(row.cells) else None
        return None

    def address(self, row: int, field: str) -> str:
        """The cell of a field in a row: C12; the row alone where the workbook has no such column."""
        return next((f"{letter(n)}{row}" for n, own in self.fields.items() if own == field), "")

    def is_repeated_in(self, row: Row) -> bool:
        """Whether a row says the header over again, as printed pages do."""
        same = sum(text(row, n) == words for n, words in self.words.items() if n in self.fields)
        return same >= max(FEWEST, len(self.fields) // 2)


def text(row: Row, column: int) -> str:
    """What stands in a column as a header would read."""
    cell = row.cells[column] if column < len(row.cells) else None
    return cell.strip() if isinstance(cell, str) else ""


class Finder:
    """Looks for the header of one kind of workbook."""

    def __init__(self, kind: ImportKind) -> None:
        self.kind = kind
        self.known = table.fields_by_header(kind)

    def is_better(self, sheet: Sheet, best: Sheet | None) -> bool:
        """Whether a sheet is the likelier one to be meant."""
        return best is None or self._score(sheet) > self._score(best)

    def find(self, sheet: Sheet) -> Header:
        """The header of a sheet; raises Unreadable where there is none, or a needed column is missing."""
        found = self._best(sheet)
        if found is None:
            raise Unreadable(_no_header(self.kind))
        missing = [
            column.header
            for column in table.columns(self.kind)
            if column.is_needed and column.field not in found.fields.values()
        ]
        if missing:
            raise Unreadable(_l("表头里少了“%(header)s”这一列。请对照模板补上。", header=missing[0]))
        return found

    def _score(self, sheet: Sheet) -> int:
        found = self._best(sheet)
        return len(found.fields) if found else 0

    def _best(self, sheet: Sheet) -> Header | None:
        best: Header | None = None
        for row in sheet.rows[:HEADER_WITHIN]:
            own = self._read(row)
            if len(own.fields) >= FEWEST and (best is None or len(own.fields) >= len(best.fields)):
                # A heading in two lines repeats its upper names below: the lower line is the header.
                best = (
                    own if best is None or len(own.fields) > len(best.fields) or _follows(own, best) else best
                )
        return best

    def _read(self, row: Row) -> Header:
        fields: dict[int, str] = {}
        words = {n: text(row, n) for n in range(len(row.cells)) if text(row, n)}
        for n, own in words.items():
            field = self.known.get(table.plain_header(own))
            if field and field not in fields.values():
                fields[n] = field
        return Header(row.number, fields, words)


def _follows(own: Header, best: Header) -> bool:
    return own.row == best.row + 1


def _no_header(kind: ImportKind) -> Any:
    key = next(column.header for column in table.columns(kind) if column.is_needed)
    return _l(
        "前 %(rows)s 行里没有找到表头。要有写着“%(header)s”的一列；可以下载模板对照。",
        rows=HEADER_WITHIN,
        header=key,
    )
