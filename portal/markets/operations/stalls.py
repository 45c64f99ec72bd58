"""Stalls: added one by one or a whole row, described, taken out of use."""

import re
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from portal.core import db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, Stall, Zone, natural_key
from portal.markets.operations.facts import (
    LARGEST_STALL_M2,
    StallFacts,
    code,
    need_open,
    need_version,
    square_metres,
    text,
)
from portal.markets.policy import May
from portal.markets.workflow import STALL

MOST_AT_ONCE = 500
ENDS_IN_DIGITS = re.compile(r"(.*?)(\d{1,6})")


def add_stall(market: Market, facts: StallFacts, actor: Actor) -> Stall:
    """Add one stall, vacant.  Raises NotAllowed, TooLate, Mistake(field)."""
    own_code = code("code", facts.code)
    _need_new(market, "code", [own_code])
    return _add(market, own_code, facts, actor)


def add_stalls(market: Market, first: str, last: str, zone: Zone | None, actor: Actor) -> list[Stall]:
    """Add a row of stalls at once, A-001 to A-040, with the figures as wide as in ``first``.

    Raises NotAllowed, TooLate, Mistake("first") or Mistake("last"); all of the row is added, or nothing.
    """
    codes = _row_of_codes(code("first", first), code("last", last))
    _need_new(market, "first", codes)
    return [_add(market, own_code, StallFacts(own_code, zone), actor) for own_code in codes]


def _row_of_codes(first: str, last: str) -> list[str]:
    start, end = ENDS_IN_DIGITS.fullmatch(first), ENDS_IN_DIGITS.fullmatch(last)
    if start is None:
        raise Mistake("first", _l("一排档口的编号要以数字结尾，比如 A-001。"))
    if end is None or end[1] != start[1]:
        raise Mistake("last", _l("头尾编号除了最后的数字要一样，比如 A-001 到 A-040。"))
    numbers = range(int(start[2]), int(end[2]) + 1)
    if not numbers:
        raise Mistake("last", _l("最后一个编号要比第一个大。"))
    if len(numbers) > MOST_AT_ONCE:
        raise Mistake("last", _l("一次最多加 %(most)s 个档口，请分几次。", most=MOST_AT_ONCE))
    return [f"{start[1]}{number:0{len(start[2])}d}" for number in numbers]


def _need_new(market: Market, name: str, codes: list[str]) -> None:
    if taken := queries.taken_codes(market, codes):
        words = _l("%(code)s 已经有了，连它一共 %(number)s 个编号重复。", code=taken[0], number=len(taken))
        raise Mistake(name, words if len(taken) > 1 else _l("%(code)s 已经有了。", code=taken[0]))


def _add(market: Market, own_code: str, facts: StallFacts, actor: Actor) -> Stall:
    demand(actor, May.KEEP_STALLS, market)
    need_open(market)
    stall = Stall(
        market_id=market.id,
        zone_id=_zone_id(market, facts.zone),
        code=own_code,
        sort_key=natural_key(own_code),
        area_m2=square_metres("area_m2", facts.area_m2, LARGEST_STALL_M2),
        trade_codes=known_trades(facts.trade_codes),
        has_gas=facts.has_gas,
    ).stands_in(market)
    STALL.perform("add_stall", stall, actor)
    return stall


def edit_stall(market: Market, stall: Stall, facts: StallFacts, version: int, actor: Actor) -> None:
    """Write down what is so now about a stall.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_STALLS, stall)
    need_open(market)
    need_version(stall, version)
    own_code, before = code("code", facts.code), stall.code
    if own_code != before:
        _need_new(market, "code", [own_code])
    stall.code, stall.sort_key = own_code, natural_key(own_code)
    stall.zone_id = _zone_id(market, facts.zone)
    stall.area_m2 = square_metres("area_m2", facts.area_m2, LARGEST_STALL_M2)
    stall.trade_codes = known_trades(facts.trade_codes)
    stall.has_gas = facts.has_gas
    journal.write(stall, actor, "edit_stall", before=before)
    db.session.flush()


def suspend_stall(stall: Stall, note: str, actor: Actor) -> None:
    """The vendor stays and does not trade.  Raises NotAllowed, TooLate, Mistake("note")."""
    _change("suspend_stall", stall, note, actor)


def renovate_stall(stall: Stall, note: str, actor: Actor) -> None:
    """The stall is being rebuilt.  Raises NotAllowed, TooLate, Mistake("note")."""
    _change("renovate_stall", stall, note, actor)


def seal_stall(stall: Stall, note: str, actor: Actor) -> None:
    """Nobody may use the stall.  Raises NotAllowed, TooLate, Mistake("note")."""
    _change("seal_stall", stall, note, actor)


def resume_stall(stall: Stall, note: str, actor: Actor) -> None:
    """The vendor trades again.  Raises NotAllowed, TooLate, Mistake("note")."""
    _change("resume_stall", stall, note, actor)


def close_stall(stall: Stall, note: str, actor: Actor) -> None:
    """The stall is done away with; its code and its history stay.  Raises NotAllowed, TooLate, Mistake."""
    _change("close_stall", stall, note, actor)


def _change(verb: str, stall: Stall, note: str, actor: Actor) -> None:
    STALL.perform(verb, stall, actor, text("note", note, 0, 200))


def _zone_id(market: Market, zone: Zone | None) -> int | None:
    if zone is not None and zone.market_id != market.id:
        raise Mistake("zone", _l("这个区不在这个市场里。"))
    return zone.id if zone is not None else None


def known_trades(codes: Iterable[str]) -> list[str]:
    """The codes in the order of the list; raises Mistake("trade_codes") for one that is no trade."""
    wanted = set(codes)
    known = [trade.code for trade in queries.find_trades(wanted)]
    if len(known) != len(wanted):
        raise Mistake("trade_codes", _l("有一个经营类别已经不在清单里，请重新选。"))
    return known
