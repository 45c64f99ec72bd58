"""The only source of time, so that a year can be played in a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_frozen: ContextVar[datetime | None] = ContextVar("frozen clock", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same moment as people read it here."""
    return moment.astimezone(ZONE)


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return local(now()).date()


def at_local(day: date, clock: time) -> datetime:
    """The moment of a local day and clock time, in UTC."""
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on (or back); the last of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(min(day.year + year, date.max.year - 1), month + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` (aware; a naive one is read as local time) inside the block."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    token = _frozen.set(aware.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
