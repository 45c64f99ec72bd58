"""Lists of vendors, the people who work for them, papers, and equipment."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import contains_eager

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.policy import may
from portal.exchange.models import ImportKind, Listed
from portal.exchange.queries.listings.base import (
    NARROW,
    WIDE,
    Column,
    Line,
    Lines,
    Listing,
    Query,
    Value,
    Wanted,
    Workbook,
    as_they_are,
    several,
)
from portal.exchange.queries.listings.filters import MARKET, SEARCH, ZONE, in_markets, one_of, word
from portal.exchange.queries.listings.places import OF_MARKET, said_trades, trade_names
from portal.markets import queries as markets
from portal.markets.models import (
    CheckPoint,
    Correction,
    Equipment,
    EquipmentKind,
    Market,
    Occupancy,
    Paper,
    Stall,
    Vendor,
    Worker,
)
from portal.markets.numbers import masked_phone
from portal.markets.policy import May
from portal.markets.queries import equipment
from portal.markets.workflow import CorrectionState

LONG_TERM = _l("长期")
DUE = {"expired": _l("已过期"), "soon": _l("快到期"), "missing": _l("没有登记日期"), "ended": _l("已停用")}
LICENCE, PERMIT = "business_licence", "food_permit"
"""The kinds of paper a vendor's line tells of; all the others stand in the list of papers."""


VENDOR_FACTS = ("kind", "name", "keeper_name", "uscc", "goods", "started_on")
"""What of a vendor's line stands in his row as it is."""
VENDOR_SHEET = Workbook(
    ImportKind.VENDORS,
    fields=frozenset({
        *VENDOR_FACTS, "phone", "trade_codes", "stalls", "from_on", "licence_issued", "licence_expires",
        "permit_number", "permit_issued", "permit_expires",
    }),
    personal=frozenset({"keeper_name", "phone"}),
)  # fmt: skip


def _vendors(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Vendor.company_id, Vendor.id, Vendor.phone, Vendor.trade_codes,
            *(getattr(Vendor, name) for name in VENDOR_FACTS), Vendor.id_last4, Vendor.ended_on, Market.name,
        )
        .select_from(Vendor)
        .join(Market, Market.id == Vendor.market_id)
        .where(Vendor.ended_on.is_not(None) if wanted.get("show") == "ended" else Vendor.ended_on.is_(None))
    )  # fmt: skip
    if search := wanted.get("q"):
        named = [one.contains(search, autoescape=True) for one in (Vendor.name, Vendor.keeper_name)]
        query = query.where(sa.or_(*named, Vendor.uscc == search.upper()))
    order = (Vendor.market_id, Vendor.name, Vendor.id)
    return in_markets(query, Vendor.market_id, actor, wanted).order_by(*order)


def _vendor_lines(actor: Actor) -> Lines:
    names, sees_phones = trade_names(), may(actor, May.KEEP_VENDORS)

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        ids = [row[0] for row in rows]
        stays, papers = _stays_of(ids), _papers_of(ids)
        for number, phone, trades, *others in rows:
            facts = dict(zip(VENDOR_FACTS, others, strict=False))
            known, stay = facts | _dates(papers, number), stays.get(number, ())
            known["phone"] = phone if sees_phones else masked_phone(phone)
            known["trade_codes"] = said_trades(trades, names)
            known["stalls"] = several(plate for plate, _ in stay)
            known["from_on"] = min((day for _, day in stay), default=None)
            yield (*VENDOR_SHEET.cells(**known), *others[len(VENDOR_FACTS) :])

    return lines


def _dates(papers: dict[tuple[int, str], Paper], vendor_id: int) -> dict[str, Value]:
    """What a vendor's line tells of licence and permit."""
    licence, permit = papers.get((vendor_id, LICENCE)), papers.get((vendor_id, PERMIT))
    licence_issued, licence_expires = _told(licence, "issued_on", "expires_on")
    number, issued, expires = _told(permit, "number", "issued_on", "expires_on")
    return {
        "licence_issued": licence_issued, "licence_expires": licence_expires,
        "permit_number": number, "permit_issued": issued, "permit_expires": expires,
    }  # fmt: skip


def _stays_of(vendor_ids: Sequence[int]) -> dict[int, list[tuple[str, date]]]:
    """The plates of the stalls these vendors keep now, and since when."""
    query = sa.select(Occupancy.vendor_id, Occupancy.stall_code, Occupancy.from_on).where(
        Occupancy.vendor_id.in_(vendor_ids), Occupancy.to_on.is_(None)
    )
    found: dict[int, list[tuple[str, date]]] = {}
    for vendor_id, plate, day in db.session.execute(query.order_by(Occupancy.stall_code)).all():
        found.setdefault(vendor_id, []).append((plate, day))
    return found


def _papers_of(vendor_ids: Sequence[int]) -> dict[tuple[int, str], Paper]:
    """The licence and the permit of these vendors that were not renewed, the last recorded of each."""
    query = sa.select(Paper).where(
        Paper.vendor_id.in_(vendor_ids),
        Paper.kind_code.in_((LICENCE, PERMIT)),
        Paper.replaced_by_id.is_(None),
    )
    return {(one.vendor_id or 0, one.kind_code): one for one in db.session.scalars(query.order_by(Paper.id))}


def _told(paper: Paper | None, *names: str) -> Sequence[Value]:
    """Some facts of a paper, blanks where there is none; a paper without a last day says so."""
    if paper is None:
        return [None] * len(names)
    facts = {name: getattr(paper, name) for name in names}
    if "expires_on" in facts and paper.expires_on is None:
        facts["expires_on"] = str(LONG_TERM)
    return list(facts.values())


VENDORS = Listing(
    code=Listed.VENDORS,
    needs=May.READ,
    columns=(
        *VENDOR_SHEET.columns,
        Column(_l("身份证后四位"), NARROW, is_personal=True), Column(_l("停止经营日期")), OF_MARKET,
    ),
    filters=(MARKET, SEARCH, one_of("show", _l("状态"), {"ended": _l("已停止经营")})),
    query=_vendors,
    lines=_vendor_lines,
)  # fmt: skip


def _workers(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Worker.company_id, Worker.id, Worker.name, Worker.job, Worker.handles_ready_food, Vendor.name,
            Worker.from_on, Worker.to_on, Market.name,
        )
        .select_from(Worker)
        .join(Market, Market.id == Worker.market_id)
        .join(Vendor, Vendor.id == Worker.vendor_id)
    )  # fmt: skip
    order = (Worker.market_id, Vendor.name, Worker.vendor_id, Worker.id)
    return in_markets(query, Worker.market_id, actor, wanted).order_by(*order)


def _worker_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        papers = _newest_of(Paper.worker_id, [row[0] for row in rows])
        for number, *cells, market in rows:
            yield (*cells, *_told(papers.get(number), "expires_on"), market)

    return lines


def _newest_of(holder_id: Any, ids: Sequence[int]) -> dict[int, Paper]:
    """The papers that were not renewed, by the number of whatever they are about: the last to end of each."""
    query = sa.select(holder_id, Paper).where(holder_id.in_(ids), Paper.replaced_by_id.is_(None))
    rows = db.session.execute(query.order_by(Paper.expires_on.is_(None), Paper.expires_on, Paper.id)).all()
    return {number: paper for number, paper in rows}


WORKERS = Listing(
    code=Listed.WORKERS,
    needs=May.READ,
    columns=(
        Column(_l("姓名"), is_personal=True), Column(_l("工种")), Column(_l("接触直接入口食品"), NARROW),
        Column(_l("商户"), WIDE), Column(_l("到岗日期")), Column(_l("离岗日期")), Column(_l("健康证有效期至")),
        OF_MARKET,
    ),
    filters=(MARKET,),
    query=_workers,
    lines=_worker_lines,
)  # fmt: skip


def _corrections(actor: Actor, wanted: Wanted) -> Query:
    is_open = Correction.state == CorrectionState.OPEN
    query = (
        sa.select(
            Correction.company_id, Vendor.name, Correction.field, Correction.old, Correction.wished, Correction.reason,
            Correction.state, Correction.by_name, Correction.asked_at, Correction.answer, Correction.decided_by,
            Correction.decided_at, Market.name,
        )
        .select_from(Correction)
        .join(Market, Market.id == Correction.market_id)
        .join(Vendor, Vendor.id == Correction.vendor_id)
        .where(~is_open if wanted.get("show") == "decided" else is_open)
    )  # fmt: skip
    return in_markets(query, Correction.market_id, actor, wanted).order_by(Correction.id)


CORRECTIONS = Listing(
    code=Listed.CORRECTIONS,
    needs=May.DECIDE_CORRECTION,
    columns=(
        Column(_l("商户"), WIDE), Column(_l("哪一样")), Column(_l("原来的"), WIDE, is_personal=True),
        Column(_l("要改成"), WIDE, is_personal=True), Column(_l("理由"), WIDE), Column(_l("状态"), NARROW),
        Column(_l("提出的人"), is_personal=True), Column(_l("提出时间"), 18), Column(_l("答复"), WIDE),
        Column(_l("答复的人"), is_personal=True), Column(_l("答复时间"), 18), OF_MARKET,
    ),
    filters=(MARKET, one_of("show", _l("状态"), {"decided": _l("已答复")})),
    query=_corrections,
    lines=as_they_are,
)  # fmt: skip


def _papers(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(Paper.company_id, Paper, Market.name, Vendor.name)
        .select_from(Paper)
        .join(Paper.kind)
        .join(Market, Market.id == Paper.market_id)
        .outerjoin(Vendor, Vendor.id == Paper.vendor_id)
        .options(contains_eager(Paper.kind))
        .where(Paper.replaced_by_id.is_(None), Vendor.ended_on.is_(None))
    )
    if wanted.get("of") == "market":
        query = query.where(Paper.vendor_id.is_(None))
    today, until = clock.today(), clock.today() + markets.papers.DUE_WITHIN
    match wanted.get("show"):
        case "expired":
            query = query.where(Paper.expires_on < today)
        case "soon":
            query = query.where(Paper.expires_on.between(today, until))
        case "due":
            query = query.where(Paper.expires_on <= until)
    return in_markets(query, Paper.market_id, actor, wanted).order_by(Paper.expires_on, Paper.id)


def _paper_lines(_actor: Actor) -> Lines:
    today = clock.today()

    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        calendar = markets.calendar_for([row[0] for row in rows])
        for paper, market, vendor in rows:
            yield (
                paper.kind.name, vendor, paper.holder_name, paper.number, paper.authority, paper.issued_on,
                paper.expires_on or (str(LONG_TERM) if paper.kind.may_expire else None),
                paper.standing(today, calendar), paper.confirmed_by, market,
            )  # fmt: skip

    return lines


PAPERS = Listing(
    code=Listed.PAPERS,
    needs=May.READ,
    columns=(
        Column(_l("证照类型")), Column(_l("商户"), WIDE), Column(_l("持有人或设备"), is_personal=True),
        Column(_l("证照编号"), 24), Column(_l("发证机关"), WIDE), Column(_l("发证日期")), Column(_l("有效期至")),
        Column(_l("状态"), NARROW), Column(_l("核对原件的人"), is_personal=True), OF_MARKET,
    ),
    filters=(
        MARKET,
        one_of("show", _l("到期"), {"expired": _l("已过期"), "soon": _l("快到期"), "due": _l("60 天内到期和已过期")}),
        one_of("of", _l("持有人"), {"market": _l("市场自己的")}),
    ),
    query=_papers,
    lines=_paper_lines,
)  # fmt: skip


EQUIPMENT_FACTS = ("code", "kind", "name", "maker", "model", "place", "stall", "made_on", "note")
EQUIPMENT_SHEET = Workbook(
    ImportKind.EQUIPMENT, fields=frozenset({*EQUIPMENT_FACTS, "issued_on", "expires_on"})
)


def _equipment(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Equipment.company_id, Equipment.id, Equipment.code, Equipment.kind, Equipment.name, Equipment.maker,
            Equipment.model, Equipment.place, Stall.code, Equipment.made_on, Equipment.note,
            CheckPoint.code, Vendor.name, Equipment.ended_on, Market.name,
        )
        .select_from(Equipment)
        .join(Market, Market.id == Equipment.market_id)
        .outerjoin(CheckPoint, CheckPoint.id == Equipment.point_id)
        .outerjoin(Stall, Stall.id == Equipment.stall_id)
        .outerjoin(Vendor, Vendor.id == Equipment.vendor_id)
    )  # fmt: skip
    due = equipment.DueState(wanted["due"]) if "due" in wanted else None
    is_ended = due is equipment.DueState.ENDED
    query = query.where(Equipment.ended_on.is_not(None) if is_ended else Equipment.ended_on.is_(None))
    if kind := wanted.get("kind"):
        query = query.where(Equipment.kind == kind)
    if "zone" in wanted:
        query = query.where(equipment.stands_in(wanted["zone"]))
    if due is not None and not is_ended:
        query = query.where(equipment.is_due(due))
    order = (Equipment.market_id, Equipment.sort_key, Equipment.id)
    return in_markets(query, Equipment.market_id, actor, wanted).order_by(*order)


def _equipment_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        papers = _newest_of(Paper.equipment_id, [row[0] for row in rows])
        for number, *cells in rows:
            facts = dict(zip(EQUIPMENT_FACTS, cells, strict=False))
            issued_on, expires_on, paper = _told(papers.get(number), "issued_on", "expires_on", "number")
            known = EQUIPMENT_SHEET.cells(**facts, issued_on=issued_on, expires_on=expires_on)
            yield (*known, paper, *cells[len(EQUIPMENT_FACTS) :])

    return lines


EQUIPMENT = Listing(
    code=Listed.EQUIPMENT,
    needs=May.READ,
    columns=(
        *EQUIPMENT_SHEET.columns, Column(_l("证书编号"), 20), Column(_l("巡查点编号")), Column(_l("商户"), WIDE),
        Column(_l("停用日期")), OF_MARKET,
    ),
    filters=(
        MARKET,
        word("kind", _l("设备种类"), EquipmentKind),
        one_of("due", _l("到期"), DUE),
        ZONE,
    ),
    query=_equipment,
    lines=_equipment_lines,
)  # fmt: skip
