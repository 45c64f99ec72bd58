"""What the self-check does by the clock: checks made ahead, kept in step, missed ones recorded, records formed."""

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
    query = sa.select(Market.id, Market.company_id).where(Market.state == MarketState.OPEN)
    for market_id, company_id in db.session.execute(query).all():
        reach = Reach(Sight.COMPANY, str(company_id))
        errands.later("selfcheck.refresh", f"{market_id}@{cause}", reach=reach, market_id=market_id)


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
    """Record what the due times already say."""
    occurrences.mark_missed(clock.now())


@errands.schedule("selfcheck.form_every", at=time(3, 30))
def form_every(_data: dict[str, Any]) -> None:
    """Every night, when the last grace has run out: the records of yesterday, and those that begin or end today."""
    today = clock.today()
    for market in db.session.scalars(sa.select(Market).where(Market.state == MarketState.OPEN)):
        for day in (today - timedelta(days=1), today):
            records.ask_to_form(market, day)


@errands.handler("selfcheck.form_records")
def form_records(data: dict[str, Any]) -> None:
    """Form a market's records of a day; asked for by every submission and once a night."""
    market = db.session.get(Market, data["market_id"], options=[joinedload(Market.company)])
    if market is not None:  # else it moved to another company, whose own errand sees to it
        records.form_records(market, date.fromisoformat(data["day"]))
