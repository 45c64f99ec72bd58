"""The rows of a market follow it: whichever company, community and town it has come to, they bear its codes."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.door import Door
from portal.core.errands import CITY
from portal.core.reach import STAMPS, Owned, classes_of
from portal.markets.models import Market

STAMP = "markets.follow"
LATECOMERS_AFTER = 600
"""Seconds after which a market is stamped once more: what another transaction had begun under the old codes has
ended by then."""


def ask_to_follow(market: Market, cause: str) -> None:
    """Have the market follow what was decided about it, once this is committed, and its latecomers a while after."""
    for key, seconds in ((cause, 0), (f"{cause}/latecomers", LATECOMERS_AFTER)):
        due_at = clock.now() + timedelta(seconds=seconds)
        errands.later(STAMP, key, reach=CITY, due_at=due_at, market_id=market.id)


def stamp(market: Market) -> None:
    """Write the market's codes on every row and door of it that bears others.

    Append-only rows are stamped too, for these three columns alone; hashes leave the codes out.  The caller looks
    beyond reach: afterwards the rows lie in another one.
    """
    codes = {name: getattr(market, name) for name in STAMPS}
    db.session.flush()
    for cls in classes_of(Owned):
        rows = rows_of(cls, market.id)
        _write(sa.update(cls).where(rows, _is_other(cls, codes)).values(codes))
        behind = Door.subject_id.in_(sa.select(cls.id).where(rows))
        doors = sa.update(Door).where(Door.opens == cls.__tablename__, behind, _is_other(Door, codes))
        _write(doors.values(codes))
    db.session.expire_all()


def _is_other(cls: Any, codes: dict[str, Any]) -> Any:
    return sa.or_(*(getattr(cls, name) != code for name, code in codes.items()))


def _write(statement: sa.Update) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def rows_of(cls: Any, market_id: int) -> Any:
    """The condition for the rows of an Owned class that stand in a market.

    A class names its market itself, or an Owned row that does (by a foreign key, or as an attachment does by
    ``owner_kind`` and ``owner_id``).  Raises LookupError where no way leads to the market.
    """
    if (rows := _way(cls, market_id)) is None:
        raise LookupError(f"no way leads from {cls.__name__} to its market")
    return rows


def _way(cls: Any, market_id: int) -> Any:
    if cls is Market:
        return Market.id == market_id
    if hasattr(cls, "market_id"):
        return cls.market_id == market_id
    if hasattr(cls, "owner_kind"):
        return _belongs(cls, market_id)
    for column in cls.__table__.columns:
        for key in column.foreign_keys:
            parent = _owned_class(key.column.table.name)
            if parent is not None and parent is not cls and (rows := _way(parent, market_id)) is not None:
                return getattr(cls, column.key).in_(sa.select(parent.id).where(rows))
    return None


def _belongs(cls: Any, market_id: int) -> Any:
    ways = []
    for owner in classes_of(Owned):
        if not hasattr(owner, "owner_kind"):
            rows = rows_of(owner, market_id)
            own = cls.owner_id.in_(sa.select(owner.id).where(rows))
            ways.append(sa.and_(cls.owner_kind == owner.__tablename__, own))
    return sa.or_(*ways)


def _owned_class(table: str) -> Any:
    return next((cls for cls in classes_of(Owned) if cls.__tablename__ == table), None)
