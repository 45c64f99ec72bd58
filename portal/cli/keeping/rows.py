"""Rows as lines: one way to write each value down, whatever database it comes from, so that equal rows are equal text.

A line is the JSON list of a row's values in the order of its table's columns; rows come by primary key.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa

from portal.cli.keeping.archive import Kept, Unfit
from portal.core import schema
from portal.core.db import Moment

AT_ONCE = 1_000
"""Rows of one part."""
LARGEST_PART = 4 << 20
"""Bytes of lines after which a part is closed early."""
LARGEST_READ = 256 << 20
"""A part that unpacks to more is none of ours."""

SIMPLE = (sa.String, sa.Integer, sa.Boolean, sa.JSON, sa.Float)
READERS: tuple[tuple[type[Any], Callable[[str], Any]], ...] = (
    (Moment, datetime.fromisoformat),
    (sa.Date, date.fromisoformat),
    (sa.Time, time.fromisoformat),
    (sa.Numeric, Decimal),
)


@dataclass
class Tally:
    """Rows counted and summed as they pass."""

    table: sa.Table
    rows: int = 0
    sum: Any = field(default_factory=hashlib.sha256)

    def add(self, lines: bytes, number: int) -> None:
        self.sum.update(lines)
        self.rows += number

    def kept(self) -> Kept:
        names = [column.name for column in columns(self.table)]
        return Kept(self.table.name, names, self.rows, self.sum.hexdigest())


def columns(table: sa.Table) -> list[Any]:
    """What a line holds of a row: all but what only orders an insertion and means nothing afterwards."""
    return list(sa.select(table).selected_columns)


def parts(connection: sa.Connection, tally: Tally) -> Iterator[bytes]:
    """The lines of a table, some at a time, counted into ``tally``; never the whole table in memory."""
    table = tally.table
    query = sa.select(table).order_by(*schema.in_order(table, connection.dialect.name))
    lines: list[bytes] = []
    size = 0
    for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
        lines.append(_line(row))
        size += len(lines[-1])
        if len(lines) == AT_ONCE or size > LARGEST_PART:
            yield _closed(tally, lines)
            lines, size = [], 0
    if lines:
        yield _closed(tally, lines)


def _closed(tally: Tally, lines: list[bytes]) -> bytes:
    part = b"".join(lines)
    tally.add(part, len(lines))
    return part


def tally_of(connection: sa.Connection, table: sa.Table) -> Tally:
    """A table as it stands, counted and summed."""
    tally = Tally(table)
    for _ in parts(connection, tally):
        pass
    return tally


def packed(part: bytes) -> bytes:
    """Smaller, and the same bytes for the same lines."""
    return gzip.compress(part, 6, mtime=0)


def unpacked(content: Any) -> bytes:
    """The lines again; raises Unfit."""
    try:
        with gzip.open(content) as file:
            part = file.read(LARGEST_READ + 1)
    except (OSError, EOFError, ValueError) as error:
        raise Unfit("it is damaged: a part of its rows cannot be unpacked") from error
    if len(part) > LARGEST_READ:
        raise Unfit("a part of its rows is too large to be ours")
    return part


def _line(row: Iterable[Any]) -> bytes:
    text = json.dumps(
        [_plain(value) for value in row], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


class Filler:
    """Puts lines back into a table."""

    def __init__(self, connection: sa.Connection, table: sa.Table) -> None:
        self._connection, self._insert = connection, sa.insert(table)
        self._columns = [(column.key, reader_of(column)) for column in columns(table)]

    def fill(self, part: bytes) -> None:
        """Insert the rows of one part; raises Unfit where a line is not a row of this table."""
        text = part.decode("utf-8", "surrogatepass")
        try:
            rows = [self._row(json.loads(line)) for line in text.split("\n") if line]
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Unfit("a line of its rows cannot be read") from error
        if rows:
            self._connection.execute(self._insert, rows)

    def _row(self, values: list[Any]) -> dict[str, Any]:
        return {
            key: read(value) if read and value is not None else value
            for (key, read), value in zip(self._columns, values, strict=True)
        }


def reader_of(column: Any) -> Callable[[str], Any] | None:
    """What turns a written value into the column's own; None where it is that already.  Raises TypeError."""
    if isinstance(column.type, SIMPLE):
        return None
    for kind, read in READERS:
        if isinstance(column.type, kind):
            return read
    raise TypeError(f"nobody knows how {column} is written down")
