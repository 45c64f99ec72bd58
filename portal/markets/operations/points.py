"""Check points: added at the end of the walk, described, put in order, given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import CheckPoint, Market, Zone
from portal.markets.operations.equipment import leave_point
from portal.markets.operations.facts import code, need_open, need_version, text
from portal.markets.policy import May

MOST_POINTS = 200


@dataclass(frozen=True)
class PointFacts:
    """What is written down about a check point."""

    code: str
    name: str
    place: str = ""
    zone: Zone | None = None


def add_point(market: Market, facts: PointFacts, actor: Actor) -> CheckPoint:
    """Add a point at the end of the walk.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_EQUIPMENT, market)
    need_open(market)
    points = queries.points_of(market)
    if len(points) >= MOST_POINTS:
        raise Mistake("code", _l("一个市场最多 %(most)s 个巡查点。", most=MOST_POINTS))
    position = max((point.position for point in points), default=0) + 1
    point = CheckPoint(market_id=market.id, position=position, **_written(market, facts, None))
    journal.write(point.stands_in(market), actor, "add_point")
    return point


def edit_point(market: Market, point: CheckPoint, facts: PointFacts, version: int, actor: Actor) -> None:
    """Write down what is so now.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_EQUIPMENT, point)
    need_open(market)
    need_version(point, version)
    before = f"{point.code} {point.name}"
    for name, value in _written(market, facts, point).items():
        setattr(point, name, value)
    journal.write(point, actor, "edit_point", before=before)


def _written(market: Market, facts: PointFacts, own: CheckPoint | None) -> dict[str, Any]:
    own_code = code("code", facts.code)
    same = queries.find_point(market, own_code)
    if same is not None and same is not own:
        is_ended = same.ended_on is not None
        raise Mistake("code", _l("这个编号是停用了的巡查点的。") if is_ended else _l("这个编号已经有了。"))
    if facts.zone is not None and facts.zone.market_id != market.id:
        raise Mistake("zone", _l("这个区不在这个市场里。"))
    return {
        "code": own_code,
        "name": text("name", facts.name, 1, 60),
        "place": text("place", facts.place, 0, 120),
        "zone_id": facts.zone.id if facts.zone else None,
    }


def move_point(market: Market, point: CheckPoint, is_up: bool, actor: Actor) -> None:
    """Let a point change places with its neighbour in the walk; at the end of it nothing happens.

    Raises NotAllowed, TooLate.
    """
    demand(actor, May.KEEP_EQUIPMENT, point)
    need_open(market)
    walk = list(queries.points_of(market))
    here = _place_of(point, walk)
    there = here + (-1 if is_up else 1)
    if not 0 <= there < len(walk):
        return
    walk[here].position, walk[there].position = walk[there].position, walk[here].position
    journal.write(point, actor, "move_point", position=point.position)


def _place_of(point: CheckPoint, walk: Sequence[CheckPoint]) -> int:
    if point.ended_on is not None:
        raise TooLate(_l("这个巡查点已经停用。"))
    return walk.index(point)


def end_point(market: Market, point: CheckPoint, actor: Actor) -> None:
    """The walk stops here no more; what stood there stands at no point.  Raises NotAllowed, TooLate."""
    demand(actor, May.KEEP_EQUIPMENT, point)
    need_open(market)
    if point.ended_on is not None:
        raise TooLate(_l("这个巡查点已经停用。"))
    point.ended_on = clock.today()
    leave_point(point)
    journal.write(point, actor, "end_point")
    db.session.flush()
