"""What the self-check does by the clock: checks made ahead, kept in step, missed ones recorded, records formed.

A schedule only looks, and asks for one errand a market; each of those is a short transaction in its company's reach.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.markets.models import Market
from portal.markets.workflow import MarketState
from portal.selfcheck.operations import occurrences, plans, records
from portal.selfcheck.queries import plans as arranged


@errands.schedule("selfcheck.make_ahead", at=time(2, 10))
def make_ahead(_data: dict[str, Any]) -> None:
    """Every night: one errand a market, each in its company's own reach."""
    _ask_every_market(clock.today().isoformat())


@errands.handler("selfcheck.refresh_every")
def refresh_every(data: dict[str, Any]) -> None:
    """A new version of a list was published: every market's checks follow it."""
    _ask_every_market(str(data["cause"]))


def _ask_every_market(cause: str) -> None:
    _ask("selfcheck.refresh", _open_markets(), cause)


def _open_markets() -> Sequence[tuple[int, int]]:
    """Every trading market and its company."""
    query = sa.select(Market.id, Market.company_id).where(Market.state == MarketState.OPEN)
    return [(market_id, company_id) for market_id, company_id in db.session.execute(query)]


def _ask(name: str, markets: Sequence[tuple[int, int]], cause: str, **facts: Any) -> None:
    """One errand a market for this cause, all in one statement."""
    errands.later_each(
        name,
        {
            f"{market_id}@{cause}": (Reach(Sight.COMPANY, str(company_id)), {"market_id": market_id, **facts})
            for market_id, company_id in markets
        },
    )


@errands.handler("selfcheck.refresh")
def refresh(data: dict[str, Any]) -> None:
    """Make a market's checks ahead and bring them into step; a market that never made a plan gets the usual one."""
    market = db.session.get(Market, data["market_id"])
    if market is None:  # it moved to another company; that company's own errand sees to it
        return
    if market.is_open and not arranged.has_plan(market):
        plans.default_plan(market, SYSTEM(db.session.reach))
    occurrences.refresh(market)


@errands.schedule("selfcheck.mark_missed", every=timedelta(minutes=5))
def mark_missed(_data: dict[str, Any]) -> None:
    """Have recorded what the due times already say, market by market."""
    now = clock.now()
    _ask("selfcheck.mark_missed_in", arranged.markets_with_overdue(now), now.isoformat(timespec="minutes"))


@errands.handler("selfcheck.mark_missed_in")
def mark_missed_in(data: dict[str, Any]) -> None:
    """Record the missed checks of one market."""
    occurrences.mark_missed(clock.now(), data["market_id"])


@errands.schedule("selfcheck.form_every", at=time(3, 30))
def form_every(_data: dict[str, Any]) -> None:
    """Every night, when the last grace has run out: the records of yesterday, and those that begin or end today."""
    today, markets = clock.today(), _open_markets()
    for day in (today - timedelta(days=1), today):
        _ask("selfcheck.form_records", markets, f"{day}/night of {today}", day=day.isoformat())


@errands.handler("selfcheck.form_records")
def form_records(data: dict[str, Any]) -> None:
    """Form a market's records of a day; asked for by every submission and once a night."""
    market = db.session.get(Market, data["market_id"], options=[joinedload(Market.company)])
    if market is not None:  # else it moved to another company, whose own errand sees to it
        records.form_records(market, date.fromisoformat(data["day"]))
