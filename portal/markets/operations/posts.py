"""Posts: who answers for what, from when to when."""

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from portal.accounts.models import Person
from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, Post, PostKind
from portal.markets.operations.facts import need_open
from portal.markets.policy import May

FARTHEST_BACK = timedelta(days=365 * 30)


def appoint(market: Market, person: Person, kind: PostKind, from_on: date, actor: Actor) -> Post:
    """Give a person of the managing company a post in a market, from a day on.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.APPOINT, market)
    need_open(market)
    if queries.find_colleague(market.company_id, person.id) is None:
        raise Mistake("person", _l("只能从本公司在职的人里选。"))
    first_day(from_on)
    if _holds(market, person, kind):
        raise Mistake("kind", _l("这个人已经担任这个岗位。"))
    post = Post(market_id=market.id, person=person, kind=kind, from_on=from_on, company_id=market.company_id)
    db.session.add(post)
    journal.write(post, actor, "appoint", person.name)
    return post


def first_day(from_on: date) -> date:
    """The first day of a post, not too far from today; raises Mistake("from_on")."""
    today = clock.today()
    if not today - FARTHEST_BACK <= from_on <= today + timedelta(days=365):
        raise Mistake("from_on", _l("任职日期太早或太晚，请核对。"))
    return from_on


def _holds(market: Market, person: Person, kind: PostKind) -> bool:
    return any(
        post.person_id == person.id and post.kind is kind and post.to_on is None
        for post in queries.posts_of(market)
    )


def end_post(post: Post, to_on: date, actor: Actor) -> None:
    """End a post; ``to_on`` is its last day.  Raises NotAllowed, TooLate, Mistake("to_on")."""
    demand(actor, May.APPOINT, post)
    if post.to_on is not None:
        raise TooLate(_l("这个岗位已经结束。"))
    if to_on < post.from_on:
        raise Mistake("to_on", _l("结束日期不能早于任职的 %(day)s。", day=post.from_on))
    if to_on > clock.today() + timedelta(days=365):
        raise Mistake("to_on", _l("结束日期太晚，请核对。"))
    post.to_on = to_on
    journal.write(post, actor, "end_post")
