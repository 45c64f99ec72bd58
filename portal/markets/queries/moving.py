"""Where a market stood before, who ran it before, and whether its rows are still on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.markets.models import Market, MarketMove, OperatorChange

MOST_SHOWN = 20
ON_THE_WAY = _l("这个市场的资料正在更新，过几分钟再来。")


@dataclass(frozen=True)
class Past:
    """What became of a market, the latest first."""

    moves: Sequence[MarketMove]
    changes: Sequence[OperatorChange]
    is_on_the_way: bool
    """Something was decided that its rows do not show yet."""

    @property
    def coming_company(self) -> str:
        """The company that takes over in the next minutes, or nobody."""
        return self.changes[0].to_name if self.is_on_the_way and self.changes else ""


def past_of(market: Market) -> Past:
    """Where the market was counted and who ran it before."""
    moves, changes = moves_of(market), changes_of(market)
    is_on_the_way = is_moving(market, moves) or is_changing_hands(market, changes)
    return Past(moves, changes, is_on_the_way)


def is_on_the_way(market: Market) -> bool:
    """Whether something was decided about the market that its rows do not show yet."""
    return past_of(market).is_on_the_way


def is_moving(market: Market, moves: Sequence[MarketMove]) -> bool:
    return bool(moves) and moves[0].to_community_code != market.community_code


def is_changing_hands(market: Market, changes: Sequence[OperatorChange]) -> bool:
    return bool(changes) and changes[0].to_company_id != market.company_id


def moves_of(market: Market) -> Sequence[MarketMove]:
    """Where the market was counted before, the latest first."""
    query = sa.select(MarketMove).where(MarketMove.market_id == market.id)
    return list(db.session.scalars(query.order_by(MarketMove.id.desc()).limit(MOST_SHOWN)))


def changes_of(market: Market) -> Sequence[OperatorChange]:
    """Who ran the market before, the latest change first."""
    query = sa.select(OperatorChange).where(OperatorChange.market_id == market.id)
    return list(db.session.scalars(query.order_by(OperatorChange.id.desc()).limit(MOST_SHOWN)))
