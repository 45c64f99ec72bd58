"""The steps of a market's setting-up that the self-check answers: a plan, and a first check."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock
from portal.markets.models import Market
from portal.markets.queries.setup import Counts, Standing, Step, register
from portal.selfcheck.models import Occurrence, PlanLine
from portal.selfcheck.policy import May


def _lines() -> Mapping[str, Any]:
    runs = sa.or_(PlanLine.to_on.is_(None), PlanLine.to_on >= clock.today())
    counted = sa.select(sa.func.count(PlanLine.id)).where(PlanLine.market_id == Market.id, runs)
    return {"lines": counted.scalar_subquery()}


def _judge_plan(market: Market, counts: Counts) -> Standing:
    if not counts["lines"]:
        return Standing(False, _l("还没有自检计划：可以先用常用计划，再按自己的时间改。"))
    return Standing(True, _l("计划里有 %(number)s 项", number=counts["lines"]))


def _first_check() -> Mapping[str, Any]:
    """Asked of the checks, with the company, for that is how their index begins."""
    first = sa.select(Occurrence.id).where(
        Occurrence.company_id == Market.company_id,
        Occurrence.market_id == Market.id,
        Occurrence.submitted_at.is_not(None),
    )
    return {"submitted": first.limit(1).scalar_subquery()}


def _judge_first_check(market: Market, counts: Counts) -> Standing:
    if not counts["submitted"]:
        return Standing(False, _l("还没有交过自检：人和计划都有了，走一遍，交一次。"))
    return Standing(True, _l("已经交过自检"))


register(Step("plan", _l("自检计划"), "selfcheck.show_plan", 50, May.PLAN, May.READ, _lines, _judge_plan))
register(
    Step("first_check", _l("第一次自检"), "selfcheck.today", 70, May.WALK, May.READ, _first_check,
         _judge_first_check, is_of_market=False)
)  # fmt: skip
