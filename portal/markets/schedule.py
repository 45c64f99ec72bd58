"""What markets do by the clock: papers that reached a warning day, and rows that follow their market."""

from datetime import time, timedelta
from typing import Any

from portal.core import clock, errands
from portal.core.reach import Reach, Sight
from portal.markets import operations, queries
from portal.markets.operations import moving, stamping


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
