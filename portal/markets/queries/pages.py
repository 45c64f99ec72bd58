"""A page of a long list, and the cursor that begins the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from portal.core import db

T = TypeVar("T")

PAGE = 50


@dataclass(frozen=True)
class Page(Generic[T]):
    """Up to fifty rows, and where the next page begins ("" on the last)."""

    rows: Sequence[T]
    next_cursor: str


def cut(query: sa.Select[Any], columns: tuple[Any, Any], cursor: str, key: Callable[[Any], Any]) -> Page[Any]:
    """The page of ``query`` that begins after ``cursor``, in the order of two columns, the second an id.

    ``key`` gives the first column's value of a row.  A cursor that is none of ours begins at the beginning.
    """
    if (after := _parsed(cursor, columns[0])) is not None:
        query = query.where(sa.tuple_(*columns) > sa.tuple_(*map(sa.literal, after)))
    rows = list(db.session.scalars(query.order_by(*columns).limit(PAGE + 1)))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], f"{last.id}.{key(last)}" if last is not None else "")


def _parsed(cursor: str, column: Any) -> tuple[Any, int] | None:
    typed, _, key = cursor.partition(".")
    number = db.as_id(typed)
    if not key or number is None:
        return None
    if not isinstance(column.type, sa.Date):
        return key, number
    try:
        return date.fromisoformat(key), number
    except ValueError:
        return None
