"""A market's own arrangement: its plan, its closed days, what does not apply, and when a line is due."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.markets.models import Market
from portal.selfcheck.models import (
    BACKFILL_FOR,
    ClosedDay,
    Closure,
    ExcuseKind,
    HouseItem,
    NotApplicable,
    Occurrence,
    PlanLine,
    Slot,
)
from portal.selfcheck.workflow import CheckState

T = TypeVar("T")

ONE_DAY = timedelta(days=1)
DAILY_SLOTS = frozenset({Slot.OPENING, Slot.PATROL, Slot.CLOSING, Slot.DAILY})
LONGEST_SLIDE = 7
"""Days a weekly, monthly or rarer check is put off when its own day is a closed one."""
MOST_ROWS = 200


@dataclass(frozen=True)
class Window:
    """One window of one service day."""

    round_no: int
    opens_at: datetime
    due_at: datetime
    missed_at: datetime


def windows(line: PlanLine, day: date) -> list[Window]:
    """The windows of a line on a service day; they may lie on the calendar day before or after."""
    first = clock.at_local(day + ONE_DAY * line.day_shift, line.starts_at)
    length, grace = timedelta(minutes=line.minutes), timedelta(minutes=line.grace_minutes)
    opens = [first + timedelta(minutes=line.every_minutes * n) for n in range(line.rounds)]
    return [Window(n + 1, at, at + length, at + length + grace) for n, at in enumerate(opens)]


@dataclass(frozen=True)
class ClosedTimes:
    """When a market is closed: spans of days, each with the reason."""

    spans: tuple[tuple[date, date, str], ...] = ()

    def reason_on(self, day: date) -> str | None:
        """Why the market is closed on a day, or None where it is open."""
        return next((reason for first, last, reason in self.spans if first <= day <= last), None)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for n in range((last - first).days + 1):
        yield first + ONE_DAY * n


def is_nominal(line: PlanLine, day: date) -> bool:
    """Whether the plan names this day, closed or not."""
    if line.from_on > day or (line.to_on is not None and line.to_on < day) or line.slot is Slot.EVENT:
        return False
    if line.slot in DAILY_SLOTS or line.slot is Slot.WEEKLY:
        return not line.weekdays or day.isoweekday() in line.weekdays
    last = calendar.monthrange(day.year, day.month)[1]
    if day.day != min(line.day_of_month or 1, last):
        return False
    if line.slot is Slot.QUARTERLY:
        return (day.month - 1) % 3 + 1 == (line.month or 1)
    return line.slot is Slot.MONTHLY or day.month == (line.month or 1)


def due_days(line: PlanLine, first: date, last: date, closed: ClosedTimes) -> list[date]:
    """The days on which a line is due.

    A closed day drops a daily line, and puts a rarer one off to the next open day.
    """
    if line.slot in DAILY_SLOTS:
        return [day for day in days(first, last) if is_nominal(line, day) and closed.reason_on(day) is None]
    nominal = [day for day in days(first - ONE_DAY * LONGEST_SLIDE, last) if is_nominal(line, day)]
    moved = {_slid(day, closed) for day in nominal}
    return sorted(day for day in moved if day is not None and first <= day <= last)


def _slid(day: date, closed: ClosedTimes) -> date | None:
    reach = (day + ONE_DAY * n for n in range(LONGEST_SLIDE + 1))
    return next((later for later in reach if closed.reason_on(later) is None), None)


def lines_of(market: Market, since: date) -> list[PlanLine]:
    """The plan's lines that hold on ``since`` or later, in the order of the day."""
    query = sa.select(PlanLine).where(
        PlanLine.market_id == market.id, sa.or_(PlanLine.to_on.is_(None), PlanLine.to_on >= since)
    )
    lines = db.session.scalars(query.limit(MOST_ROWS))
    order = list(Slot)
    return sorted(lines, key=lambda one: (order.index(one.slot), one.day_shift, one.starts_at, one.id))


def get_line(market: Market, line_id: int) -> PlanLine:
    """A line of this market's plan; raises NotThere."""
    query = sa.select(PlanLine).where(PlanLine.id == line_id, PlanLine.market_id == market.id)
    return _found(db.session.scalars(query).first())


def has_plan(market: Market) -> bool:
    """Whether anybody ever made a plan for this market."""
    query = sa.select(PlanLine.id).where(PlanLine.market_id == market.id, PlanLine.slot != Slot.EVENT)
    return db.session.scalars(query.limit(1)).first() is not None


def find_event_line(market: Market) -> PlanLine | None:
    """The line that checks walked for an event hang on."""
    query = sa.select(PlanLine).where(PlanLine.market_id == market.id, PlanLine.slot == Slot.EVENT)
    return db.session.scalars(query.order_by(PlanLine.id).limit(1)).first()


def closed_times(market: Market, since: date) -> ClosedTimes:
    """When this market is closed from ``since`` on, by itself or by its town."""
    spans = [(one.from_on, one.to_on, one.reason) for one in closed_days_of(market, since)]
    spans += [(one.from_on, last_day(one), one.reason) for one in closures_over(market, since)]
    return ClosedTimes(tuple(span for span in spans if span[0] <= span[1]))


def closed_days_of(market: Market, since: date) -> Sequence[ClosedDay]:
    """The closed days the market itself has said, not withdrawn, that end on ``since`` or later."""
    query = sa.select(ClosedDay).where(
        ClosedDay.market_id == market.id, ClosedDay.to_on >= since, ClosedDay.withdrawn_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(ClosedDay.from_on).limit(MOST_ROWS)))


def get_closed_day(market: Market, closed_id: int) -> ClosedDay:
    """Closed days of this market; raises NotThere."""
    query = sa.select(ClosedDay).where(ClosedDay.id == closed_id, ClosedDay.market_id == market.id)
    return _found(db.session.scalars(query).first())


def closures_over(market: Market, since: date) -> Sequence[Closure]:
    """The acts of its town (or community) that close this market on ``since`` or later."""
    query = sa.select(Closure).where(
        Closure.area_code.in_([market.town_code, market.community_code]), Closure.to_on >= since
    )
    return list(db.session.scalars(query.order_by(Closure.from_on).limit(MOST_ROWS)))


def last_day(closure: Closure) -> date:
    """The last day a closure holds: lifted, it ends with that day, or never begins."""
    if closure.lifted_at is None:
        return closure.to_on
    lifted_on = clock.local(closure.lifted_at).date()
    return min(closure.to_on, lifted_on if lifted_on >= closure.from_on else closure.from_on - ONE_DAY)


def closures_of(actor: Actor) -> Sequence[Closure]:
    """The closures an actor's office has ordered, the latest first."""
    query = sa.select(Closure).where(Closure.issuer_id == actor.organisation_id)
    return list(db.session.scalars(query.order_by(Closure.from_on.desc(), Closure.id.desc()).limit(50)))


def get_closure(actor: Actor, closure_id: int) -> Closure:
    """A closure the actor's office has ordered; raises NotThere."""
    query = sa.select(Closure).where(Closure.id == closure_id, Closure.issuer_id == actor.organisation_id)
    return _found(db.session.scalars(query).first())


def not_applicable_of(market: Market, since: date) -> Sequence[NotApplicable]:
    """What does not apply in this market on ``since`` or later."""
    query = sa.select(NotApplicable).where(
        NotApplicable.market_id == market.id,
        sa.or_(NotApplicable.ended_on.is_(None), NotApplicable.ended_on > since),
    )
    return list(db.session.scalars(query.order_by(NotApplicable.item_code).limit(MOST_ROWS)))


def get_not_applicable(market: Market, row_id: int) -> NotApplicable:
    """One entry of this market's list of what does not apply; raises NotThere."""
    query = sa.select(NotApplicable).where(NotApplicable.id == row_id, NotApplicable.market_id == market.id)
    return _found(db.session.scalars(query).first())


def house_items_of(market: Market, since: date) -> Sequence[HouseItem]:
    """The items the company has added for this market that hold on ``since`` or later."""
    query = sa.select(HouseItem).where(
        HouseItem.market_id == market.id,
        sa.or_(HouseItem.ended_on.is_(None), HouseItem.ended_on > since),
    )
    return list(db.session.scalars(query.order_by(HouseItem.position, HouseItem.id).limit(MOST_ROWS)))


def get_house_item(market: Market, item_id: int) -> HouseItem:
    """An item the company has added for this market; raises NotThere."""
    query = sa.select(HouseItem).where(HouseItem.id == item_id, HouseItem.market_id == market.id)
    return _found(db.session.scalars(query).first())


def count_house_items(market: Market) -> int:
    """How many items the company ever added for this market: their codes are never given twice."""
    query = sa.select(sa.func.count(HouseItem.id)).where(HouseItem.market_id == market.id)
    return db.session.scalar(query) or 0


def checks_ahead(market: Market, first: date, last: date) -> Sequence[Occurrence]:
    """The checks of some service days, in the order of their windows, without what a changed plan left behind."""
    query = sa.select(Occurrence).where(
        Occurrence.market_id == market.id,
        Occurrence.service_day >= first,
        Occurrence.service_day <= last,
        sa.or_(Occurrence.excuse_kind.is_(None), Occurrence.excuse_kind != ExcuseKind.PLAN),
    )
    return list(db.session.scalars(query.order_by(Occurrence.opens_at, Occurrence.id).limit(MOST_ROWS)))


def get_check(market: Market, occurrence_id: int) -> Occurrence:
    """A check of this market; raises NotThere."""
    query = sa.select(Occurrence).where(Occurrence.id == occurrence_id, Occurrence.market_id == market.id)
    return _found(db.session.scalars(query).first())


def overdue_checks(now: datetime, most: int, market_id: int | None = None) -> Sequence[Occurrence]:
    """Checks whose time to be submitted has passed without anybody having recorded it, the longest ago first."""
    query = sa.select(Occurrence).where(*_overdue(now))
    if market_id is not None:
        query = query.where(Occurrence.market_id == market_id)
    return list(db.session.scalars(query.order_by(Occurrence.due_at, Occurrence.id).limit(most)))


def markets_with_overdue(now: datetime) -> Sequence[tuple[int, int]]:
    """The markets that have such checks, each with its company."""
    query = sa.select(Occurrence.market_id, Occurrence.company_id).where(*_overdue(now)).distinct()
    return [(market_id, company_id) for market_id, company_id in db.session.execute(query)]


def _overdue(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Occurrence.state.in_([CheckState.DUE, CheckState.OPEN]),
        Occurrence.due_at <= now,
        Occurrence.missed_at <= now,
        sa.or_(Occurrence.is_backfilled.is_(False), Occurrence.missed_at <= now - BACKFILL_FOR),
    )


def _found(row: T | None) -> T:
    if row is None:
        raise NotThere
    return row
