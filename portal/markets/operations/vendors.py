"""Vendors: entered, described, moved into stalls and out of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import numbers, queries
from portal.markets.models import Market, Occupancy, Stall, Vendor
from portal.markets.operations import identity
from portal.markets.operations.facts import VendorFacts, need_open, need_version, number, text
from portal.markets.operations.stalls import Known, known_trades
from portal.markets.policy import May
from portal.markets.workflow import STALL

EARLIEST = date(1949, 10, 1)


def register_vendor(market: Market, facts: VendorFacts, actor: Actor) -> Vendor:
    """Open the file of a vendor (食品安全法 article 61 makes it the opener's duty).

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_VENDORS, market)
    need_open(market)
    vendor = Vendor(market_id=market.id, **_written(facts)).stands_in(market)
    own = identity_typed(facts, vendor)
    _need_new(market, vendor.uscc, None)
    journal.write(vendor, actor, "register_vendor")
    if own is not None:
        identity.seal(vendor, own)
    return vendor


def edit_vendor(vendor: Vendor, facts: VendorFacts, version: int, actor: Actor) -> None:
    """Write down what is so now.  An identity number left empty stays as it is.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    market = _market_of(vendor)
    need_open(market)
    need_version(vendor, version)
    if vendor.erased_on is not None:
        raise TooLate(_l("这家商户的资料已经按期清除。还在经营的，请先恢复经营。"))
    written = _written(facts)
    _need_new(market, written["uscc"], vendor)
    changed = [name for name in written if getattr(vendor, name) != written[name]]
    for name in changed:
        setattr(vendor, name, written[name])
    if keep_identity(vendor, facts):
        changed.append("identity")
    if changed:
        journal.write(vendor, actor, "edit_vendor", changed=changed)


def _written(facts: VendorFacts) -> dict[str, Any]:
    return {name: rule() for name, rule in rules(facts, known_trades).items()}


def rules(facts: VendorFacts, known: Known) -> dict[str, Callable[[], Any]]:
    """What is written down, by field; each raises its own Mistake, so that a list hears of all of them."""
    return {
        "kind": lambda: facts.kind,
        "name": lambda: text("name", facts.name, 1, 120),
        "keeper_name": lambda: text("keeper_name", facts.keeper_name, 1, 60),
        "phone": lambda: number("phone", numbers.judge_phone(facts.phone)),
        "uscc": lambda: _uscc(facts),
        "trade_codes": lambda: known(facts.trade_codes),
        "goods": lambda: text("goods", facts.goods, 0, 400),
        "started_on": lambda: past_day("started_on", facts.started_on or clock.today()),
    }


def _uscc(facts: VendorFacts) -> str | None:
    if facts.uscc.strip():
        return number("uscc", numbers.judge_uscc(facts.uscc))
    if facts.kind.needs_uscc:
        raise Mistake("uscc", _l("这一类商户要填统一社会信用代码；还没办执照的，主体类型选“执照待办”。"))
    return None


def identity_typed(facts: VendorFacts, vendor: Vendor) -> str | None:
    """The identity number that was typed, None for none: asked only while there is no credit code."""
    if vendor.uscc is not None:
        return None
    if facts.identity.strip():
        return number("identity", numbers.judge_identity(facts.identity, clock.today()))
    if vendor.id_sealed:
        return None
    raise Mistake("identity", _l("没有统一社会信用代码的，要填身份证号。"))


def keep_identity(vendor: Vendor, facts: VendorFacts) -> bool:
    """Seal what was typed, drop what a credit code makes needless; say whether anything changed."""
    own = identity_typed(facts, vendor)
    if vendor.uscc is not None:
        return identity.forget(vendor)
    if own is None or own == identity.number_of(vendor):
        return False
    identity.seal(vendor, own)
    return True


def _need_new(market: Market, uscc: str | None, own: Vendor | None) -> None:
    if uscc is None:
        return
    same = queries.find_vendor_by_uscc(market, uscc)
    if same is not None and same is not own:
        raise Mistake("uscc", _l("这个代码在本市场已经登记给“%(name)s”。", name=same.name))


def move_in(stall: Stall, vendor: Vendor, from_on: date, actor: Actor) -> Occupancy:
    """Let a vendor keep a vacant stall from a day on; a day before today may be entered later.

    Two at once meet on the stall's version and on the unique open occupancy.
    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    need_open(_market_of(stall))
    if vendor.market_id != stall.market_id:
        raise Mistake("vendor", _l("这家商户不在这个市场。"))
    if vendor.ended_on is not None:
        raise Mistake("vendor", _l("这家商户已经停止经营，请先恢复。"))
    past_day("from_on", from_on)
    before = queries.overlapping(stall, from_on)
    if before is not None and before.to_on is not None:
        raise Mistake("from_on", _l("上一家到 %(day)s 才离场，进场日期不能更早。", day=before.to_on))
    STALL.perform("move_in", stall, actor, vendor.name, occupancy_changed_at=clock.now())
    occupancy = Occupancy(
        market_id=stall.market_id,
        stall=stall,
        stall_code=stall.code,
        vendor=vendor,
        from_on=from_on,
    ).stands_in(stall)
    db.session.add(occupancy)
    if not stall.trade_codes:
        stall.trade_codes = list(vendor.trade_codes)
    journal.write(vendor, actor, "move_in", stall.code)
    db.session.flush()
    return occupancy


def move_out(stall: Stall, to_on: date, actor: Actor, note: str = "") -> Occupancy:
    """End the running occupancy; the next vendor may move in on ``to_on``.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    occupancy = queries.occupant_of(stall)
    if occupancy is None:
        raise TooLate(_l("这个档口现在没有商户。"))
    past_day("to_on", to_on)
    if to_on < occupancy.from_on:
        raise Mistake("to_on", _l("离场日期不能早于进场的 %(day)s。", day=occupancy.from_on))
    reason = text("note", note, 0, 200)
    STALL.perform("move_out", stall, actor, reason, occupancy_changed_at=clock.now())
    occupancy.to_on = to_on
    journal.write(occupancy.vendor, actor, "move_out", stall.code)
    db.session.flush()
    return occupancy


def end_vendor(vendor: Vendor, on: date, actor: Actor) -> None:
    """The vendor trades here no more; the file is kept for six months at least.

    Raises NotAllowed, TooLate (ended already, or a stall still kept), Mistake("ended_on").
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    if vendor.ended_on is not None:
        raise TooLate(_l("这家商户已经停止经营。"))
    if queries.occupancies_of([vendor], only_open=True)[vendor.id]:
        raise TooLate(_l("这家商户还有档口没有离场，请先办离场。"))
    if past_day("ended_on", on) < vendor.started_on:
        raise Mistake("ended_on", _l("停止经营的日期不能早于开始的日期。"))
    vendor.ended_on = on
    journal.write(vendor, actor, "end_vendor")


def resume_vendor(vendor: Vendor, actor: Actor) -> None:
    """A vendor who had left trades here again, under the same file; one that was erased is filled in anew.

    Raises NotAllowed, TooLate.
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    need_open(_market_of(vendor))
    if vendor.ended_on is None:
        raise TooLate(_l("这家商户没有停止经营。"))
    vendor.ended_on = vendor.erased_on = None
    journal.write(vendor, actor, "resume_vendor")


def _market_of(row: Stall | Vendor) -> Market:
    return db.session.get_one(Market, row.market_id)


def past_day(name: str, day: date) -> date:
    """A day that has come and is not too long ago; raises Mistake."""
    if not EARLIEST <= day <= clock.today():
        raise Mistake(name, _l("日期不能晚于今天，也不能太早。"))
    return day
