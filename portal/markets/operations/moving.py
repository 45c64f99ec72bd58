"""Moving a market to another community: every row of it takes the new codes, and history keeps the old ones."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.core.reach import Owned, beyond_reach, classes_of
from portal.markets.models import Market, MarketMove
from portal.markets.operations.facts import text
from portal.markets.policy import May
from portal.territory.models import Area, Level, cut


def restamp(market: Market, community: Area, reason: str, actor: Actor) -> MarketMove:
    """Count a market with another community: a merger, a new border, a mistake put right.

    Every Owned row of the market, append-only ones included, takes the new codes in this transaction; hashes
    leave the codes out.  Raises NotAllowed (out of the town, for a town), Mistake(field).
    """
    demand(actor, May.RESTAMP, market)
    demand(actor, May.RESTAMP, community)
    if community.level is not Level.COMMUNITY or community.is_retired:
        raise Mistake("community", _l("请选一个现在在用的村（社区）。"))
    if community.code == market.community_code:
        raise Mistake("community", _l("市场已经在这个村（社区）。"))
    move = MarketMove(
        market_id=market.id,
        from_community_code=market.community_code,
        to_community_code=community.code,
        reason=text("reason", reason, 2, 200),
        moved_by=actor.name,
    ).stands_in(market)
    journal.write(market, actor, "restamp", move.reason, before=market.community_code)
    db.session.add(move)
    db.session.flush()
    _stamp_all(market, community)
    return move


def _stamp_all(market: Market, community: Area) -> None:
    codes = {"community_code": community.code, "town_code": cut(community.code, Level.TOWN)}
    with beyond_reach(f"market {market.id} is counted with {community.code}"):
        for cls in classes_of(Owned):
            if (rows := rows_of(cls, market.id)) is not None:
                statement = sa.update(cls).where(rows).values(codes)
                db.session.execute(statement, execution_options={"synchronize_session": False})
    db.session.expire_all()


def rows_of(cls: Any, market_id: int) -> Any:
    """The condition for the rows of an Owned class that stand in a market, or None where no way leads there.

    A class names its market itself, or an Owned row that does (by a foreign key, or as an attachment does by
    ``owner_kind`` and ``owner_id``).
    """
    if cls is Market:
        return Market.id == market_id
    if hasattr(cls, "market_id"):
        return cls.market_id == market_id
    if hasattr(cls, "owner_kind"):
        return _belongs(cls, market_id)
    for column in cls.__table__.columns:
        for key in column.foreign_keys:
            parent = _owned_class(key.column.table.name)
            if parent is not None and parent is not cls and (rows := rows_of(parent, market_id)) is not None:
                return getattr(cls, column.key).in_(sa.select(parent.id).where(rows))
    return None


def _belongs(cls: Any, market_id: int) -> Any:
    ways = []
    for owner in classes_of(Owned):
        if hasattr(owner, "owner_kind") or (rows := rows_of(owner, market_id)) is None:
            continue
        ways.append(
            sa.and_(cls.owner_kind == owner.__tablename__, cls.owner_id.in_(sa.select(owner.id).where(rows)))
        )
    return sa.or_(*ways)


def _owned_class(table: str) -> Any:
    return next((cls for cls in classes_of(Owned) if cls.__tablename__ == table), None)
