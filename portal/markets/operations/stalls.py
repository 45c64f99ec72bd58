"""Stalls: added one by one or a whole row, described, taken out of use."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, Stall, Trade, Zone, natural_key
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

Known = Callable[[Iterable[str]], list[str]]
"""Puts codes of trades into their order; raises Mistake("trade_codes") for one that is none."""


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
    stall = _new(market, own_code, facts, known_trades)
    STALL.perform("add_stall", stall, actor)
    return stall


def add_listed_stalls(market: Market, listed: Sequence[StallFacts], actor: Actor) -> None:
    """Add the stalls of a whole list by few statements: all of them, or none.  Raises as ``add_stall`` does."""
    demand(actor, May.KEEP_STALLS, market)
    need_open(market)
    codes = [code("code", facts.code) for facts in listed]
    _need_new(market, "code", codes)
    known = trades_among(queries.trades())
    stalls = [_new(market, own, facts, known) for own, facts in zip(codes, listed, strict=True)]
    STALL.perform_each("add_stall", stalls, actor)


def edit_listed_stalls(market: Market, listed: Sequence[tuple[Stall, StallFacts, int]], actor: Actor) -> None:
    """Write down what is so now about many stalls, which may take over one another's codes.

    Each comes with the version it was read in.  Raises as ``edit_stall`` does; nothing is then written.
    """
    demand(actor, May.KEEP_STALLS, market)
    need_open(market)
    moved = {stall.id for stall, facts, _ in listed if facts.code != stall.code}
    coming = [code("code", facts.code) for stall, facts, _ in listed if stall.id in moved]
    freed = {stall.code for stall, _, _ in listed if stall.id in moved}
    _need_new(market, "code", [own for own in coming if own not in freed])
    before = {stall.id: stall.code for stall, _, _ in listed}
    known = trades_among(queries.trades())
    for stall, _, version in listed:
        need_version(stall, version)
        if stall.id in moved:
            stall.code = f"~{stall.id}"  # out of the way, for the one that takes its code
    db.session.flush()
    for stall, facts, _ in listed:
        _write(market, stall, code("code", facts.code), facts, known)
        journal.write(stall, actor, "edit_stall", before=before[stall.id])
    db.session.flush()


def _new(market: Market, own_code: str, facts: StallFacts, known: Known) -> Stall:
    stall = Stall(market_id=market.id).stands_in(market)
    _write(market, stall, own_code, facts, known)
    return stall


def _write(market: Market, stall: Stall, own_code: str, facts: StallFacts, known: Known) -> None:
    stall.code, stall.sort_key = own_code, natural_key(own_code)
    stall.zone_id = _zone_id(market, facts.zone)
    for name, rule in rules(facts, known).items():
        setattr(stall, name, rule())


def rules(facts: StallFacts, known: Known) -> dict[str, Callable[[], Any]]:
    """What is written down besides the code, by field; each raises its own Mistake, so that a list hears them all."""
    return {
        "area_m2": lambda: square_metres("area_m2", facts.area_m2, LARGEST_STALL_M2),
        "trade_codes": lambda: known(facts.trade_codes),
        "has_gas": lambda: facts.has_gas,
    }


def edit_stall(market: Market, stall: Stall, facts: StallFacts, version: int, actor: Actor) -> None:
    """Write down what is so now about a stall.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_STALLS, stall)
    need_open(market)
    need_version(stall, version)
    own_code, before = code("code", facts.code), stall.code
    if own_code != before:
        _need_new(market, "code", [own_code])
    _write(market, stall, own_code, facts, known_trades)
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
    return trades_among(queries.find_trades(wanted))(wanted)


def trades_among(trades: Sequence[Trade]) -> Known:
    """The same for many: it looks among trades that were read once."""
    order = [trade.code for trade in trades]

    def known(codes: Iterable[str]) -> list[str]:
        wanted = set(codes)
        if not wanted <= set(order):
            raise Mistake("trade_codes", _l("有一个经营类别已经不在清单里，请重新选。"))
        return [one for one in order if one in wanted]

    return known
