"""Coverage: how many checks were due, and how many of them were handed in in time; never what was found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db
from portal.core.labels import Labelled
from portal.insight.queries.part import Part
from portal.markets.models import Market
from portal.markets.queries import Page
from portal.markets.queries.pages import PAGE
from portal.selfcheck.models import Occurrence, Slot
from portal.selfcheck.workflow import CheckState

WINDOW = timedelta(days=30)
"""Coverage is told for the last thirty days, today included."""
HANDED_IN = (CheckState.SUBMITTED, CheckState.SENT_BACK, CheckState.ACCEPTED)
WAITING = (CheckState.DUE, CheckState.OPEN)


class Fate(Labelled):
    """What became of a check; those that were excused are none of them."""

    ON_TIME = "on_time", _l("按时交")
    LATE = "late", _l("迟交或补录")
    OVERDUE = "overdue", _l("超时还没交")
    MISSED = "missed", _l("未查")
    AHEAD = "ahead", _l("还没到时间")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return {"on_time": "ok", "late": "soon", "overdue": "overdue", "missed": "overdue"}.get(self, "")


@dataclass(frozen=True)
class Tally:
    """How many checks met each fate."""

    numbers: Mapping[Fate, int]

    @property
    def due(self) -> int:
        """Those whose time has come or that were handed in before."""
        return sum(number for fate, number in self.numbers.items() if fate is not Fate.AHEAD)

    @property
    def planned(self) -> int:
        return sum(self.numbers.values())

    @property
    def percent(self) -> int | None:
        """Of a hundred due, how many were handed in in time, rounded down; None where none was due."""
        return self.numbers[Fate.ON_TIME] * 100 // self.due if self.due else None


NOTHING = Tally(dict.fromkeys(Fate, 0))


@dataclass(frozen=True)
class Coverage:
    """The checks of today, and of the last thirty days."""

    today: Tally = NOTHING
    window: Tally = NOTHING


@dataclass(frozen=True)
class CheckLine:
    """A check as a list names it: no answers."""

    check: Occurrence
    market: Market
    fate: Fate


def _fates() -> dict[Fate, sa.ColumnElement[bool]]:
    now = clock.now()
    handed_in, waits = Occurrence.state.in_(HANDED_IN), Occurrence.state.in_(WAITING)
    was_late = sa.or_(Occurrence.is_late, Occurrence.is_backfilled)
    lost = sa.and_(waits, Occurrence.missed_at <= now)
    return {
        Fate.ON_TIME: sa.and_(handed_in, sa.not_(was_late)),
        Fate.LATE: sa.and_(handed_in, was_late),
        Fate.OVERDUE: sa.and_(waits, Occurrence.due_at <= now, Occurrence.missed_at > now),
        Fate.MISSED: sa.or_(Occurrence.state == CheckState.MISSED, lost),
        Fate.AHEAD: sa.and_(waits, Occurrence.due_at > now),
    }


def _counts(only: sa.ColumnElement[bool] | None = None) -> list[Any]:
    wanted = (condition if only is None else sa.and_(condition, only) for condition in _fates().values())
    return [sa.func.count(sa.case((condition, 1))) for condition in wanted]


def _tally(numbers: Sequence[int]) -> Tally:
    return Tally(dict(zip(Fate, numbers, strict=True)))


def _window(part: Part) -> list[Any]:
    today = clock.today()
    return [
        *part.by_day(Occurrence),
        Occurrence.service_day.between(today - WINDOW + timedelta(days=1), today),
    ]


def coverage_of(part: Part) -> Coverage:
    """Of all markets together, in one statement."""
    is_today = Occurrence.service_day == clock.today()
    row = db.session.execute(sa.select(*_counts(is_today), *_counts()).where(*_window(part))).one()
    return Coverage(_tally(row[: len(Fate)]), _tally(row[len(Fate) :]))


def coverage_by_market(part: Part, markets: Sequence[Market]) -> dict[int, Coverage]:
    """Of each of these markets; those without a check are not in it."""
    is_today = Occurrence.service_day == clock.today()
    query = sa.select(Occurrence.market_id, *_counts(is_today), *_counts()).where(
        *_window(part), Occurrence.market_id.in_([market.id for market in markets])
    )
    rows = db.session.execute(query.group_by(Occurrence.market_id)).all()
    return {row[0]: Coverage(_tally(row[1 : 1 + len(Fate)]), _tally(row[1 + len(Fate) :])) for row in rows}


def coverage_by_slot(part: Part, markets: Sequence[Market]) -> dict[int, dict[Slot, Tally]]:
    """Of each of these markets, slot by slot in the order of the day, over the last thirty days."""
    query = sa.select(Occurrence.market_id, Occurrence.slot, *_counts()).where(
        *_window(part), Occurrence.market_id.in_([market.id for market in markets])
    )
    found: dict[int, dict[Slot, Tally]] = {market.id: {} for market in markets}
    rows = db.session.execute(query.group_by(Occurrence.market_id, Occurrence.slot)).all()
    for row in sorted(rows, key=lambda row: list(Slot).index(row[1])):
        found[row[0]][row[1]] = _tally(row[2:])
    return found


def list_checks(
    part: Part, fate: Fate, *, only_today: bool, market_id: int | None = None, cursor: str = ""
) -> Page[CheckLine]:
    """The checks of a fate, the latest first: the records behind a figure."""
    query = sa.select(Occurrence, Market).join(Market, Market.id == Occurrence.market_id)
    query = query.where(*_window(part), _fates()[fate])
    if only_today:
        query = query.where(Occurrence.service_day == clock.today())
    if market_id is not None:
        query = query.where(Occurrence.market_id == market_id)
    order = (Occurrence.service_day, Occurrence.id)
    if (after := _parsed(cursor)) is not None:
        query = query.where(sa.tuple_(*order) < sa.tuple_(*map(sa.literal, after)))
    rows = db.session.execute(query.order_by(*(column.desc() for column in order)).limit(PAGE + 1)).all()
    lines = [CheckLine(check, market, fate) for check, market in rows[:PAGE]]
    last = lines[-1].check if len(rows) > PAGE else None
    return Page(lines, f"{last.id}.{last.service_day}" if last is not None else "")


def _parsed(cursor: str) -> tuple[date, int] | None:
    number, _, day = cursor.partition(".")
    last_id = db.as_id(number)
    try:
        return None if last_id is None else (date.fromisoformat(day), last_id)
    except ValueError:
        return None
