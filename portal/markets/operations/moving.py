"""Moving a market to another community, and the one errand that lets its rows follow whatever was decided of it."""

from flask_babel import lazy_gettext as _l

from portal.core import db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.core.reach import beyond_reach
from portal.markets.models import Market, MarketMove
from portal.markets.operations import operators
from portal.markets.operations.facts import text
from portal.markets.operations.stamping import ask_to_follow, stamp
from portal.markets.policy import May
from portal.markets.queries import moving as past
from portal.territory.models import Area, Level, cut


def restamp(market: Market, community: Area, reason: str, actor: Actor) -> MarketMove:
    """Count a market with another community: a merger, a new border, a mistake put right.

    The market and its rows take the new codes in one errand.
    Raises NotAllowed (out of the town, for a town), TooLate (still on the way from before), Mistake(field).
    """
    demand(actor, May.RESTAMP, market)
    demand(actor, May.RESTAMP, community)
    if past.is_on_the_way(market):
        raise TooLate(past.ON_THE_WAY)
    if community.level is not Level.COMMUNITY or community.is_retired:
        raise Mistake("community", _l("请选一个现在在用的村（社区）。"))
    if community.code == market.community_code:
        raise Mistake("community", _l("市场已经在这个村（社区）。"))
    move = MarketMove(
        market_id=market.id,
        from_community_code=market.community_code,
        to_community_code=community.code,
        reason=text("reason", reason, 2, 200),
        moved_by=actor.name,
    ).stands_in(market)
    db.session.add(move)
    journal.write(market, actor, "restamp", move.reason, before=market.community_code, after=community.code)
    db.session.flush()
    ask_to_follow(market, f"move {move.id}")
    return move


def follow(market_id: int) -> None:
    """Bring a market and every row of it to where its latest move and change of operator say.

    All in the transaction that is open; done again it changes nothing but rows that came late.
    """
    with beyond_reach(f"market {market_id} and its rows take new codes"):
        market = db.session.get_one(Market, market_id, with_for_update=True)
        moves, changes = past.moves_of(market), past.changes_of(market)
        if past.is_moving(market, moves):
            market.community_code = moves[0].to_community_code
            market.town_code = cut(market.community_code, Level.TOWN)
        if past.is_changing_hands(market, changes):
            operators.hand_over(market, changes[0])
        stamp(market)
