"""An area's markets together: how many there are, who trades in them, which papers run out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor
from portal.insight.queries.coverage import Coverage, coverage_by_market
from portal.insight.queries.part import Part
from portal.insight.queries.permits import Gaps, gaps_by_market
from portal.markets import queries as markets
from portal.markets.models import Market, MarketKind, Paper, Stall, Vendor
from portal.markets.queries import Page
from portal.markets.queries import setup as readiness
from portal.markets.queries.pages import cut
from portal.markets.queries.papers import DUE_WITHIN
from portal.markets.workflow import StallState


@dataclass(frozen=True)
class Running:
    """How many papers have run out, and how many will within sixty days."""

    expired: int = 0
    soon: int = 0


@dataclass(frozen=True)
class MarketLine:
    """A market with its figures."""

    market: Market
    coverage: Coverage
    stalls: int
    running: Running
    gaps: Gaps
    unset: int
    """How many steps of setting it up are left."""


def count_markets(part: Part) -> Mapping[MarketKind, int]:
    """How many markets trade, by kind in the order of the kinds."""
    query = sa.select(Market.kind, sa.func.count(Market.id)).where(*part.of_markets()).group_by(Market.kind)
    numbers = {kind: number for kind, number in db.session.execute(query).all()}
    return {kind: numbers[kind] for kind in MarketKind if kind in numbers}


def count_traders(part: Part) -> tuple[int, int]:
    """How many stalls and how many vendors are in trade."""
    stalls = sa.select(sa.func.count(Stall.id)).where(*part.of(Stall), Stall.state == StallState.TRADING)
    vendors = sa.select(sa.func.count(Vendor.id)).where(*part.of(Vendor), Vendor.ended_on.is_(None))
    row = db.session.execute(sa.select(stalls.scalar_subquery(), vendors.scalar_subquery())).one()
    return row[0], row[1]


def count_running(part: Part) -> Running:
    """The papers of all markets together that run out."""
    return Running(*db.session.execute(_running(part, *_sides())).one())


def _sides() -> tuple[Any, Any]:
    today = clock.today()
    past, soon = Paper.expires_on < today, Paper.expires_on.between(today, today + DUE_WITHIN)
    return sa.func.count(sa.case((past, 1))), sa.func.count(sa.case((soon, 1)))


def _running(part: Part, *columns: Any) -> sa.Select[Any]:
    due = Paper.expires_on <= clock.today() + DUE_WITHIN
    return markets.running_papers(*part.of_papers(), due).with_only_columns(
        *columns, maintain_column_froms=True
    )


def list_papers(part: Part, actor: Actor, *, is_expired: bool | None, cursor: str) -> Page[Any]:
    """The papers that run out, the earliest first: the records behind the figures."""
    return markets.due_papers(actor, is_expired=is_expired, wanted=part.of_papers(), cursor=cursor)


def page_of_markets(part: Part, cursor: str) -> Page[Market]:
    """The markets of this part in the order of their codes, with their communities."""
    query = sa.select(Market).where(*part.of_markets()).options(joinedload(Market.community))
    return cut(query, (Market.code, Market.id), cursor, lambda market: market.code)


def list_markets(part: Part, actor: Actor, cursor: str) -> Page[MarketLine]:
    """The markets with the figures of each, five statements a page."""
    found = page_of_markets(part, cursor)
    coverage, gaps = coverage_by_market(part, found.rows), gaps_by_market(part, found.rows)
    stalls, running = _stalls(found.rows), _running_by_market(part, found.rows)
    unset = {one.market.id: len(one.missing) for one in readiness.readiness_of_all(found.rows, actor)}
    lines = [
        MarketLine(
            market,
            coverage.get(market.id, Coverage()),
            stalls.get(market.id, 0),
            running.get(market.id, Running()),
            gaps.get(market.id, Gaps()),
            unset.get(market.id, 0),
        )
        for market in found.rows
    ]
    return Page(lines, found.next_cursor)


def _stalls(rows: Sequence[Market]) -> dict[int, int]:
    query = sa.select(Stall.market_id, sa.func.count(Stall.id)).where(
        Stall.market_id.in_([market.id for market in rows]), Stall.state == StallState.TRADING
    )
    return {
        market_id: number for market_id, number in db.session.execute(query.group_by(Stall.market_id)).all()
    }


def _running_by_market(part: Part, rows: Sequence[Market]) -> dict[int, Running]:
    query = _running(part, Paper.market_id, *_sides()).where(
        Paper.market_id.in_([market.id for market in rows])
    )
    found = db.session.execute(query.group_by(Paper.market_id)).all()
    return {market_id: Running(expired, soon) for market_id, expired, soon in found}
