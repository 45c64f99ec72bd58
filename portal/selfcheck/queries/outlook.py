"""The outlook: every check a market should have from today on, worked out from its plan, calendar, lists and zones."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.markets.models import Market
from portal.selfcheck.models import Occurrence, PlanLine, Slot
from portal.selfcheck.queries import plans, sheets
from portal.selfcheck.queries.plans import ONE_DAY, ClosedTimes, Window
from portal.selfcheck.queries.rotation import Rota
from portal.selfcheck.queries.sheets import Content, SheetMaker
from portal.selfcheck.workflow import CheckState

LONGEST_GAP = timedelta(days=60)
"""How far back days are made up for that nobody made: a worker that stood still hides nothing."""

Key = tuple[int, date, int]


@dataclass(frozen=True)
class Wanted:
    """One check that should be there."""

    line: PlanLine
    day: date
    window: Window
    content: Content
    zone_ids: list[int]

    @property
    def key(self) -> Key:
        """What makes it one and the same: line, service day, round."""
        return self.line.id, self.day, self.window.round_no


@dataclass(frozen=True)
class Outlook:
    """What should be there, why the market is closed when it is, and how far each line had been made."""

    wanted: Mapping[Key, Wanted]
    closed: ClosedTimes
    made_until: Mapping[int, date]


@dataclass
class _Past:
    """What the checks of the last weeks say: how far a line was made, and which zones were walked when."""

    made_until: dict[int, date] = field(default_factory=dict)
    walked: dict[Slot, dict[int, date]] = field(default_factory=dict)
    fixed: dict[tuple[Slot, date], list[int]] = field(default_factory=dict)


def outlook(market: Market, today: date, until: date) -> Outlook:
    """Work out the checks of a market up to ``until``.  Needs the company's own reach."""
    month = today.replace(day=1)
    past = _past(market, today)
    earliest = max(today - LONGEST_GAP, min([today, *(day + ONE_DAY for day in past.made_until.values())]))
    first = min(month, earliest.replace(day=1))
    lines = plans.lines_of(market, first) if market.is_open else []
    closed = plans.closed_times(market, first - ONE_DAY * plans.LONGEST_SLIDE)
    maker = sheets.maker(market, earliest, until)
    plan = _Plan(lines, closed, first, _month_end(until))
    found = [
        Wanted(line, day, window, content, zone_ids)
        for line, day, content, zone_ids in _due(plan, past, maker, today, earliest, until)
        for window in plans.windows(line, day)
    ]
    return Outlook({one.key: one for one in found}, closed, past.made_until)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


class _Plan:
    """The due days of each line over whole months."""

    def __init__(self, lines: Sequence[PlanLine], closed: ClosedTimes, first: date, last: date) -> None:
        self.lines = lines
        self.days = {line.id: plans.due_days(line, first, last, closed) for line in lines}
        self.since: dict[Slot, date] = {}
        self._by_slot: dict[Slot, set[date]] = {}
        for line in lines:
            self.since[line.slot] = min(line.from_on, self.since.get(line.slot, line.from_on))
            self._by_slot.setdefault(line.slot, set()).update(self.days[line.id])

    def days_of_month(self, slot: Slot, day: date) -> list[date]:
        """The due days of the month of ``day``, whichever line of the slot names them."""
        return [one for one in self._by_slot[slot] if (one.year, one.month) == (day.year, day.month)]


def _due(
    plan: _Plan, past: _Past, maker: SheetMaker, today: date, earliest: date, until: date
) -> Iterable[tuple[PlanLine, date, Content, list[int]]]:
    """Line by line and day by day in the order of the days, so that zones follow one another."""
    walks = _Walks(plan, past, maker, today)
    for day in plans.days(earliest, until):
        for line in plan.lines:
            made_until = past.made_until.get(line.id)
            begins = today if made_until is None else min(today, made_until + ONE_DAY)
            if day < begins or day not in plan.days[line.id]:
                continue
            content = maker.content(line.slot, day)
            if content.items:
                yield line, day, content, walks.on(line.slot, day, content)


class _Walks:
    """Which zones are walked on which day, slot by slot; what has begun is not decided again."""

    def __init__(self, plan: _Plan, past: _Past, maker: SheetMaker, today: date) -> None:
        self._plan = plan
        self._past = past
        self._groups = maker.groups
        self._today = today
        self._rotas: dict[tuple[Slot, str], Rota] = {}
        self._decided = {key: ids for key, ids in past.fixed.items() if key[1] <= today}

    def on(self, slot: Slot, day: date, content: Content) -> list[int]:
        """The zones of a slot on a day; none where nothing in it rotates."""
        if (slot, day) not in self._decided:
            groups = [group for group in self._groups if group in content.groups]
            month = self._plan.days_of_month(slot, day)
            self._decided[slot, day] = [
                zone for group in groups for zone in self._rota(slot, group).walk(day, month)
            ]
        return self._decided[slot, day]

    def _rota(self, slot: Slot, group: str) -> Rota:
        if (slot, group) not in self._rotas:
            walked = self._past.walked.get(slot, {})
            self._rotas[slot, group] = Rota(self._groups[group], walked, self._plan.since[slot])
        return self._rotas[slot, group]


def _past(market: Market, today: date) -> _Past:
    """Read the first rounds of the last two months and of what is made ahead.

    A check that was missed or excused walked no zone, so its zone waits on and comes up sooner.
    """
    query = sa.select(
        Occurrence.plan_line_id,
        Occurrence.slot,
        Occurrence.service_day,
        Occurrence.zone_ids,
        Occurrence.state,
    ).where(
        Occurrence.market_id == market.id,
        Occurrence.service_day >= today - LONGEST_GAP,
        Occurrence.round_no == 1,
        Occurrence.slot != Slot.EVENT,
    )
    past = _Past()
    for row in db.session.execute(query.order_by(Occurrence.service_day)).all():
        past.made_until[row.plan_line_id] = row.service_day
        if row.service_day <= today:
            _remember(past, row)
    return past


def _remember(past: _Past, row: Any) -> None:
    if row.state is CheckState.EXCUSED:
        return
    past.fixed[row.slot, row.service_day] = row.zone_ids
    if row.state is not CheckState.MISSED:
        past.walked.setdefault(row.slot, {}).update({zone: row.service_day for zone in row.zone_ids})
