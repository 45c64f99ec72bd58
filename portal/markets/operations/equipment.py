"""Equipment: entered, described, dated by its papers, taken out of use."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import (
    CheckPoint,
    Equipment,
    EquipmentKind,
    Market,
    Paper,
    PaperKind,
    Stall,
    Vendor,
    natural_key,
)
from portal.markets.operations import terms
from portal.markets.operations.facts import PaperFacts, code, need_open, need_version, text
from portal.markets.operations.papers import record_paper, renew_paper
from portal.markets.policy import May

EARLIEST = date(1949, 10, 1)


@dataclass(frozen=True)
class EquipmentFacts:
    """What is written down about a piece of equipment.

    ``checked_on`` and ``due_on`` (the last day) make its first paper; either alone will do where the other can be
    reckoned, and for an extinguisher the day it was made does.
    """

    kind: EquipmentKind
    code: str
    name: str = ""
    maker: str = ""
    model: str = ""
    place: str = ""
    point: CheckPoint | None = None
    stall: Stall | None = None
    vendor: Vendor | None = None
    """Whose it is; None for the market's own.  Never changed afterwards."""
    made_on: date | None = None
    note: str = ""
    checked_on: date | None = None
    due_on: date | None = None


def add_equipment(market: Market, facts: EquipmentFacts, actor: Actor) -> Equipment:
    """Enter a piece of equipment of the market or of one of its vendors, with its first date where one is known.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_EQUIPMENT, market)
    need_open(market)
    if facts.vendor is not None:
        _need_here(market, "vendor", facts.vendor)
        if facts.kind is EquipmentKind.FAIR_SCALE:
            raise Mistake("kind", _l("公平秤是市场的，不登记在商户名下。"))
    vendor_id = facts.vendor.id if facts.vendor else None
    equipment = Equipment(market_id=market.id, vendor_id=vendor_id, **_written(market, facts, None))
    db.session.add(equipment.stands_in(market))
    journal.write(equipment, actor, "add_equipment")
    is_known_by_age = facts.kind.paper_kind in terms.LIVES and facts.made_on is not None
    if facts.kind.paper_kind and (facts.checked_on or facts.due_on or is_known_by_age):
        given = PaperFacts(issued_on=facts.checked_on, expires_on=facts.due_on)
        date_equipment(equipment, given, actor)
    return equipment


def edit_equipment(equipment: Equipment, facts: EquipmentFacts, version: int, actor: Actor) -> None:
    """Write down what is so now; dates are kept by its papers, and whose it is stays.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_EQUIPMENT, equipment)
    market = _open_market(equipment)
    need_version(equipment, version)
    written = _written(market, facts, equipment)
    paper = queries.paper_of(equipment)
    if paper is not None and facts.kind.paper_kind != paper.kind_code:
        raise Mistake("kind", _l("已经登记过日期的设备不能换种类，请停用后重新登记。"))
    changed = [name for name in written if getattr(equipment, name) != written[name]]
    for name in changed:
        setattr(equipment, name, written[name])
    if paper is not None:
        paper.holder_name = equipment.called
    if changed:
        journal.write(equipment, actor, "edit_equipment", changed=changed)


def _written(market: Market, facts: EquipmentFacts, own: Equipment | None) -> dict[str, Any]:
    own_code = code("code", facts.code, 40)
    same = queries.find_equipment(market, own_code)
    if same is not None and same is not own:
        is_ended = same.ended_on is not None
        raise Mistake("code", _l("这个编号是停用了的设备的。") if is_ended else _l("这个编号已经有了。"))
    for name, thing in (("point", facts.point), ("stall", facts.stall)):
        _need_here(market, name, thing)
    return {
        "kind": facts.kind,
        "code": own_code,
        "sort_key": natural_key(own_code)[:120],
        "point_id": facts.point.id if facts.point else None,
        "stall_id": facts.stall.id if facts.stall else None,
        **{name: rule() for name, rule in rules(facts).items()},
    }


def rules(facts: EquipmentFacts) -> dict[str, Callable[[], Any]]:
    """What is written down besides code and place in the market, by field; each raises its own Mistake."""
    return {
        "name": lambda: text("name", facts.name, 0, 80),
        "maker": lambda: text("maker", facts.maker, 0, 80),
        "model": lambda: text("model", facts.model, 0, 80),
        "place": lambda: text("place", facts.place, 0, 120),
        "made_on": lambda: _past_day("made_on", facts.made_on),
        "note": lambda: text("note", facts.note, 0, 200),
    }


def _need_here(market: Market, name: str, thing: CheckPoint | Stall | Vendor | None) -> None:
    if thing is not None and thing.market_id != market.id:
        raise Mistake(name, _l("这个市场里没有它。"))


def _past_day(name: str, day: date | None) -> date | None:
    if day is not None and not EARLIEST <= day <= clock.today():
        raise Mistake(name, _l("日期不能晚于今天，也不能太早。"))
    return day


def date_equipment(equipment: Equipment, facts: PaperFacts, actor: Actor) -> Paper:
    """Enter its latest inspection, verification or maintenance; the one before stays as a record.

    The last day is reckoned where it is not given: by the kind of paper, and for an extinguisher by its age.
    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_EQUIPMENT, equipment)
    market = _open_market(equipment)
    if equipment.ended_on is not None:
        raise TooLate(_l("这台设备已经停用。"))
    kind = db.session.get(PaperKind, equipment.kind.paper_kind)
    if kind is None:
        raise TooLate(_l("这种设备没有到期日。"))
    db.session.flush()
    before = queries.paper_of(equipment)
    given = reckoned(equipment, kind, facts, before)
    if before is not None:
        return renew_paper(before, given, actor)
    owner = db.session.get_one(Vendor, equipment.vendor_id) if equipment.vendor_id else market
    return record_paper(owner, kind, given, actor, about=equipment)


def reckoned(equipment: Equipment, kind: PaperKind, facts: PaperFacts, before: Paper | None) -> PaperFacts:
    """The facts with the last day in them, where it can be known, and the holder's name."""
    made_on, issued_on = equipment.made_on, facts.issued_on
    given = replace(facts, holder_name=equipment.called)
    end = terms.scrapped_on(kind.code, made_on)
    if end is not None and before is not None and before.expires_on is not None and before.expires_on >= end:
        raise Mistake("issued_on", _l("到 %(day)s 满报废年限，请换新的，把它停用。", day=end))
    if facts.expires_on is not None or facts.is_long_term:
        return given
    if issued_on is None and before is None and kind.code in terms.LIVES:
        issued_on = made_on
    if issued_on is None:
        return given
    is_later = before is not None or (made_on is not None and issued_on > made_on)
    due = terms.last_day(kind, issued_on, made_on, is_later=is_later)
    return replace(given, issued_on=issued_on, expires_on=due)


def end_equipment(equipment: Equipment, on: date, note: str, actor: Actor) -> None:
    """Scrapped, sold or given back: it is warned of no more, and its papers stay.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_EQUIPMENT, equipment)
    if equipment.ended_on is not None:
        raise TooLate(_l("这台设备已经停用。"))
    reason = text("note", note, 0, 200)
    equipment.ended_on = _past_day("ended_on", on)
    journal.write(equipment, actor, "end_equipment", reason)


def resume_equipment(equipment: Equipment, actor: Actor) -> None:
    """It is used again after all.  Raises NotAllowed, TooLate."""
    demand(actor, May.KEEP_EQUIPMENT, equipment)
    _open_market(equipment)
    if equipment.ended_on is None:
        raise TooLate(_l("这台设备没有停用。"))
    equipment.ended_on = None
    journal.write(equipment, actor, "resume_equipment")


def leave_point(point: CheckPoint) -> None:
    """Nothing stands at this point any more."""
    statement = sa.update(Equipment).where(Equipment.point_id == point.id)
    db.session.execute(statement.values(point_id=None, version=Equipment.version + 1))


def _open_market(equipment: Equipment) -> Market:
    market = db.session.get_one(Market, equipment.market_id)
    need_open(market)
    return market
