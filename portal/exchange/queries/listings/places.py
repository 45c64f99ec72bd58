"""Lists of places: markets, zones, stalls with whoever keeps them, check points, signs."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import aliased

from portal.core import db, refs
from portal.core.actor import Actor
from portal.exchange.models import ImportKind, Listed
from portal.exchange.queries.listings.base import (
    NARROW,
    WIDE,
    Column,
    Line,
    Lines,
    Listing,
    Query,
    Wanted,
    Workbook,
    as_they_are,
    several,
)
from portal.exchange.queries.listings.filters import MARKET, SEARCH, ZONE, in_markets, one_of, word
from portal.markets import queries as markets
from portal.markets.models import (
    CheckPoint,
    Market,
    MarketKind,
    Occupancy,
    Sign,
    SignKind,
    Stall,
    Vendor,
    Zone,
)
from portal.markets.policy import May
from portal.markets.workflow import MarketState, SignState, StallState
from portal.territory.models import Area, Organisation

Town = aliased(Area)
OF_MARKET = Column(_l("市场"), WIDE)
"""The last column of what stands in a market; the workbook that is brought back is one market's and needs it not."""


def _markets(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Market.company_id, Market.code, Market.name, Market.kind, Area.name, Town.name, Organisation.name,
            Market.opener_name, Market.opener_uscc, Market.address, Market.phone, Market.opens_at, Market.closes_at,
            Market.area_m2, Market.floors_up, Market.floors_down, Market.is_key_unit, Market.state, Market.closed_on,
        )
        .select_from(Market)
        .outerjoin(Organisation, Organisation.id == Market.company_id)
        .outerjoin(Area, Area.code == Market.community_code)
        .outerjoin(Town, Town.code == Market.town_code)
        .where(markets.in_sight(actor, Market.id))
    )  # fmt: skip
    is_closed = wanted.get("show") == "closed"
    query = query.where(Market.state == (MarketState.CLOSED if is_closed else MarketState.OPEN))
    if kind := wanted.get("kind"):
        query = query.where(Market.kind == kind)
    if search := wanted.get("q"):
        named = Market.name.contains(search, autoescape=True)
        query = query.where(sa.or_(named, Market.code == search.upper()))
    return query.order_by(Market.code, Market.id)


def _market_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for row in rows:
            cells = list(row)
            cells[10:12] = [f"{one:%H:%M}" for one in cells[10:12]]
            yield cells

    return lines


MARKETS = Listing(
    code=Listed.MARKETS,
    needs=May.READ,
    columns=(
        Column(_l("市场编码"), 20), OF_MARKET, Column(_l("类型")), Column(_l("村（社区）")), Column(_l("镇街")),
        Column(_l("管理公司"), WIDE), Column(_l("开办者"), WIDE), Column(_l("开办者统一社会信用代码"), 24),
        Column(_l("地址"), WIDE), Column(_l("电话")), Column(_l("开市时间"), NARROW), Column(_l("收市时间"), NARROW),
        Column(_l("面积（㎡）"), NARROW), Column(_l("地上层数"), NARROW), Column(_l("地下层数"), NARROW),
        Column(_l("消防重点单位"), NARROW), Column(_l("状态"), NARROW), Column(_l("关闭日期")),
    ),
    filters=(word("kind", _l("类型"), MarketKind), SEARCH, one_of("show", _l("状态"), {"closed": _l("已关闭")})),
    query=_markets,
    lines=_market_lines,
)  # fmt: skip


def _zones(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(Zone.company_id, Zone.code, Zone.name, Zone.kind, Zone.floor, Zone.position, Market.name)
        .select_from(Zone)
        .join(Market, Market.id == Zone.market_id)
    )
    return in_markets(query, Zone.market_id, actor, wanted).order_by(Zone.market_id, Zone.position, Zone.id)


ZONES = Listing(
    code=Listed.ZONES,
    needs=May.READ,
    columns=(
        Column(_l("分区编号"), NARROW), Column(_l("分区")), Column(_l("类型")), Column(_l("楼层"), NARROW),
        Column(_l("巡查顺序"), NARROW), OF_MARKET,
    ),
    filters=(MARKET,),
    query=_zones,
    lines=as_they_are,
)  # fmt: skip


SHEET = Workbook(ImportKind.STALLS, frozenset({"code", "zone", "area_m2", "trade_codes", "has_gas"}))


def _stalls(actor: Actor, wanted: Wanted) -> Query:
    state = wanted.get("state")
    query = (
        sa.select(
            Stall.company_id, Stall.code, Zone.name, Stall.area_m2, Stall.trade_codes, Stall.has_gas, Stall.state,
            Vendor.name, Vendor.uscc, Occupancy.from_on, Market.name,
        )
        .select_from(Stall)
        .join(Market, Market.id == Stall.market_id)
        .outerjoin(Zone, Zone.id == Stall.zone_id)
        .outerjoin(Occupancy, sa.and_(Occupancy.stall_id == Stall.id, Occupancy.to_on.is_(None)))
        .outerjoin(Vendor, Vendor.id == Occupancy.vendor_id)
        .where(Stall.state != StallState.CLOSED if state is None else Stall.state == state)
    )  # fmt: skip
    if "zone" in wanted:
        query = query.where(Stall.zone_id == wanted["zone"].id)
    if search := wanted.get("q"):
        query = query.where(Stall.code.startswith(search.upper(), autoescape=True))
    return in_markets(query, Stall.market_id, actor, wanted).order_by(
        Stall.market_id, Stall.sort_key, Stall.id
    )


def _stall_lines(_actor: Actor) -> Lines:
    names = trade_names()

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for code, zone, area, trades, has_gas, *others in rows:
            said = said_trades(trades, names)
            cells = SHEET.cells(code=code, zone=zone, area_m2=area, trade_codes=said, has_gas=has_gas)
            yield (*cells, *others)

    return lines


def trade_names() -> dict[str, str]:
    """The names of trades by their codes."""
    return {trade.code: trade.name for trade in markets.trades()}


def said_trades(codes: Sequence[str], names: dict[str, str]) -> str:
    """Some trades in one cell."""
    return several(names.get(code, code) for code in codes)


STALLS = Listing(
    code=Listed.STALLS,
    needs=May.READ,
    columns=(
        *SHEET.columns,
        Column(_l("状态"), NARROW), Column(_l("商户"), WIDE), Column(_l("统一社会信用代码"), 24),
        Column(_l("进场日期")), OF_MARKET,
    ),
    filters=(MARKET, ZONE, word("state", _l("状态"), StallState), SEARCH),
    query=_stalls,
    lines=_stall_lines,
)  # fmt: skip


def _points(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            CheckPoint.company_id, CheckPoint.code, CheckPoint.name, Zone.name, CheckPoint.place, CheckPoint.position,
            CheckPoint.ended_on, Market.name,
        )
        .select_from(CheckPoint)
        .join(Market, Market.id == CheckPoint.market_id)
        .outerjoin(Zone, Zone.id == CheckPoint.zone_id)
    )  # fmt: skip
    order = (CheckPoint.market_id, CheckPoint.position, CheckPoint.id)
    return in_markets(query, CheckPoint.market_id, actor, wanted).order_by(*order)


POINTS = Listing(
    code=Listed.POINTS,
    needs=May.READ,
    columns=(
        Column(_l("巡查点编号")), Column(_l("巡查点"), WIDE), Column(_l("分区")), Column(_l("位置"), WIDE),
        Column(_l("巡查顺序"), NARROW), Column(_l("停用日期")), OF_MARKET,
    ),
    filters=(MARKET,),
    query=_points,
    lines=as_they_are,
)  # fmt: skip

STANDS_FOR: dict[SignKind, Any] = {
    SignKind.MARKET: Market,
    SignKind.ZONE: Zone,
    SignKind.POINT: CheckPoint,
    SignKind.STALL: Stall,
}


def _signs(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Sign.company_id, Sign.kind, Sign.subject_id, Sign.ref, Sign.state, Sign.prints, Sign.printed_at,
            Sign.made_at, Sign.made_by, Sign.revoked_at, Sign.revoked_by, Sign.revoked_reason, Market.name,
        )
        .select_from(Sign)
        .join(Market, Market.id == Sign.market_id)
    )  # fmt: skip
    if kind := wanted.get("kind"):
        query = query.where(Sign.kind == kind)
    if state := wanted.get("state"):
        query = query.where(Sign.state == state)
    return in_markets(query, Sign.market_id, actor, wanted).order_by(Sign.market_id, Sign.id)


def _sign_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        plates = {kind: _plates(kind, rows) for kind in SignKind}
        for kind, subject_id, ref, *others in rows:
            yield (kind, plates[kind].get(subject_id, ""), refs.spoken(ref), *others)

    return lines


def _plates(kind: SignKind, rows: Sequence[Any]) -> dict[int, str]:
    """What the things of one kind are called on their plates."""
    ids = {row[1] for row in rows if row[0] is kind}
    if not ids:
        return {}
    thing = STANDS_FOR[kind]
    column = thing.code if kind in (SignKind.POINT, SignKind.STALL) else thing.name
    found = db.session.execute(sa.select(thing.id, column).where(thing.id.in_(ids))).all()
    return {thing_id: str(plate) for thing_id, plate in found}


SIGNS = Listing(
    code=Listed.SIGNS,
    needs=May.READ_SIGNS,
    columns=(
        Column(_l("标识码类型")), Column(_l("贴在哪里"), WIDE), Column(_l("编号")), Column(_l("状态"), NARROW),
        Column(_l("打印次数"), NARROW), Column(_l("最近打印"), 18), Column(_l("制作时间"), 18),
        Column(_l("制作人"), is_personal=True), Column(_l("作废时间"), 18), Column(_l("作废人"), is_personal=True),
        Column(_l("作废原因"), WIDE), OF_MARKET,
    ),
    filters=(MARKET, word("kind", _l("标识码类型"), SignKind), word("state", _l("状态"), SignState)),
    query=_signs,
    lines=_sign_lines,
)  # fmt: skip
