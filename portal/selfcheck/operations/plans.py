"""What can be done with a market's plan: lines, what does not apply, its own items, closed days, a town's closure.

A plan may be arranged, not emptied: every slot stays covered on every day of the week.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, errands, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.core.reach import Owned, Reach, Sight
from portal.markets.models import Market
from portal.markets.workflow import MarketState
from portal.selfcheck import tasks
from portal.selfcheck.models import ClosedDay, Closure, HouseItem, NotApplicable, PlanLine, Slot
from portal.selfcheck.notices import LetOff
from portal.selfcheck.operations.items import checked
from portal.selfcheck.operations.planlines import (
    EVERY_WEEKDAY,
    LineFacts,
    check_line,
    day_shift,
    usual_lines,
)
from portal.selfcheck.policy import May
from portal.selfcheck.queries import plans, sheets
from portal.selfcheck.queries.plans import DAILY_SLOTS, ONE_DAY
from portal.territory.models import Area

LONGEST_CLOSED = 180
"""Days closed in one go."""
REFRESH = "selfcheck.refresh"
MOST_LINES = 40
MOST_HOUSE_ITEMS = 40


def default_plan(market: Market, actor: Actor) -> list[PlanLine]:
    """Give a market without a plan the usual one, by its hours: who never planned is not thereby free of duties.

    Raises NotAllowed, TooLate (it has a plan).
    """
    demand(actor, May.PLAN, market)
    if plans.has_plan(market):
        raise TooLate(_l("这个市场已经有检查计划，请在计划里改。"))
    lines = [_line(market, facts, clock.today(), actor) for facts in usual_lines(market)]
    db.session.add_all(lines)
    journal.write(market, actor, "plan", lines=len(lines))
    _keep_in_step(market, f"plan-{lines[0].id}")
    return lines


def _line(market: Market, facts: LineFacts, from_on: date, actor: Actor) -> PlanLine:
    return PlanLine(
        market_id=market.id,
        slot=facts.slot,
        starts_at=facts.starts_at,
        day_shift=day_shift(market, facts.slot, facts.starts_at),
        minutes=facts.minutes,
        rounds=facts.rounds,
        every_minutes=facts.every_minutes if facts.rounds > 1 else 0,
        weekdays=sorted(set(facts.weekdays)),
        day_of_month=facts.day_of_month,
        month=facts.month,
        grace_minutes=facts.grace_minutes,
        from_on=from_on,
        set_by_id=actor.person_id,
    ).stands_in(market)


def add_line(market: Market, facts: LineFacts, actor: Actor) -> PlanLine:
    """Add a line to the plan, from today on.  Raises NotAllowed, Mistake(field)."""
    demand(actor, May.PLAN, market)
    check_line(facts)
    if len(plans.lines_of(market, clock.today())) >= MOST_LINES:
        raise Mistake("slot", _l("计划里的行已经太多，先停掉一行再加。"))
    line = _line(market, facts, clock.today(), actor)
    db.session.add(line)
    journal.write(line, actor, "add_line")
    _keep_in_step(market, f"line-{line.id}")
    return line


def change_line(market: Market, line: PlanLine, facts: LineFacts, actor: Actor) -> PlanLine:
    """Put another line in the place of one, from tomorrow on; the slot stays.

    Checks nobody has begun are excused (计划已改) and made anew.  Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.PLAN, line)
    _need_running(line)
    if facts.slot is not line.slot:
        raise Mistake("slot", _l("改时间可以，改成另一种检查不行；请另加一行。"))
    check_line(facts)
    new = _line(market, facts, max(clock.today() + ONE_DAY, line.from_on), actor)
    _need_cover(market, line, new)
    line.to_on = new.from_on - ONE_DAY
    db.session.add(new)
    journal.write(new, actor, "change_line", replaces=line.id)
    _keep_in_step(market, f"line-{new.id}")
    return new


def end_line(market: Market, line: PlanLine, actor: Actor) -> None:
    """Take a line out of the plan from tomorrow on.

    Raises NotAllowed, TooLate, Mistake("slot") where its slot would be left without a line on some weekday.
    """
    demand(actor, May.PLAN, line)
    _need_running(line)
    _need_cover(market, line, None)
    line.to_on = max(clock.today(), line.from_on - ONE_DAY)
    journal.write(line, actor, "end_line")
    _keep_in_step(market, f"line-end-{line.id}")


def _need_running(line: PlanLine) -> None:
    if line.slot is Slot.EVENT or (line.to_on is not None and line.to_on <= clock.today()):
        raise TooLate(_l("这一行已经停了。"))


def _need_cover(market: Market, gone: PlanLine, new: PlanLine | None) -> None:
    """The slot keeps a line: a daily one on every weekday, a rarer one at all."""
    tomorrow = clock.today() + ONE_DAY
    others = [
        one
        for one in plans.lines_of(market, tomorrow)
        if one.slot is gone.slot and one.id != gone.id and one.to_on is None
    ]
    left = [*others, new] if new is not None else others
    covered = {day for one in left for day in (one.weekdays or EVERY_WEEKDAY)}
    if not left or (gone.slot in DAILY_SLOTS and covered != EVERY_WEEKDAY):
        raise Mistake("slot", _l("这一种检查不能一天都不排：每天的检查星期一到星期日都要有。"))


def set_not_applicable(market: Market, item_code: str, reason: str, actor: Actor) -> NotApplicable:
    """Say once, with the reason, that an official item does not apply in this market.

    The only way an official item is left out; the reason stands on every sheet.  Raises NotAllowed, Mistake(field).
    """
    demand(actor, May.PLAN, market)
    words, today = _reason(reason), clock.today()
    items, left_out = sheets.official_items(market, today), plans.not_applicable_of(market, today)
    if item_code not in {item["code"] for item in items}:
        raise Mistake("item_code", _l("这个市场的清单里没有这一项。"))
    if any(one.item_code == item_code for one in left_out):
        raise Mistake("item_code", _l("这一项已经设为不适用。"))
    _need_rest(items, {item_code, *(one.item_code for one in left_out)})
    row = NotApplicable(
        company_id=market.company_id,
        market_id=market.id,
        item_code=item_code,
        reason=words,
        from_on=today,
        set_by_id=actor.person_id,
        set_by_name=actor.name,
    )
    journal.write(row, actor, "set_not_applicable", words, item=item_code)
    tasks.tell_let_off_later(row, LetOff.ITEM, f"{item_code} {words}", actor, f"/markets/{market.id}")
    _keep_in_step(market, f"not-applicable-{row.id}")
    return row


def _need_rest(items: list[dict[str, Any]], left_out: set[str]) -> None:
    """A slot without a single item left would be a check of nothing."""
    for slot in set(Slot) - {Slot.EVENT}:
        codes = {item["code"] for item in items if slot in item["slots"]}
        if codes and codes <= left_out:
            raise Mistake("item_code", _l("“%(slot)s”只剩这一项了，不能再设为不适用。", slot=slot.label))


def lift_not_applicable(market: Market, row: NotApplicable, actor: Actor) -> None:
    """The item applies again, from today.  Raises NotAllowed, TooLate."""
    demand(actor, May.PLAN, row)
    _end(row)
    journal.write(row, actor, "lift_not_applicable", item=row.item_code)
    _keep_in_step(market, f"applicable-{row.id}")


def add_house_item(market: Market, facts: Mapping[str, Any], actor: Actor) -> HouseItem:
    """Add an item of the company's own: it adds to the official ones and never replaces one.

    ``facts`` are those of an item; ``basis`` says which concern of the company it serves.  Raises NotAllowed,
    Mistake(field).
    """
    demand(actor, May.PLAN, market)
    written = checked(facts)
    if not written.get("basis"):
        raise Mistake("basis", _l("请写这一项是为了什么，一句话就行。"))
    number = plans.count_house_items(market) + 1
    if len(plans.house_items_of(market, clock.today())) >= MOST_HOUSE_ITEMS:
        raise Mistake("title", _l("自加的事项最多 40 项，先停掉一项再加。"))
    item = HouseItem(
        **written,
        company_id=market.company_id,
        market_id=market.id,
        code=f"H-{number:02d}",
        position=number,
        set_by_id=actor.person_id,
    )
    journal.write(item, actor, "add_house_item")
    _keep_in_step(market, f"house-item-{item.id}")
    return item


def end_house_item(market: Market, item: HouseItem, actor: Actor) -> None:
    """Stop asking for an item of the company's own, from today.  Raises NotAllowed, TooLate."""
    demand(actor, May.PLAN, item)
    _end(item)
    journal.write(item, actor, "end_house_item")
    _keep_in_step(market, f"house-item-end-{item.id}")


def _end(row: NotApplicable | HouseItem) -> None:
    if row.ended_on is not None:
        raise TooLate(_l("这一项已经停了。"))
    row.ended_on = clock.today()


def _reason(reason: str) -> str:
    words = reason.strip()
    if not 2 <= len(words) <= 200:
        raise Mistake("reason", _l("请写明原因，2 到 200 个字。"))
    return words


def close_market_days(market: Market, from_on: date, to_on: date, reason: str, actor: Actor) -> ClosedDay:
    """Say before they begin that the market is closed on some days.  Raises NotAllowed, Mistake(field)."""
    demand(actor, May.PLAN, market)
    if from_on <= clock.today():
        raise Mistake("from_on", _l("休市要在开始前一天或更早说。"))
    _check_span(from_on, to_on)
    if any(one.from_on <= to_on and from_on <= one.to_on for one in plans.closed_days_of(market, from_on)):
        raise Mistake("from_on", _l("这几天里有的已经说过休市。"))
    closed = ClosedDay(
        market_id=market.id, from_on=from_on, to_on=to_on, reason=_reason(reason), set_by_id=actor.person_id
    ).stands_in(market)
    journal.write(closed, actor, "close_market_days", closed.reason)
    tasks.tell_let_off_later(closed, LetOff.DAYS, closed.reason, actor, f"/markets/{market.id}")
    _keep_in_step(market, f"closed-{closed.id}")
    return closed


def withdraw_closed_days(market: Market, closed: ClosedDay, actor: Actor) -> None:
    """The market trades after all: on all the days, or from tomorrow on where they have begun.

    Raises NotAllowed, TooLate.
    """
    demand(actor, May.PLAN, closed)
    today = clock.today()
    if closed.withdrawn_at is not None or closed.to_on <= today:
        raise TooLate(_l("这次休市已经结束或撤回。"))
    if closed.from_on > today:
        closed.withdrawn_at = clock.now()
    else:
        closed.to_on = today
    journal.write(closed, actor, "withdraw_closed_days")
    _keep_in_step(market, f"open-{closed.id}-{today}")


def close_town(area: Area, from_on: date, to_on: date, reason: str, actor: Actor) -> Closure:
    """One act of a town for all its markets, or for those of one community (a typhoon), from today at the earliest.

    Each market's checks are excused by an errand of its own.  Raises NotAllowed, Mistake(field).
    """
    demand(actor, May.CLOSE_TOWN, area)
    if from_on < clock.today():
        raise Mistake("from_on", _l("不能从过去的日子开始。"))
    _check_span(from_on, to_on)
    closure = Closure(
        area_code=area.code,
        from_on=from_on,
        to_on=to_on,
        reason=_reason(reason),
        issuer_id=actor.organisation_id,
        issued_by_id=actor.person_id,
    )
    journal.write(closure, actor, "close_town", closure.reason)
    _keep_town_in_step(closure, "close")
    return closure


def lift_closure(closure: Closure, actor: Actor) -> None:
    """Let the markets trade again: from tomorrow, or at all where it has not begun.  Raises NotAllowed, TooLate."""
    demand(actor, May.CLOSE_TOWN, closure)
    if closure.lifted_at is not None or closure.to_on < clock.today():
        raise TooLate(_l("这次休市已经结束或解除。"))
    closure.lifted_at = clock.now()
    journal.write(closure, actor, "lift_closure")
    _keep_town_in_step(closure, "lift")


def _check_span(from_on: date, to_on: date) -> None:
    if to_on < from_on:
        raise Mistake("to_on", _l("结束的日子不能早于开始的日子。"))
    if to_on - from_on >= timedelta(days=LONGEST_CLOSED):
        raise Mistake("to_on", _l("一次最多休 180 天。"))


def _keep_town_in_step(closure: Closure, verb: str) -> None:
    column = Market.community_code if len(closure.area_code) > 9 else Market.town_code
    query = sa.select(Market).where(column == closure.area_code, Market.state == MarketState.OPEN)
    wanted = {
        f"closure-{verb}-{closure.id}-{market.id}": (_own_reach(market), {"market_id": market.id})
        for market in db.session.scalars(query)
    }
    errands.later_each(REFRESH, wanted)


def _keep_in_step(market: Owned, key: str) -> None:
    """Have the market's checks follow, in the company's own reach, when this deed is kept."""
    errands.later(REFRESH, key, reach=_own_reach(market), market_id=market.id)  # type: ignore[attr-defined]


def _own_reach(market: Owned) -> Reach:
    return Reach(Sight.COMPANY, str(market.company_id))
