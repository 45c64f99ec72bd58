"""What markets do by the clock: papers that reached a warning day, rows that follow their market, data that goes."""

from datetime import time, timedelta
from typing import Any

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.markets import operations, queries
from portal.markets.models import Found, Market
from portal.markets.operations import moving, search, stamping
from portal.markets.operations import retention as erasing
from portal.markets.queries import retention


@errands.schedule("markets.expire", at=time(2, 30))
def expire(_data: dict[str, Any]) -> None:
    """Ask for a look at the papers of each company, each in a short transaction of its own."""
    day = clock.today().isoformat()
    wanted: dict[str, tuple[Reach | None, dict[str, Any]]] = {
        f"{company_id}@{day}": (Reach(Sight.COMPANY, str(company_id)), {"company": company_id})
        for company_id in queries.companies_with_markets()
    }
    errands.later_each("markets.expire_company", wanted)


@errands.handler("markets.expire_company")
def expire_company(data: dict[str, Any]) -> None:
    """Note the warnings of one company and tell who answers for them; running again tells nothing new."""
    operations.remind_of_papers(int(data["company"]))


@errands.handler(stamping.STAMP, lease=timedelta(minutes=30))
def follow(data: dict[str, Any]) -> None:
    """Let a market and its rows follow a move or a change of operator; a large market takes minutes."""
    moving.follow(int(data["market_id"]))


@errands.handler(search.LEARN)
def learn_words(data: dict[str, Any]) -> None:
    """Make the search words of some rows of a roster that came in at once."""
    search.learn_words(Found(data["kind"]), [int(one) for one in data["ids"]])


@errands.schedule("markets.retain", at=time(4, 10))
def retain(_data: dict[str, Any]) -> None:
    """Ask for the erasing of what was kept its time, one errand a market."""
    day = clock.today().isoformat()
    wanted: dict[str, tuple[Reach | None, dict[str, Any]]] = {
        f"{market_id}@{day}": (Reach(Sight.COMPANY, str(company_id)), {"market": market_id, "turn": 0})
        for market_id, company_id in retention.every_market()
    }
    errands.later_each("markets.retain_market", wanted)


@errands.handler("markets.retain_market")
def retain_market(data: dict[str, Any]) -> None:
    """Erase what is due in one market, a batch a transaction; where more is left another errand goes on."""
    market, who = db.session.get_one(Market, int(data["market"])), SYSTEM(db.session.reach)
    counts = erasing.erase_due(market, who)
    if max(counts.values()) == erasing.AT_ONCE:
        turn = int(data["turn"]) + 1
        key = f"{market.id}@{clock.today().isoformat()}+{turn}"
        errands.later("markets.retain_market", key, reach=db.session.reach, market=market.id, turn=turn)
