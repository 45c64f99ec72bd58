"""What of a market lies open with somebody who leaves its company: the posts he holds."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from portal.accounts.models import Membership
from portal.accounts.operations.leaving import Duty, register
from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.markets import notices
from portal.markets.models import Post
from portal.notices import operations as inbox


def count_posts(membership: Membership) -> int:
    """How many posts he holds in the company's markets, or will hold."""
    return len(_held(membership.person_id, membership.organisation_id))


def hand_over_posts(membership: Membership, successor: Membership | None, actor: Actor) -> None:
    """End his posts today; a successor takes each of them from today on."""
    today, person_id = clock.today(), membership.person_id
    posts = _held(person_id, membership.organisation_id)
    taken = set()
    for post in posts:
        post.to_on = max(post.from_on, today)
        journal.write(post, actor, "end_post")
        taken.add((post.market_id, post.kind))
    if successor is not None and posts:
        own = _held(successor.person_id, membership.organisation_id)
        for market_id, kind in sorted(taken - {(post.market_id, post.kind) for post in own}):
            _take(market_id, kind, successor, today, actor)
        inbox.tell(
            successor.person_id, notices.POSTS_TAKEN_OVER, "/markets", key=f"left {membership.id}",
            name=membership.person.name, number=len(taken),
        )  # fmt: skip


def _take(market_id: int, kind: str, successor: Membership, today: date, actor: Actor) -> None:
    post = Post(
        company_id=successor.organisation_id,
        market_id=market_id,
        person_id=successor.person_id,
        kind=kind,
        from_on=today,
    )
    db.session.add(post)
    journal.write(post, actor, "appoint", successor.person.name)


def _held(person_id: int, company_id: int) -> Sequence[Post]:
    """His posts in this company that have not ended, by today's end."""
    query = sa.select(Post).where(
        Post.person_id == person_id,
        Post.company_id == company_id,
        sa.or_(Post.to_on.is_(None), Post.to_on > clock.today()),
    )
    return list(db.session.scalars(query.options(joinedload(Post.person)).order_by(Post.id)))


register(Duty("markets.posts", _l("担任的岗位"), count_posts, hand_over_posts))
