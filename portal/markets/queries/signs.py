"""Looking up signs: what has none yet, the list, one of them, and what stands on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portal.core import db, refs
from portal.core.errors import NotThere
from portal.markets.models import CheckPoint, Market, Sign, SignKind, Stall, Zone
from portal.markets.queries.pages import PAGE, Page
from portal.markets.workflow import SignState, StallState

MOST_PRINTED = 500
"""So many signs are printed in one go."""


@dataclass(frozen=True)
class Placard:
    """What stands on a sign: the number of its plate, the name below it, and the line above."""

    sign: Sign
    number: str
    name: str = ""
    over: str = ""
    is_gone: bool = False
    """The stall was done away with, or the point given up: it gets no label any more."""


@dataclass(frozen=True)
class Counts:
    """How many signs of a market there are and how many are missing, by kind."""

    live: dict[SignKind, int]
    unprinted: dict[SignKind, int]
    lacking: dict[SignKind, int]


def _with_sign(kind: SignKind, market: Market) -> sa.Select[Any]:
    return sa.select(Sign.subject_id).where(
        Sign.market_id == market.id, Sign.kind == kind, Sign.state == SignState.LIVE
    )


def _wanted(market: Market, kind: SignKind) -> tuple[Any, Any, tuple[Any, ...]]:
    """The class a kind stands for, its order, and which rows of it are to have a sign."""
    if kind is SignKind.MARKET:
        return Market, Market.id, (Market.id == market.id,)
    if kind is SignKind.ZONE:
        return Zone, Zone.position, (Zone.market_id == market.id,)
    if kind is SignKind.POINT:
        wanted = (CheckPoint.market_id == market.id, CheckPoint.ended_on.is_(None))
        return CheckPoint, CheckPoint.position, wanted
    return Stall, Stall.sort_key, (Stall.market_id == market.id, Stall.state != StallState.CLOSED)


def without_sign(market: Market, kind: SignKind, most: int) -> Sequence[Any]:
    """Rows of this kind that have no live sign, in the order people count them."""
    cls, order, wanted = _wanted(market, kind)
    query = sa.select(cls).where(*wanted, cls.id.not_in(_with_sign(kind, market)))
    return list(db.session.scalars(query.order_by(order, cls.id).limit(most)))


def count_signs(market: Market) -> Counts:
    """The figures of a market, in two statements."""
    query = (
        sa.select(Sign.kind, sa.func.count(Sign.id), sa.func.count(Sign.printed_at))
        .where(Sign.market_id == market.id, Sign.state == SignState.LIVE)
        .group_by(Sign.kind)
    )
    live, unprinted = dict.fromkeys(SignKind, 0), dict.fromkeys(SignKind, 0)
    for kind, number, printed in db.session.execute(query).all():
        live[kind], unprinted[kind] = number, number - printed
    row = db.session.execute(sa.select(*(_lacking(market, kind) for kind in SignKind))).one()
    return Counts(live, unprinted, dict(zip(SignKind, row, strict=True)))


def _lacking(market: Market, kind: SignKind) -> Any:
    cls, _order, wanted = _wanted(market, kind)
    query = sa.select(sa.func.count(cls.id)).where(*wanted, cls.id.not_in(_with_sign(kind, market)))
    return query.scalar_subquery().label(kind.value)


def list_signs(
    market: Market, *, kind: SignKind | None = None, state: SignState = SignState.LIVE, search: str = "",
    cursor: str = "",
) -> Page[Sign]:  # fmt: skip
    """The signs of a market in the order they were made; ``search`` is a sign's number or begins a stall's."""
    query = sa.select(Sign).where(Sign.market_id == market.id, Sign.state == state)
    if kind is not None:
        query = query.where(Sign.kind == kind)
    if search:
        query = query.where(_found_by(market, search))
    if (after := db.as_id(cursor)) is not None:
        query = query.where(Sign.id > after)
    rows = list(db.session.scalars(query.order_by(Sign.id).limit(PAGE + 1)))
    return Page(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def _found_by(market: Market, search: str) -> sa.ColumnElement[bool]:
    stalls = sa.select(Stall.id).where(
        Stall.market_id == market.id, Stall.code.startswith(search.upper(), autoescape=True)
    )
    is_stall = sa.and_(Sign.kind == SignKind.STALL, Sign.subject_id.in_(stalls))
    return sa.or_(Sign.ref == search.replace(" ", ""), is_stall)


def get_sign(market: Market, sign_id: int) -> Sign:
    """A sign of this market; raises NotThere."""
    sign = db.session.scalars(sa.select(Sign).where(Sign.id == sign_id, Sign.market_id == market.id)).first()
    if sign is None:
        raise NotThere
    return sign


def find_by_ref(typed: str) -> Sign | None:
    """The live sign that bears this number, in reach; None too where it can be no number of ours."""
    if not refs.is_ref(typed):
        return None
    query = sa.select(Sign).where(Sign.ref == typed.replace(" ", ""), Sign.state == SignState.LIVE)
    return db.session.scalars(query.limit(1)).first()


def to_print(
    market: Market, *, zone: Zone | None = None, kind: SignKind | None = None, is_new: bool = False
) -> list[Sign]:
    """Live signs to be printed, in the order they were made: of a zone, of a kind, not printed yet."""
    query = sa.select(Sign).where(Sign.market_id == market.id, Sign.state == SignState.LIVE)
    if kind is not None:
        query = query.where(Sign.kind == kind)
    if zone is not None:
        stalls = sa.select(Stall.id).where(Stall.market_id == market.id, Stall.zone_id == zone.id)
        query = query.where(Sign.kind == SignKind.STALL, Sign.subject_id.in_(stalls))
    if is_new:
        query = query.where(Sign.printed_at.is_(None))
    return list(db.session.scalars(query.order_by(Sign.kind, Sign.id).limit(MOST_PRINTED)))


def signs_of(market: Market, ids: Sequence[int]) -> list[Sign]:
    """The live ones among these signs of a market, in their order."""
    wanted = list(ids)[:MOST_PRINTED]
    query = sa.select(Sign).where(
        Sign.market_id == market.id, Sign.state == SignState.LIVE, Sign.id.in_(wanted)
    )
    return list(db.session.scalars(query.order_by(Sign.kind, Sign.id)))


def placards(market: Market, signs: Sequence[Sign]) -> list[Placard]:
    """What stands on each of these signs of a market, in at most three statements."""
    ids = {kind: [sign.subject_id for sign in signs if sign.kind is kind] for kind in SignKind}
    rows: dict[SignKind, dict[int, Any]] = {SignKind.MARKET: {market.id: market}}
    for kind, cls in ((SignKind.ZONE, Zone), (SignKind.POINT, CheckPoint)):
        rows[kind] = {row.id: row for row in _of_ids(sa.select(cls), cls, ids[kind])}
    stalls = sa.select(Stall, Zone.name).outerjoin(Zone, Stall.zone_id == Zone.id)
    if ids[SignKind.STALL]:
        found = db.session.execute(stalls.where(Stall.id.in_(ids[SignKind.STALL]))).all()
        rows[SignKind.STALL] = {stall.id: (stall, zone) for stall, zone in found}
    return [_placard(market, sign, rows[sign.kind][sign.subject_id]) for sign in signs]


def _of_ids(query: sa.Select[Any], cls: Any, ids: list[int]) -> Sequence[Any]:
    return db.session.scalars(query.where(cls.id.in_(ids))).all() if ids else []


def _placard(market: Market, sign: Sign, subject: Any) -> Placard:
    if sign.kind is SignKind.MARKET:
        return Placard(sign, market.name, is_gone=not market.is_open)
    if sign.kind is SignKind.STALL:
        stall, zone = subject
        over = f"{market.name} {zone or ''}".strip()
        return Placard(sign, stall.code, over=over, is_gone=stall.state is StallState.CLOSED)
    is_gone = sign.kind is SignKind.POINT and subject.ended_on is not None
    return Placard(sign, subject.code, subject.name, market.name, is_gone)


def subject_of(sign: Sign) -> Any:
    """The market, zone, check point or stall a sign stands for, in reach; raises NotThere."""
    cls: Any = {
        SignKind.MARKET: Market, SignKind.ZONE: Zone, SignKind.POINT: CheckPoint, SignKind.STALL: Stall
    }[sign.kind]  # fmt: skip
    subject = db.session.get(cls, sign.subject_id)
    if subject is None:
        raise NotThere
    return subject


def taken_refs(company_id: int, wanted: Sequence[str]) -> set[str]:
    """Those of the numbers that signs of a company bear already."""
    query = sa.select(Sign.ref).where(Sign.company_id == company_id, Sign.ref.in_(list(wanted)))
    return set(db.session.scalars(query))
