"""Looking up posts and the people of a company who may hold them."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Membership, Person
from portal.core import clock, db
from portal.core.actor import COMPANY_ROLES, Role
from portal.core.errors import NotThere
from portal.markets.models import Market, Post, PostKind
from portal.territory.models import Kind, Organisation


def posts_of(market: Market) -> Sequence[Post]:
    """The posts of a market, those held now first, with their people."""
    query = sa.select(Post).where(Post.market_id == market.id).options(joinedload(Post.person))
    return list(
        db.session.scalars(query.order_by(Post.to_on.is_not(None), Post.kind, Post.id.desc()).limit(200))
    )


def get_post(market: Market, post_id: int) -> Post:
    """A post of this market with its person; raises NotThere."""
    query = sa.select(Post).where(Post.id == post_id, Post.market_id == market.id)
    post = db.session.scalars(query.options(joinedload(Post.person))).first()
    if post is None:
        raise NotThere
    return post


def holds_post(person_id: int, market_id: int, kinds: Iterable[PostKind]) -> bool:
    """Whether a person holds one of these posts in a market today: who signs which record."""
    query = sa.select(Post.id).where(
        Post.person_id == person_id, Post.market_id == market_id, Post.kind.in_(list(kinds)), *_held_today()
    )
    return db.session.scalars(query.limit(1)).first() is not None


def holders_of(market_ids: Iterable[int], kinds: Iterable[PostKind]) -> dict[int, list[int]]:
    """The ids of the people who hold one of these posts today, by market."""
    found: dict[int, list[int]] = {market_id: [] for market_id in market_ids}
    query = sa.select(Post.market_id, Post.person_id).where(
        Post.market_id.in_(list(found)), Post.kind.in_(list(kinds)), *_held_today()
    )
    for market_id, person_id in db.session.execute(query.distinct().order_by(Post.person_id)).all():
        found[market_id].append(person_id)
    return found


def colleagues(company_id: int, *roles: Role) -> Sequence[Person]:
    """The people who work for a company now, in these roles or any, by name."""
    query = _staff(company_id, roles or tuple(COMPANY_ROLES))
    return list(db.session.scalars(query.order_by(Person.name, Person.id).limit(500)))


def find_colleague(company_id: int, person_id: int) -> Person | None:
    """The person, if he works for the company now."""
    query = _staff(company_id, tuple(COMPANY_ROLES)).where(Person.id == person_id)
    return db.session.scalars(query).first()


def dispatchers_of(community_codes: Iterable[str]) -> dict[str, list[int]]:
    """The ids of the dispatchers of these communities, by code."""
    found: dict[str, list[int]] = {code: [] for code in community_codes}
    query = (
        sa.select(Organisation.area_code, Membership.person_id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Organisation.kind == Kind.COMMUNITY,
            Organisation.area_code.in_(list(found)),
            Membership.role == Role.COMMUNITY_DISPATCHER,
            Person.disabled_at.is_(None),
            *_works_today(),
        )
    )
    for code, person_id in db.session.execute(query.distinct().order_by(Membership.person_id)).all():
        found[code].append(person_id)
    return found


def _staff(company_id: int, roles: tuple[Role, ...]) -> sa.Select[Any]:
    works_here = sa.select(Membership.person_id).where(
        Membership.organisation_id == company_id, Membership.role.in_(roles), *_works_today()
    )
    return sa.select(Person).where(Person.id.in_(works_here), Person.disabled_at.is_(None))


def _works_today() -> tuple[sa.ColumnElement[bool], ...]:
    today = clock.today()
    return (
        Membership.ended_at.is_(None),
        Membership.from_on <= today,
        sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
    )


def _held_today() -> tuple[sa.ColumnElement[bool], ...]:
    today = clock.today()
    return Post.from_on <= today, sa.or_(Post.to_on.is_(None), Post.to_on >= today)
