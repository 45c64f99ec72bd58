"""What a market still lacks before its days begin: steps, entered by each package, read in one statement.

::

    setup.register(Step("plan", _l("检查计划"), "selfcheck.show_plan", order=50, needs=May.PLAN, reads=May.READ,
                        counts=lambda: {"lines": _lines()}, judge=_judge_plan))
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.core.actor import Actor
from portal.core.policy import may
from portal.markets.models import Market
from portal.markets.queries.places import seen_by
from portal.markets.workflow import MarketState

MOST_TOLD = 3
"""Markets whose gaps are shown at the top of a day."""


@dataclass(frozen=True)
class Standing:
    """How a step stands in one market: whether it is done, and that in words."""

    is_done: bool
    words: Any


Counts = Mapping[str, int]
Judge = Callable[[Market, Counts], Standing]


@dataclass(frozen=True)
class Step:
    """One thing a market needs.

    ``counts`` gives scalar subqueries over ``Market.id``, so that many markets and every step are one statement;
    ``judge`` makes words of what they counted.  ``needs`` is the right to do it, ``reads`` that to know of it: a
    company's own house is not told to officers.
    """

    code: str
    label: Any
    endpoint: str
    order: int
    needs: StrEnum
    reads: StrEnum
    counts: Callable[[], Mapping[str, Any]]
    judge: Judge
    is_of_market: bool = True
    """Whether the page of ``endpoint`` is a market's, and takes its number."""


@dataclass(frozen=True)
class Line:
    """A step as it stands in one market."""

    step: Step
    standing: Standing


@dataclass(frozen=True)
class Readiness:
    """How far a market has come."""

    market: Market
    lines: Sequence[Line]

    @property
    def missing(self) -> Sequence[Line]:
        """What is still to be done, in order."""
        return [line for line in self.lines if not line.standing.is_done]


_steps: dict[str, Step] = {}


def register(step: Step) -> None:
    """Enter a step; raises ValueError for a second one of the same code."""
    if step.code in _steps:
        raise ValueError(f"{step.code} is a step already")
    _steps[step.code] = step


def steps() -> Sequence[Step]:
    """Every step, in order."""
    return sorted(_steps.values(), key=lambda step: step.order)


def readiness_of(market: Market, actor: Actor) -> Readiness:
    """How far one market has come, as far as the actor may know."""
    return _read(sa.select(Market).where(Market.id == market.id), actor)[0]


def readiness_of_all(markets: Iterable[Market], actor: Actor) -> Sequence[Readiness]:
    """How far each of these markets has come."""
    ids = [market.id for market in markets]
    return _read(sa.select(Market).where(Market.id.in_(ids)).order_by(Market.code, Market.id), actor)


def unready(actor: Actor) -> Sequence[Readiness]:
    """Those of the newest markets in sight that lack something, three at most."""
    newest = seen_by(actor).where(Market.state == MarketState.OPEN).order_by(Market.id.desc())
    return [one for one in _read(newest.limit(MOST_TOLD), actor) if one.missing]


def _read(query: sa.Select[Any], actor: Actor) -> Sequence[Readiness]:
    shown = [step for step in steps() if may(actor, step.reads)]
    columns = [
        (step.code, name, count.label(f"{step.code}_{name}"))
        for step in shown
        for name, count in step.counts().items()
    ]
    rows = db.session.execute(query.add_columns(*(column for _, _, column in columns))).all()
    return [_judged(row[0], shown, zip(columns, row[1:], strict=True)) for row in rows]


def _judged(market: Market, shown: Iterable[Step], counted: Iterable[tuple[Any, Any]]) -> Readiness:
    found: dict[str, dict[str, int]] = {}
    for (code, name, _), number in counted:
        found.setdefault(code, {})[name] = number or 0
    return Readiness(market, [Line(step, step.judge(market, found.get(step.code, {}))) for step in shown])
