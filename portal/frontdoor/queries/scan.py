"""What stands behind a scanned sign: for strangers the legal minimum, for staff the way to their own page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db, door
from portal.core.actor import Actor, Role
from portal.core.door import Door
from portal.markets import queries as markets
from portal.markets.models import (
    CheckPoint,
    Equipment,
    EquipmentKind,
    Holder,
    Market,
    Paper,
    PaperKind,
    Sign,
    SignKind,
    Stall,
    Vendor,
    VendorKind,
    Zone,
)
from portal.markets.numbers import masked_name
from portal.markets.workflow import SignState, StallState
from portal.selfcheck.models import Occurrence
from portal.selfcheck.queries.checks import DONE, WAITING
from portal.selfcheck.workflow import CheckState

PRIVATE = frozenset({"lease_contract"})
"""Papers of a vendor that are nobody's business but his and the market's."""
FARM_PRODUCTS = "farm_products"
MOST_CHECKS, MOST_CHOICES = 4, 8
NEEDS_NO_PERMIT_WITH = frozenset({"food_permit", "prepackaged_filing", "small_workshop_registration"})


@dataclass(frozen=True)
class Licence:
    """A paper as it hangs in the stall: what, its number, until when; ``paper`` None where none is entered."""

    kind: PaperKind
    paper: Paper | None

    @property
    def is_expired(self) -> bool:
        return self.paper is not None and self.paper.is_expired(clock.today())


@dataclass(frozen=True)
class Trader:
    """Who trades here, as strangers may know it: no telephone, no identity number, the person masked."""

    name: str
    keeper: str
    kind: VendorKind
    uscc: str
    licences: Sequence[Licence]
    needs_no_permit: bool
    """Whether only farm products are sold, for which the law asks no food permit."""


@dataclass(frozen=True)
class Scale:
    """A scale: where the fair one stands, or the stall's own, and until when it is verified."""

    place: str
    is_fair: bool
    until: date | None

    @property
    def is_expired(self) -> bool:
        return self.until is not None and self.until < clock.today()


@dataclass(frozen=True)
class Checked:
    """A check of today: which, when, and whether anything was found; nobody's name."""

    what: Any
    at: datetime
    is_fit: bool


@dataclass(frozen=True)
class Facts:
    """Everything the public page shows."""

    kind: SignKind
    market: Market
    over: str
    number: str
    name: str
    is_gone: bool = False
    trader: Trader | None = None
    scales: Sequence[Scale] = ()
    checks: Sequence[Checked] = ()
    place: str = field(default="")


def look(code: str) -> Door | None:
    """The door of a sign's code, revoked or not; None for a forged one."""
    return door.look(Sign.__tablename__, code[:80])


def sign_in_reach(found: Door) -> Sign | None:
    """The sign behind a door as whoever is signed in sees it; None out of reach."""
    return db.session.get(Sign, found.subject_id)


def facts_of(found: Door) -> Facts | None:
    """What strangers may know of what stands behind a door; None where nothing does any more."""
    with db.opened(found.reach, writes=False) as own:
        sign = own.get(Sign, found.subject_id)
        if sign is None or sign.state is not SignState.LIVE:
            return None
        market = own.get_one(Market, sign.market_id)
        return _FACTS[sign.kind](market, sign)


def _of_market(market: Market, sign: Sign) -> Facts:
    return Facts(sign.kind, market, "", market.name, "", not market.is_open, **_shared(market, None))


def _of_zone(market: Market, sign: Sign) -> Facts:
    zone = db.session.get_one(Zone, sign.subject_id)
    return Facts(
        sign.kind, market, market.name, zone.code, zone.name, not market.is_open, **_shared(market, None)
    )


def _of_point(market: Market, sign: Sign) -> Facts:
    point = db.session.get_one(CheckPoint, sign.subject_id)
    is_gone = point.ended_on is not None
    shared = {} if is_gone else _shared(market, None)
    return Facts(sign.kind, market, market.name, point.code, point.name, is_gone, place=point.place, **shared)


def _of_stall(market: Market, sign: Sign) -> Facts:
    query = sa.select(Stall).where(Stall.id == sign.subject_id).options(joinedload(Stall.zone))
    stall = db.session.scalars(query).one()
    over = f"{market.name} {stall.zone.name if stall.zone else ''}".strip()
    if stall.state is StallState.CLOSED or not market.is_open:
        return Facts(sign.kind, market, over, stall.code, "", is_gone=True)
    occupancy = markets.occupant_of(stall)
    trader = _trader(occupancy.vendor) if occupancy is not None else None
    name = trader.name if trader else ""
    return Facts(sign.kind, market, over, stall.code, name, trader=trader, **_shared(market, stall))


_FACTS = {
    SignKind.MARKET: _of_market,
    SignKind.ZONE: _of_zone,
    SignKind.POINT: _of_point,
    SignKind.STALL: _of_stall,
}


def _shared(market: Market, stall: Stall | None) -> dict[str, Any]:
    return {"scales": _scales(market, stall), "checks": _checks(market)}


def _trader(vendor: Vendor) -> Trader:
    """The name as on the licence; where there is none, a person's name inside it is masked as well."""
    has_licence = vendor.kind.needs_uscc
    keeper = masked_name(vendor.keeper_name)
    is_bare = not has_licence or vendor.name == vendor.keeper_name
    trades = markets.find_trades(vendor.trade_codes)
    wanted = {code for trade in trades for code in trade.required_papers}
    is_farm = [trade.code for trade in trades] == [FARM_PRODUCTS]
    return Trader(
        name=vendor.name.replace(vendor.keeper_name, keeper) if is_bare else vendor.name,
        keeper=keeper,
        kind=vendor.kind,
        uscc=vendor.uscc or "",
        licences=_licences(vendor, wanted),
        needs_no_permit=is_farm and not wanted & NEEDS_NO_PERMIT_WITH,
    )


def _licences(vendor: Vendor, wanted: set[str]) -> list[Licence]:
    """The vendor's public papers, and those the law asks for that are not entered."""
    query = (
        sa.select(PaperKind, Paper)
        .outerjoin(
            Paper,
            sa.and_(
                Paper.kind_code == PaperKind.code,
                Paper.vendor_id == vendor.id,
                Paper.replaced_by_id.is_(None),
                Paper.worker_id.is_(None),
                Paper.equipment_id.is_(None),
            ),
        )
        .where(PaperKind.holder == Holder.VENDOR, PaperKind.code.not_in(PRIVATE))
        .where(sa.or_(Paper.id.is_not(None), PaperKind.code.in_(wanted)))
        .order_by(PaperKind.position, Paper.expires_on.desc(), Paper.id.desc())
    )
    found: dict[str, Licence] = {}
    for kind, paper in db.session.execute(query).all():
        found.setdefault(kind.code, Licence(kind, paper))
    return list(found.values())


def _scales(market: Market, stall: Stall | None) -> list[Scale]:
    """The fair scales of the market and the stall's own, with the last day of their verification."""
    fair = sa.and_(Equipment.market_id == market.id, Equipment.kind == EquipmentKind.FAIR_SCALE)
    own = sa.and_(Equipment.kind == EquipmentKind.SCALE, Equipment.stall_id == (stall.id if stall else 0))
    due = sa.select(Paper.equipment_id, sa.func.max(Paper.expires_on).label("until"))
    dates = due.where(Paper.replaced_by_id.is_(None)).group_by(Paper.equipment_id).subquery()
    query = (
        sa.select(Equipment.kind, Equipment.place, CheckPoint.name, CheckPoint.place, dates.c.until)
        .outerjoin(CheckPoint, Equipment.point_id == CheckPoint.id)
        .outerjoin(dates, dates.c.equipment_id == Equipment.id)
        .where(Equipment.ended_on.is_(None), sa.or_(fair, own))
        .order_by(Equipment.sort_key, Equipment.id)
        .limit(10)
    )
    return [
        Scale(place or point_place or point or "", kind is EquipmentKind.FAIR_SCALE, until)
        for kind, place, point, point_place, until in db.session.execute(query).all()
    ]


def _checks(market: Market) -> list[Checked]:
    """What was checked in the market today, the last first."""
    query = (
        sa.select(Occurrence.slot, Occurrence.submitted_at, Occurrence.failed)
        .where(
            Occurrence.market_id == market.id,
            Occurrence.service_day == clock.today(),
            Occurrence.state.in_((*DONE, CheckState.SENT_BACK)),
        )
        .order_by(Occurrence.submitted_at.desc())
        .limit(MOST_CHECKS)
    )
    return [Checked(slot.label, at, not failed) for slot, at, failed in db.session.execute(query).all() if at]


def checks_under_way(actor: Actor, market_id: int) -> Sequence[Occurrence]:
    """The checks of a market that can be walked now, those begun or sent back first.

    A patroller is shown all of them; whoever else may walk, those he has begun himself.
    """
    now = clock.now()
    query = sa.select(Occurrence).where(
        Occurrence.market_id == market_id,
        markets.in_sight(actor, Occurrence.market_id),
        Occurrence.opens_at <= now,
        sa.or_(
            Occurrence.state == CheckState.SENT_BACK,
            sa.and_(Occurrence.state.in_(WAITING), Occurrence.missed_at > now),
        ),
    )
    if actor.role is not Role.PATROLLER:
        query = query.where(Occurrence.opened_by_id == actor.person_id)
    rows = db.session.scalars(query.order_by(Occurrence.due_at, Occurrence.id).limit(MOST_CHOICES)).all()
    return sorted(rows, key=lambda one: one.state is CheckState.DUE)
