"""Working days by the State Council's yearly notice: weekends, holidays, and the weekends that are worked.

A year whose notice is not out yet is counted by weekends alone, and the limit says so (暂按周末推算).
Source of the rule: 行政许可法 article 82; the day of receipt is not day 1.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import db
from portal.core.db import Base
from portal.core.reach import Shared

SATURDAY = 5
MOST_DAYS = 2_000
KEPT_SECONDS = 3_600

_kept: WeakKeyDictionary[sa.Engine, tuple["Calendar", float]] = WeakKeyDictionary()


class CalendarDay(Shared, Base):
    """A day that differs from Monday-to-Friday: a holiday, or a weekend day that is worked."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(60))
    source: Mapped[str] = mapped_column(sa.String(120), default="")


@dataclass(frozen=True)
class Limit:
    """The last day of a limit; ``is_estimate`` where it runs into a year that is not published."""

    day: date
    is_estimate: bool


class Calendar:
    """The exceptions of some years, counted with."""

    def __init__(self, exceptions: Iterable[tuple[date, bool]]) -> None:
        self._exceptions = dict(exceptions)
        self._published = {day.year for day in self._exceptions}

    def is_published(self, year: int) -> bool:
        return year in self._published

    def is_workday(self, day: date) -> bool:
        return self._exceptions.get(day, day.weekday() < SATURDAY)

    def add(self, start: date, days: int) -> Limit:
        """The last day of ``days`` working days after ``start``, which itself is not counted."""
        if not 0 <= days <= MOST_DAYS:
            raise ValueError(f"between 0 and {MOST_DAYS} working days, not {days}")
        day, left, is_estimate = start, days, False
        while left:
            day += timedelta(days=1)
            is_estimate = is_estimate or not self.is_published(day.year)
            left -= self.is_workday(day)
        return Limit(day, is_estimate)

    def count(self, first: date, last: date) -> int:
        """The working days from ``first`` to ``last``, both included."""
        span = (last - first).days + 1
        return sum(self.is_workday(first + timedelta(days=n)) for n in range(span))


def calendar() -> Calendar:
    """The calendar as it stands in the database; read again after an hour, for it changes once a year."""
    engine, now = db.database().engine, time.monotonic()
    kept = _kept.get(engine)
    if kept is None or now > kept[1]:
        rows = db.session.execute(sa.select(CalendarDay.day, CalendarDay.is_workday)).all()
        kept = _kept[engine] = (Calendar((day, is_workday) for day, is_workday in rows), now + KEPT_SECONDS)
    return kept[0]


def forget() -> None:
    """Read the calendar again when it is next asked for."""
    _kept.clear()


def is_workday(day: date) -> bool:
    return calendar().is_workday(day)


def add_workdays(start: date, days: int) -> Limit:
    return calendar().add(start, days)


def load(rows: Iterable[dict[str, str]], source: str) -> int:
    """Take in days from ``date,is_workday,name`` rows; loading again changes what changed.  Says how many."""
    count = 0
    for row in rows:
        day = date.fromisoformat(row["date"])
        db.session.merge(
            CalendarDay(day=day, is_workday=row["is_workday"] == "1", name=row["name"], source=source)
        )
        count += 1
    db.session.flush()
    db.afterwards(forget)
    return count
