"""Another company comes to run a market: what goes with the market, and what stays with the company before."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import aliased

from portal.accounts.operations import following
from portal.core import clock, db, journal, refs
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.errands import CITY
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.core.reach import Owned, classes_of
from portal.evidence import operations as evidence
from portal.evidence.models import Attachment
from portal.markets import notices
from portal.markets.models import Market, OperatorChange, Post, Vendor
from portal.markets.operations.facts import need_open, text
from portal.markets.operations.stamping import ask_to_follow, rows_of
from portal.markets.policy import May
from portal.markets.queries import moving as past
from portal.markets.queries import posts
from portal.notices import operations as inbox
from portal.territory.models import Kind, Organisation

MOST_RENUMBERED = 500


def change_operator(market: Market, company: Organisation, reason: str, actor: Actor) -> OperatorChange:
    """Let another registered company run a market from now on.

    The market and all its rows go over in one errand; the company before keeps its people and loses sight of them.
    Raises NotAllowed, TooLate (closed, or still on the way from before), Mistake(field).
    """
    demand(actor, May.CHANGE_OPERATOR, market)
    check_operator(market, company)
    change = OperatorChange(
        market_id=market.id,
        from_company_id=market.company_id,
        from_name=market.company.name,
        to_company_id=company.id,
        to_name=company.name,
        reason=text("reason", reason, 2, 200),
        moved_by=actor.name,
    ).stands_in(market)
    db.session.add(change)
    journal.write(
        market, actor, "change_operator", change.reason, before=change.from_name, after=change.to_name
    )
    db.session.flush()
    ask_to_follow(market, f"operator {change.id}")
    return change


def check_operator(market: Market, company: Organisation) -> None:
    """Whether this company can take over now; raises TooLate (closed, or still on the way), Mistake("company")."""
    need_open(market)
    if past.is_on_the_way(market):
        raise TooLate(past.ON_THE_WAY)
    if company.kind is not Kind.COMPANY:
        raise Mistake("company", _l("管理方要是一家市场公司。"))
    if company.id == market.company_id:
        raise Mistake("company", _l("市场现在就由这家公司管理。"))


def hand_over(market: Market, change: OperatorChange) -> None:
    """Do what was decided: posts of the company before end today, vendors keep their accounts, photos go along.

    The caller looks beyond reach, and stamps the rows afterwards.
    """
    portal = SYSTEM(CITY)
    people = {
        person.id for one in (market.company_id, change.to_company_id)
        for person in posts.colleagues(one, Role.MARKET_MANAGER)
    }  # fmt: skip
    _end_posts(market, portal)
    _renumber(market, change.to_company_id, portal)
    company = db.session.get_one(Organisation, change.to_company_id)
    vendors = db.session.scalars(sa.select(Vendor.id).where(Vendor.market_id == market.id)).all()
    following.follow(vendors, change.from_company_id, company, portal)
    market.company_id = company.id
    evidence.follow(change.from_company_id, company.id, rows_of(Attachment, market.id))
    inbox.tell_many(
        people, notices.OPERATOR_CHANGED, "/markets", key=f"operator {change.id}",
        market=market.name, before=change.from_name, after=change.to_name,
    )  # fmt: skip


def _end_posts(market: Market, portal: Actor) -> None:
    today = clock.today()
    held = sa.select(Post).where(
        Post.market_id == market.id,
        Post.company_id == market.company_id,
        sa.or_(Post.to_on.is_(None), Post.to_on > today),
    )
    for post in db.session.scalars(held).all():
        post.to_on = max(post.from_on, today)
        journal.write(post, portal, "end_post", "change_operator")


def _renumber(market: Market, company_id: int, portal: Actor) -> None:
    """Give another spoken number to the few rows whose own is taken in the new company."""
    for cls in _numbered():
        for row in db.session.scalars(_twins(cls, market, company_id).limit(MOST_RENUMBERED)).all():
            before, row.ref = row.ref, refs.new_ref()
            journal.write(row, portal, "renumber", before=before, after=row.ref)
            db.session.flush()


def count_renumbered(market: Market, company: Organisation) -> int:
    """How many spoken numbers would change, because a row of the new company bears the same.

    Every other unique key of a market's rows names the market or one of its rows, and cannot clash.
    """
    counted = [
        sa.select(sa.func.count()).select_from(_twins(cls, market, company.id).subquery()).scalar_subquery()
        for cls in _numbered()
    ]
    return sum(db.session.execute(sa.select(*counted)).one()) if counted else 0


def _numbered() -> Sequence[Any]:
    return [cls for cls in classes_of(Owned) if hasattr(cls, "ref")]


def _twins(cls: Any, market: Market, company_id: int) -> Any:
    there = aliased(cls)
    taken = sa.select(there.ref).where(there.company_id == company_id)
    return sa.select(cls).where(rows_of(cls, market.id), cls.ref.in_(taken))


def loose_keys() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The unique keys of Owned tables that name neither the market nor one of its rows: what could clash."""
    for cls in classes_of(Owned):
        table = cls.__table__
        keys = [one.columns for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
        keys += [one.columns for one in table.indexes if one.unique]
        for columns in keys:
            names = tuple(column.name for column in columns if column.name != "company_id")
            if len(names) < len(columns) and not any(name.endswith("_id") for name in names):
                yield table.name, names
