"""Markets and their zones: registered, described, put in order, closed."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import numbers, queries
from portal.markets.models import Market, MarketSerial, Zone
from portal.markets.operations.facts import (
    LARGEST_MARKET_M2,
    MarketFacts,
    ZoneFacts,
    code,
    floors,
    need_open,
    need_version,
    number,
    square_metres,
    text,
)
from portal.markets.policy import May
from portal.markets.workflow import MARKET, StallState
from portal.territory.models import Area, Kind, Level, Organisation, cut

MOST_SERIALS = 999
MOST_ZONES = 200


def register_market(company: Organisation, community: Area, facts: MarketFacts, actor: Actor) -> Market:
    """Enter a market run by ``company`` in ``community``; its reach codes come from the community.

    Raises NotAllowed outside the actor's town, Mistake(field).
    """
    demand(actor, May.REGISTER, community)
    if company.kind is not Kind.COMPANY:
        raise Mistake("company", _l("管理方要是一家市场公司。"))
    if community.level is not Level.COMMUNITY or community.is_retired:
        raise Mistake("community", _l("请选一个现在在用的村（社区）。"))
    written = _written(facts)
    market = Market(
        company_id=company.id,
        community_code=community.code,
        town_code=cut(community.code, Level.TOWN),
        code=_next_code(community),
        **written,
    )
    MARKET.perform("register_market", market, actor)
    return market


def _next_code(community: Area) -> str:
    """City, town and community digits, M and a serial of three digits that is never given twice."""
    query = sa.select(MarketSerial).where(MarketSerial.community_code == community.code).with_for_update()
    serial = db.session.scalars(query).first()
    if serial is None:
        serial = MarketSerial(community_code=community.code, last=queries.last_serial(community.code))
        db.session.add(serial)
    if serial.last >= MOST_SERIALS:
        raise Mistake("community", _l("这个村（社区）的市场编码已经用完。"))
    serial.last += 1
    return f"{community.code}M{serial.last:03d}"


def _uscc(value: str) -> str | None:
    return number("opener_uscc", numbers.judge_uscc(value.strip())) if value.strip() else None


def _phone(value: str) -> str | None:
    return number("phone", numbers.judge_phone(value.strip())) if value.strip() else None


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": lambda value: text("name", value, 2, 80),
    "opener_name": lambda value: text("opener_name", value, 2, 120),
    "opener_uscc": _uscc,
    "address": lambda value: text("address", value, 4, 200),
    "phone": _phone,
    "area_m2": lambda value: square_metres("area_m2", value, LARGEST_MARKET_M2),
    "floors_up": lambda value: floors("floors_up", value),
    "floors_down": lambda value: floors("floors_down", value),
}
"""What each fact about a market is checked by: gives it as it is kept, raises Mistake."""


def _written(facts: MarketFacts) -> dict[str, Any]:
    taken = {name: check(getattr(facts, name)) for name, check in CHECKS.items()}
    as_they_are = ("kind", "opens_at", "closes_at", "is_key_unit")
    return taken | {name: getattr(facts, name) for name in as_they_are}


def edit_market(market: Market, facts: MarketFacts, version: int, actor: Actor) -> None:
    """Write down what is so now; ``version`` is that of the row the form was opened on.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.EDIT, market)
    need_open(market)
    need_version(market, version)
    written = _written(facts)
    changed = {name: str(getattr(market, name)) for name in written if getattr(market, name) != written[name]}
    for name in changed:
        setattr(market, name, written[name])
    if changed:
        journal.write(market, actor, "edit_market", before=changed)


def close_market(market: Market, note: str, actor: Actor) -> None:
    """The market trades no more.  Everything stays readable; nothing can be added.

    Raises NotAllowed, TooLate (closed already, or stalls still kept), Mistake("note").
    """
    reason = text("note", note, 2, 200)
    counts = queries.count_stalls(market)
    if sum(number for state, number in counts.items() if state is not StallState.VACANT):
        raise TooLate(_l("还有商户没有离场，请市场先办离场。"))
    MARKET.perform("close_market", market, actor, reason, closed_on=clock.today())


def add_zone(market: Market, facts: ZoneFacts, actor: Actor) -> Zone:
    """Add a zone at the end of the walk.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_STALLS, market)
    need_open(market)
    zones = queries.zones_of(market)
    if len(zones) >= MOST_ZONES:
        raise Mistake("code", _l("一个市场最多 %(most)s 个区。", most=MOST_ZONES))
    position = max((zone.position for zone in zones), default=0) + 1
    zone = Zone(market_id=market.id, position=position, **_zone_written(facts, zones, None)).stands_in(market)
    journal.write(zone, actor, "add_zone")
    return zone


def edit_zone(market: Market, zone: Zone, facts: ZoneFacts, version: int, actor: Actor) -> None:
    """Rename or renumber a zone.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_STALLS, zone)
    need_open(market)
    need_version(zone, version)
    before = f"{zone.code} {zone.name}"
    for name, value in _zone_written(facts, queries.zones_of(market), zone).items():
        setattr(zone, name, value)
    journal.write(zone, actor, "edit_zone", before=before)


def _zone_written(facts: ZoneFacts, zones: Any, own: Zone | None) -> dict[str, Any]:
    own_code = code("code", facts.code)
    if any(zone.code == own_code and zone is not own for zone in zones):
        raise Mistake("code", _l("这个编号已经有了。"))
    return {
        "code": own_code,
        "name": text("name", facts.name, 1, 40),
        "kind": facts.kind,
        "floor": text("floor", facts.floor, 0, 10),
    }


def move_zone(market: Market, zone: Zone, is_up: bool, actor: Actor) -> None:
    """Let a zone change places with its neighbour in the walk; at the end of it nothing happens.

    Raises NotAllowed, TooLate.
    """
    demand(actor, May.KEEP_STALLS, zone)
    need_open(market)
    walk = list(queries.zones_of(market))
    here = walk.index(zone)
    there = here + (-1 if is_up else 1)
    if not 0 <= there < len(walk):
        return
    walk[here], walk[there] = walk[there], walk[here]
    for position, one in enumerate(walk, start=1):
        one.position = position
    journal.write(zone, actor, "move_zone", position=zone.position)
