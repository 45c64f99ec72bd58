"""Judging a workbook: every row by itself, against the books and against the others, without changing anything."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from portal.core.actor import Actor
from portal.exchange.kinds import JUDGES, Judge
from portal.exchange.kinds.base import Line
from portal.exchange.models import ImportKind, Verdict
from portal.exchange.workbooks import container, reading, table
from portal.exchange.workbooks.container import Unreadable
from portal.exchange.workbooks.headers import Finder, Header
from portal.exchange.workbooks.reading import Row, Sheet
from portal.markets.models import Market

EVERY = 250
"""After so many rows one is told how far it has come."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Read:
    """The sheet that was read of a workbook, and how its header was understood."""

    sheet: Sheet
    header: Header
    others: list[str]


@dataclass(frozen=True)
class Judged:
    """What a workbook would do, row by row."""

    judge: Judge
    lines: list[Line]
    left_out: list[int]
    """Rows that are no data: totals, remarks, examples, the header over again."""

    @property
    def counts(self) -> dict[str, int]:
        """Rows by verdict."""
        counted = Counter(line.verdict.value for line in self.lines)
        return {**counted, Verdict.LEFT_OUT.value: len(self.left_out)}

    @property
    def fault_count(self) -> int:
        return sum(len(line.faults) for line in self.lines)

    @property
    def doing(self) -> list[Line]:
        """The rows that would change something."""
        return [line for line in self.lines if line.verdict in (Verdict.NEW, Verdict.CHANGED)]

    @property
    def digest(self) -> str:
        """Of everything it would do, so that what is taken over can be held against what was shown."""
        sum_ = hashlib.sha256()
        for line in self.doing:
            told = [line.number, line.key, line.verdict, [(c.field, c.old, c.new) for c in line.changes]]
            sum_.update(json.dumps(told, ensure_ascii=False).encode())
        return sum_.hexdigest()


def read(content: bytes, kind: ImportKind) -> Read:
    """Look at a workbook and read the sheet that is meant, in a process of its own; raises Unreadable."""
    finder = Finder(kind)
    sheet, others = reading.read(content, container.look(content), finder.is_better)
    return Read(sheet, finder.find(sheet), others)


def judge(market: Market, book: Read, kind: ImportKind, actor: Actor, progress: Progress) -> Judged:
    """Judge what was read.  ``progress`` hears of rows done, and all rows."""
    own = JUDGES[kind](market, book.header, actor)
    below = [row for row in book.sheet.rows if row.number > book.header.row]
    data = [row for row in below if not is_left_out(book.header, kind, row)]
    if len(data) > own.most_rows:
        raise Unreadable(reading.too_many(own.most_rows))
    lines = []
    for number, row in enumerate(data):
        if number % EVERY == 0:
            progress(number, len(data))
        lines.append(own.judge(row))
    own.compare(lines)
    progress(len(data), len(data))
    taken = {line.number for line in lines}
    return Judged(own, lines, [row.number for row in below if row.number not in taken])


def is_left_out(header: Header, kind: ImportKind, row: Row) -> bool:
    """Whether a row is no data: a total, a remark, an example of the template, the header over again."""
    filled = [cell for cell in row.cells if cell is not None]
    first = filled[0] if filled and isinstance(filled[0], str) else ""
    if not filled or header.is_repeated_in(row):
        return True
    if _begins(first, "example") or _begins(first, "total"):
        return True
    firsts = [column.field for column in table.columns(kind) if column.is_needed]
    cell = partial(header.cell, row)
    has_own = any(cell(name) not in (None, first) for name in firsts)
    return _begins(first, "remark") and not has_own


def _begins(text: str, kind: str) -> bool:
    """Whether a text is one of the words of a kind, or one of them with a colon behind it."""
    plain = table.plain_word(text)
    return any(plain == word or plain.startswith(f"{word}:") for word in table.words(kind))
