"""Reading a workbook: a process of its own parses it, and what it prints is taken in line by line."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.exchange.workbooks import child, container
from portal.exchange.workbooks.container import Form, Unreadable

SECONDS = 30
"""After so long by the clock on the wall the process is ended."""
MOST_ROWS = child.MOST_ROWS
HEADER_WITHIN = 20
"""The header stands among so many first rows."""
LETTERS = 26

Cell = Any
"""None, a text, a number, a truth, ["day", "2024-03-05"] or ["time"]."""

SLOW = _l("这个表格读了很久还没读完。请把要导入的内容复制到一张新表里再交。")
NOTHING = _l("表格里没有内容。隐藏的工作表不读，请先取消隐藏。")


@dataclass(slots=True)
class Row:
    """One row of a sheet, counted as Excel counts."""

    number: int
    cells: list[Cell]


@dataclass
class Sheet:
    """A sheet that can be seen, with the rows that are not blank."""

    name: str
    merged: list[Any] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def fill_down(self) -> None:
        """Give every row of a merged cell what stands in its first one, as a reader sees it."""
        by_number = {row.number: row for row in self.rows}
        most = (
            child.MOST_CELLS
        )  # merged cells that do not lie over each other, as Excel makes them, never come to more
        for (top, left), (bottom, _right) in self.merged:
            first = by_number.get(top + 1)
            if first is None or left >= len(first.cells) or first.cells[left] is None:
                continue
            below = range(top + 2, min(bottom, self.rows[-1].number) + 2)
            most -= len(below)
            if most < 0:
                return
            for number in below:
                if (row := by_number.get(number)) is not None:
                    _put(row, left, first.cells[left])


def _put(row: Row, column: int, cell: Cell) -> None:
    row.cells.extend([None] * (column + 1 - len(row.cells)))
    if row.cells[column] is None:
        row.cells[column] = cell


def letter(column: int) -> str:
    """The letters of a column: A, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def read(
    content: bytes, form: Form, is_better: Callable[[Sheet, Sheet | None], bool]
) -> tuple[Sheet, list[str]]:
    """The sheet that is wanted and the names of the others; rows of the others are let go as they come.

    ``is_better`` compares a sheet's first rows with the best one so far.  Raises Unreadable.
    """
    best: Sheet | None = None
    names: list[str] = []
    for sheet, rows in _sheets(_lines(content, form)):
        names.append(sheet.name)
        for row in rows:
            sheet.rows.append(row)
            if len(sheet.rows) == HEADER_WITHIN and not is_better(sheet, best):
                break
        if sheet.rows and is_better(sheet, best):
            best = sheet
    if best is None:
        raise Unreadable(NOTHING)
    best.fill_down()
    return best, [name for name in names if name != best.name]


def _sheets(lines: Iterator[Any]) -> Iterator[tuple[Sheet, Iterator[Row]]]:
    """Each sheet with the rows that follow it; rows left unread are passed over."""
    coming: list[Any] = [next(lines, None)]

    def rows() -> Iterator[Row]:
        for line in lines:
            if isinstance(line, dict):
                coming.append(line)
                return
            yield Row(*line)

    while coming and (head := coming.pop()) is not None:
        own = rows()
        yield Sheet(head["sheet"], head["merged"]), own
        for _row in own:
            pass


def _lines(content: bytes, form: Form) -> Iterator[Any]:
    """What the process prints; raises Unreadable for what it refuses, and when it dies of a limit."""
    db.no_open_write()
    command = [sys.executable, "-I", child.__file__, form.value]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}) as process:
        clock = threading.Timer(SECONDS, process.kill)
        feeder = threading.Thread(target=_feed, args=(process.stdin, content), daemon=True)
        clock.start()
        feeder.start()
        try:
            for line in process.stdout or ():
                yield _understood(json.loads(line))
            _need_good_end(process.wait())
        finally:
            clock.cancel()
            process.kill()
            feeder.join()


def _need_good_end(code: int) -> None:
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        raise Unreadable(SLOW)
    if code:
        raise Unreadable(container.SPARSE)


def _feed(pipe: Any, content: bytes) -> None:
    with suppress(BrokenPipeError), pipe:
        pipe.write(content)


def _understood(line: Any) -> Any:
    if isinstance(line, dict) and (word := line.get("refused")):
        raise Unreadable(_words(word))
    return line


def _words(word: str) -> Any:
    if word == "rows":
        return too_many(MOST_ROWS)
    known = {
        "protected": container.PROTECTED,
        "entities": container.ENTITIES,
        "sparse": container.SPARSE,
    }
    return known.get(word, container.BROKEN)


def too_many(most: int) -> Any:
    """The words about a workbook of more rows than are taken at once."""
    return _l("这张表的数据超过 %(most)s 行，一次导不完。请分成几个文件再交。", most=most)
