"""Looking up markets, zones and stalls, as far as one is in sight of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.errors import NotThere
from portal.markets.models import Market, MarketKind, Occupancy, Post, Stall, Zone
from portal.markets.numbers import clean
from portal.markets.queries.pages import Page, cut
from portal.markets.workflow import MarketState, StallState
from portal.territory.models import Kind, Organisation

T = TypeVar("T")

SEES_BY_POST = frozenset({Role.PATROLLER, Role.SERVICE_CLERK})
"""Those of a company who see the markets of their posts alone; a manager sees all of them."""


def in_sight(actor: Actor, market_id: Any) -> sa.ColumnElement[bool]:
    """The markets an actor works in, inside his reach, as a condition on a column of market ids."""
    if actor.role not in SEES_BY_POST:
        return sa.true()
    today = clock.today()
    held = sa.select(Post.market_id).where(
        Post.person_id == actor.person_id,
        Post.from_on <= today,
        sa.or_(Post.to_on.is_(None), Post.to_on >= today),
    )
    return market_id.in_(held)  # type: ignore[no-any-return]


def seen_by(actor: Actor) -> sa.Select[Any]:
    """The markets an actor sees."""
    return sa.select(Market).where(in_sight(actor, Market.id))


def list_markets(
    actor: Actor,
    *,
    kind: MarketKind | None = None,
    search: str = "",
    is_closed: bool = False,
    cursor: str = "",
) -> Page[Market]:
    """The markets in sight, in the order of their codes, with their companies and communities."""
    query = seen_by(actor).options(joinedload(Market.company), joinedload(Market.community))
    query = query.where(Market.state == (MarketState.CLOSED if is_closed else MarketState.OPEN))
    if kind is not None:
        query = query.where(Market.kind == kind)
    if search:
        query = query.where(
            sa.or_(Market.name.contains(search, autoescape=True), Market.code == search.upper())
        )
    return cut(query, (Market.code, Market.id), cursor, lambda market: market.code)


def has_market_named(community_code: str, name: str) -> bool:
    """Whether a trading market within reach bears exactly this name in a community."""
    query = sa.select(Market.id).where(
        Market.community_code == community_code, Market.name == name, Market.state == MarketState.OPEN
    )
    return db.session.scalars(query.limit(1)).first() is not None


def get_market(actor: Actor, market_id: int) -> Market:
    """The market with its company and community; raises NotThere."""
    query = seen_by(actor).where(Market.id == market_id)
    query = query.options(joinedload(Market.company), joinedload(Market.community))
    market: Market | None = db.session.scalars(query).first()
    return _found(market)


def open_markets_of(company_id: int) -> Sequence[Market]:
    """Every trading market of a company, for errands, which have no sight of their own."""
    query = sa.select(Market).where(Market.company_id == company_id, Market.state == MarketState.OPEN)
    return list(db.session.scalars(query.order_by(Market.id)))


def companies_with_markets() -> Sequence[int]:
    """The companies that run a trading market."""
    query = sa.select(Market.company_id).where(Market.state == MarketState.OPEN).distinct()
    return list(db.session.scalars(query.order_by(Market.company_id)))


def find_companies(text: str) -> Sequence[Organisation]:
    """The market companies that bear exactly this name, short name or credit code; two at most."""
    named = sa.or_(
        Organisation.name == text, Organisation.short_name == text, Organisation.uscc == clean(text)
    )
    query = sa.select(Organisation).where(Organisation.kind == Kind.COMPANY, named)
    return list(db.session.scalars(query.order_by(Organisation.id).limit(2)))


def zones_of(market: Market) -> Sequence[Zone]:
    """The zones of a market in walking order."""
    return list(
        db.session.scalars(
            sa.select(Zone).where(Zone.market_id == market.id).order_by(Zone.position, Zone.id)
        )
    )


def last_serial(community_code: str) -> int:
    """The highest serial that markets within reach bear in a community, 0 where there is none."""
    first, beyond = f"{community_code}M", f"{community_code}N"
    query = sa.select(sa.func.max(Market.code)).where(Market.code >= first, Market.code < beyond)
    code = db.session.scalar(query)
    return int(code[len(first) :]) if code and code[len(first) :].isdecimal() else 0


def get_zone(market: Market, zone_id: int) -> Zone:
    """A zone of this market; raises NotThere."""
    return _found(
        db.session.scalars(sa.select(Zone).where(Zone.id == zone_id, Zone.market_id == market.id)).first()
    )


def list_stalls(
    market: Market,
    *,
    zone: Zone | None = None,
    state: StallState | None = None,
    prefix: str = "",
    cursor: str = "",
) -> Page[Stall]:
    """The stalls of a market as people count them; those done away with only when asked for."""
    query = sa.select(Stall).where(Stall.market_id == market.id).options(joinedload(Stall.zone))
    if zone is not None:
        query = query.where(Stall.zone_id == zone.id)
    query = query.where(Stall.state != StallState.CLOSED if state is None else Stall.state == state)
    if prefix:
        query = query.where(Stall.code.startswith(prefix.upper(), autoescape=True))
    return cut(query, (Stall.sort_key, Stall.id), cursor, lambda stall: stall.sort_key)


def get_stall(market: Market, stall_id: int) -> Stall:
    """A stall of this market with its zone; raises NotThere."""
    query = sa.select(Stall).where(Stall.id == stall_id, Stall.market_id == market.id)
    return _found(db.session.scalars(query.options(joinedload(Stall.zone))).first())


def find_stall(market: Market, code: str) -> Stall | None:
    """The stall of this code."""
    query = sa.select(Stall).where(Stall.market_id == market.id, Stall.code == code)
    return db.session.scalars(query).first()


def count_stalls(market: Market) -> dict[StallState, int]:
    """How many stalls stand in each state."""
    query = (
        sa.select(Stall.state, sa.func.count(Stall.id))
        .where(Stall.market_id == market.id, Stall.state != StallState.CLOSED)
        .group_by(Stall.state)
    )
    return {state: number for state, number in db.session.execute(query).all()}


def taken_codes(market: Market, codes: Iterable[str]) -> list[str]:
    """Those of the codes that stalls of the market bear already."""
    query = sa.select(Stall.code).where(Stall.market_id == market.id, Stall.code.in_(list(codes)))
    return list(db.session.scalars(query.order_by(Stall.sort_key)))


def overlapping(stall: Stall, from_on: date) -> Occupancy | None:
    """An occupancy of the stall that reaches past ``from_on``."""
    query = sa.select(Occupancy).where(
        Occupancy.stall_id == stall.id, sa.or_(Occupancy.to_on.is_(None), Occupancy.to_on > from_on)
    )
    return db.session.scalars(query.order_by(Occupancy.from_on.desc()).limit(1)).first()


def _found(row: T | None) -> T:
    if row is None:
        raise NotThere
    return row
