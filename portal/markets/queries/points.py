"""Looking up check points."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.core.errors import NotThere
from portal.markets.models import CheckPoint, Equipment, Market


def points_of(market: Market) -> Sequence[CheckPoint]:
    """The check points of a market in walking order, with their zones; those given up are not there."""
    query = sa.select(CheckPoint).where(CheckPoint.market_id == market.id, CheckPoint.ended_on.is_(None))
    query = query.options(joinedload(CheckPoint.zone))
    return list(db.session.scalars(query.order_by(CheckPoint.position, CheckPoint.id)))


def get_point(market: Market, point_id: int) -> CheckPoint:
    """A check point of this market with its zone, given up or not; raises NotThere."""
    query = sa.select(CheckPoint).where(CheckPoint.id == point_id, CheckPoint.market_id == market.id)
    found = db.session.scalars(query.options(joinedload(CheckPoint.zone))).first()
    if found is None:
        raise NotThere
    return found


def find_point(market: Market, code: str) -> CheckPoint | None:
    """The check point of this code, given up or not."""
    query = sa.select(CheckPoint).where(CheckPoint.market_id == market.id, CheckPoint.code == code)
    return db.session.scalars(query).first()


def count_equipment(points: Sequence[CheckPoint]) -> dict[int, int]:
    """How much equipment in use stands at each of these points."""
    query = (
        sa.select(Equipment.point_id, sa.func.count(Equipment.id))
        .where(Equipment.point_id.in_([point.id for point in points]), Equipment.ended_on.is_(None))
        .group_by(Equipment.point_id)
    )
    return {point_id: number for point_id, number in db.session.execute(query).all() if point_id}
