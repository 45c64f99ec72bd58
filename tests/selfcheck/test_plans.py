"""A market's plan: arranged but never emptied; closed days said before they begin; one act of a town for all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.selfcheck.models import ClosedDay, Closure, ExcuseKind, NotApplicable, PlanLine, Slot
from portal.selfcheck.operations import plans
from portal.selfcheck.operations.plans import LineFacts
from portal.selfcheck.queries import plans as queries
from portal.selfcheck.queries.plans import ClosedTimes, due_days
from portal.selfcheck.workflow import CheckState
from portal.territory.models import Area
from tests.people import EAST_COMMUNITY, Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY, checks, make, open_checks
from tests.shelves import Shelf

TODAY = MONDAY.date()
OPENING = LineFacts(Slot.OPENING, time(5), 90)
PATROL = LineFacts(Slot.PATROL, time(6), 60, rounds=4, every_minutes=90)


def day(number: int) -> date:
    return date(2026, 10, number)


@pytest.fixture(autouse=True)
def planned(cast: Cast, shelf: Shelf) -> Iterator[None]:
    shelf.grow("planned", lambda: rules.load_and_plan(cast))
    with clock.at(MONDAY):
        yield


def line_of(cast: Cast, slot: Slot) -> PlanLine:
    return next(one for one in queries.lines_of(cast.market(), TODAY) if one.slot is slot)


def test_the_usual_plan_covers_every_slot_once(cast: Cast) -> None:
    with db.opened(cast.kuang.reach, writes=False):
        lines = queries.lines_of(cast.market(), TODAY)
    assert [line.slot for line in lines] == [slot for slot in Slot if slot is not Slot.EVENT]
    patrol = lines[1]
    assert (patrol.starts_at, patrol.rounds, patrol.every_minutes) == (time(6), 6, 120)


def test_a_market_takes_the_usual_plan_once(cast: Cast) -> None:
    with db.acting(cast.kuang), pytest.raises(TooLate):
        plans.default_plan(cast.market(), cast.kuang)


@pytest.mark.parametrize("who", ["mai", "fu", "gu", "zhen", "shi_ban"])
def test_only_the_manager_arranges_the_plan(cast: Cast, who: str) -> None:
    actor: Actor = getattr(cast, who)
    with db.acting(actor):
        market = cast.market()
        for deed in (
            lambda: plans.default_plan(market, actor),
            lambda: plans.add_line(market, OPENING, actor),
            lambda: plans.change_line(market, line_of(cast, Slot.OPENING), OPENING, actor),
            lambda: plans.end_line(market, line_of(cast, Slot.OPENING), actor),
            lambda: plans.set_not_applicable(market, "WM-03", "没有牛羊肉档", actor),
            lambda: plans.add_house_item(market, rules.HOUSE_ITEM, actor),
            lambda: plans.close_market_days(market, day(20), day(20), "每月清洁日", actor),
        ):
            with pytest.raises(NotAllowed):
                deed()


def test_another_companys_manager_does_not_even_find_the_line(cast: Cast) -> None:
    with db.opened(cast.kuang.reach, writes=False):
        market, line = cast.market(), line_of(cast, Slot.OPENING)
    with db.acting(cast.west_kuang):
        with pytest.raises(NotThere):
            queries.get_line(market, line.id)
        with pytest.raises(NotAllowed):
            plans.change_line(market, line, OPENING, cast.west_kuang)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("slot", LineFacts(Slot.EVENT, time(5), 90)),
        ("minutes", replace(OPENING, minutes=5)),
        ("grace_minutes", replace(OPENING, grace_minutes=1_000)),
        ("every_minutes", replace(PATROL, every_minutes=180)),
        ("every_minutes", replace(PATROL, minutes=100)),
        ("rounds", replace(PATROL, rounds=0)),
        ("rounds", LineFacts(Slot.WEEKLY, time(9), 60, rounds=2, every_minutes=60, weekdays=(1,))),
        ("weekdays", LineFacts(Slot.WEEKLY, time(9), 540)),
        ("weekdays", replace(OPENING, weekdays=(8,))),
        ("day_of_month", LineFacts(Slot.MONTHLY, time(9), 540)),
        ("day_of_month", LineFacts(Slot.MONTHLY, time(9), 540, day_of_month=32)),
        ("month", LineFacts(Slot.QUARTERLY, time(9), 540, day_of_month=1, month=4)),
        ("month", LineFacts(Slot.YEARLY, time(9), 540, day_of_month=1)),
    ],
)
def test_a_line_that_cannot_be_kept_is_told_beside_its_field(
    cast: Cast, field: str, facts: LineFacts
) -> None:
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        plans.add_line(cast.market(), facts, cast.kuang)
    assert told.value.field == field


def test_a_slot_is_never_left_without_a_line(cast: Cast) -> None:
    with db.acting(cast.kuang):
        market, line = cast.market(), line_of(cast, Slot.OPENING)
        with pytest.raises(Mistake):
            plans.end_line(market, line, cast.kuang)
        with pytest.raises(Mistake):
            plans.change_line(market, line, replace(OPENING, weekdays=(1, 2, 3, 4, 5)), cast.kuang)


def test_weekdays_and_weekends_may_have_lines_of_their_own(cast: Cast) -> None:
    with db.acting(cast.kuang):
        market = cast.market()
        plans.add_line(market, replace(OPENING, starts_at=time(6), weekdays=(6, 7)), cast.kuang)
        weekdays = replace(OPENING, weekdays=(1, 2, 3, 4, 5))
        plans.change_line(market, line_of(cast, Slot.OPENING), weekdays, cast.kuang)
    rules.run_errands()
    made = [(one.service_day.isoweekday() > 5, clock.local(one.opens_at).hour) for one in open_checks(
        cast, slot=Slot.OPENING
    )]  # fmt: skip
    assert set(made) == {(False, 5), (True, 6)}
    assert len(made) == 14


def test_a_line_changed_today_holds_from_tomorrow(cast: Cast) -> None:
    with db.acting(cast.kuang):
        line = line_of(cast, Slot.CLOSING)
        new = plans.change_line(cast.market(), line, replace(OPENING, slot=Slot.CLOSING), cast.kuang)
        assert (line.to_on, new.from_on) == (TODAY, day(13))
        with pytest.raises(TooLate):
            plans.end_line(cast.market(), line, cast.kuang)
        with pytest.raises(Mistake):
            plans.change_line(cast.market(), new, PATROL, cast.kuang)
    rules.run_errands()
    assert len(open_checks(cast, slot=Slot.CLOSING, service_day=TODAY)) == 1


def test_an_ended_line_takes_its_checks_with_it(cast: Cast) -> None:
    with db.acting(cast.kuang):
        extra = plans.add_line(cast.market(), replace(OPENING, starts_at=time(14)), cast.kuang)
    rules.run_errands()
    with db.acting(cast.kuang) as session:
        plans.end_line(cast.market(), session.get_one(PlanLine, extra.id), cast.kuang)
    rules.run_errands()
    left = open_checks(cast, plan_line_id=extra.id)
    assert [one.service_day for one in left] == [TODAY]
    assert len(checks(cast, plan_line_id=extra.id, excuse_kind=ExcuseKind.PLAN)) == 14


def of(**facts: Any) -> PlanLine:
    return PlanLine(from_on=date(2026, 1, 1), weekdays=[], **facts)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (of(slot=Slot.WEEKLY) , [day(n) for n in range(1, 32)]),
        (of(slot=Slot.MONTHLY, day_of_month=31), [day(31)]),
        (of(slot=Slot.MONTHLY, day_of_month=10), [day(10)]),
        (of(slot=Slot.QUARTERLY, day_of_month=15, month=1), [day(15)]),
        (of(slot=Slot.QUARTERLY, day_of_month=15, month=2), []),
        (of(slot=Slot.YEARLY, day_of_month=15, month=10), [day(15)]),
        (of(slot=Slot.YEARLY, day_of_month=15, month=11), []),
    ],
)  # fmt: skip
def test_rare_lines_fall_on_their_days(line: PlanLine, expected: list[date]) -> None:
    assert due_days(line, day(1), day(31), ClosedTimes()) == expected


def test_the_last_of_a_short_month_stands_in_for_the_thirty_first() -> None:
    line = of(slot=Slot.MONTHLY, day_of_month=31)
    assert due_days(line, date(2026, 2, 1), date(2026, 2, 28), ClosedTimes()) == [date(2026, 2, 28)]


def test_a_closed_day_drops_a_daily_check_and_puts_a_rare_one_off() -> None:
    closed = ClosedTimes(((day(10), day(12), "清洁日"),))
    assert due_days(of(slot=Slot.MONTHLY, day_of_month=10), day(1), day(31), closed) == [day(13)]
    assert day(11) not in due_days(of(slot=Slot.DAILY), day(1), day(31), closed)


def test_closed_days_are_said_before_they_begin(cast: Cast) -> None:
    with db.acting(cast.kuang):
        market = cast.market()
        for first, last, field in ((TODAY, day(14), "from_on"), (day(15), day(14), "to_on")):
            with pytest.raises(Mistake) as told:
                plans.close_market_days(market, first, last, "每月清洁日", cast.kuang)
            assert told.value.field == field
        with pytest.raises(Mistake):
            plans.close_market_days(market, day(20), date(2027, 10, 20), "重建", cast.kuang)
        plans.close_market_days(market, day(20), day(21), "每月清洁日", cast.kuang)
        with pytest.raises(Mistake):
            plans.close_market_days(market, day(21), day(22), "每月清洁日", cast.kuang)


def test_nobody_owes_a_check_on_a_closed_day_and_its_weekly_one_is_put_off(cast: Cast) -> None:
    with db.acting(cast.kuang):
        plans.close_market_days(cast.market(), day(16), day(16), "每月清洁日", cast.kuang)
    rules.run_errands()
    assert open_checks(cast, service_day=day(16)) == []
    excused = checks(cast, service_day=day(16), excuse_kind=ExcuseKind.CLOSED)
    assert {one.excuse_reason for one in excused} == {"每月清洁日"}
    assert [one.service_day for one in open_checks(cast, slot=Slot.WEEKLY)] == [day(17), day(23)]


def test_closed_days_taken_back_bring_their_checks_back(cast: Cast) -> None:
    with db.acting(cast.kuang):
        closed_id = plans.close_market_days(cast.market(), day(16), day(17), "每月清洁日", cast.kuang).id
    rules.run_errands()
    with db.acting(cast.kuang) as session:
        plans.withdraw_closed_days(cast.market(), session.get_one(ClosedDay, closed_id), cast.kuang)
        with pytest.raises(TooLate):
            plans.withdraw_closed_days(cast.market(), session.get_one(ClosedDay, closed_id), cast.kuang)
    rules.run_errands()
    assert rules.parked() == []
    assert len(open_checks(cast, service_day=day(17))) == len(open_checks(cast, service_day=day(15)))
    assert [one.service_day for one in open_checks(cast, slot=Slot.WEEKLY)] == [day(16), day(23)]
    assert checks(cast, state=CheckState.EXCUSED, excuse_kind=ExcuseKind.CLOSED) == []


def test_days_said_before_they_were_made_are_simply_not_made(cast: Cast) -> None:
    with db.acting(cast.kuang):
        plans.close_market_days(cast.market(), date(2026, 11, 2), date(2026, 11, 2), "每月清洁日", cast.kuang)
    make(cast, datetime(2026, 10, 25, 2))
    assert checks(cast, service_day=date(2026, 11, 2)) == []
    assert len(checks(cast, service_day=date(2026, 11, 3))) > 5


def test_a_closure_that_has_begun_ends_with_today(cast: Cast) -> None:
    with db.acting(cast.kuang):
        closed_id = plans.close_market_days(cast.market(), day(14), day(18), "每月清洁日", cast.kuang).id
    with clock.at(MONDAY + timedelta(days=3)), db.acting(cast.kuang) as session:
        closed = session.get_one(ClosedDay, closed_id)
        plans.withdraw_closed_days(cast.market(), closed, cast.kuang)
        assert closed.to_on == day(15)


def town(cast: Cast) -> Area:
    return rules.town(cast)


def test_one_act_of_a_town_closes_all_its_markets_and_no_others(cast: Cast) -> None:
    rules.make(cast, MONDAY, cast.west)
    with db.acting(cast.zhen):
        plans.close_town(town(cast), TODAY, day(14), "台风红色预警", cast.zhen)
    rules.run_errands()
    assert rules.parked() == []
    assert [one for one in open_checks(cast) if one.service_day <= day(14)] == []
    assert {one.excuse_reason for one in checks(cast, excuse_kind=ExcuseKind.CLOSED)} == {"台风红色预警"}
    with db.opened(cast.west_kuang.reach, writes=False):
        assert queries.closed_times(cast.market(cast.west), TODAY).reason_on(day(14)) is None


def test_what_was_missed_before_the_town_closed_stays_missed(cast: Cast) -> None:
    late = datetime(2026, 10, 13, 12)
    with clock.at(late):
        with db.acting(cast.zhen):
            plans.close_town(town(cast), day(13), day(14), "台风红色预警", cast.zhen)
        rules.run_errands()
        opening = checks(cast, slot=Slot.OPENING, service_day=day(13))[0]
        assert (opening.state, opening.is_missed(clock.now())) == (CheckState.DUE, True)


def test_a_lifted_closure_lets_the_markets_trade_from_tomorrow(cast: Cast) -> None:
    with db.acting(cast.zhen):
        closure_id = plans.close_town(town(cast), day(13), day(16), "台风红色预警", cast.zhen).id
    rules.run_errands()
    with clock.at(MONDAY + timedelta(days=1)):
        with db.acting(cast.zhen) as session:
            plans.lift_closure(session.get_one(Closure, closure_id), cast.zhen)
            with pytest.raises(TooLate):
                plans.lift_closure(session.get_one(Closure, closure_id), cast.zhen)
        rules.run_errands()
    assert rules.parked() == []
    assert open_checks(cast, service_day=day(13)) == []
    assert [len(open_checks(cast, service_day=day(n))) for n in (14, 15)] == [9, 9]
    assert len(open_checks(cast, service_day=day(16))) == 10


def test_a_closure_lifted_before_it_began_never_was(cast: Cast) -> None:
    before = len(open_checks(cast))
    with db.acting(cast.zhen):
        plans.lift_closure(
            plans.close_town(town(cast), day(14), day(16), "台风红色预警", cast.zhen), cast.zhen
        )
    rules.run_errands()
    assert len(open_checks(cast)) == before


def test_a_town_may_close_one_community(cast: Cast) -> None:
    with db.acting(cast.zhen) as session:
        plans.close_town(session.get_one(Area, EAST_COMMUNITY), day(14), day(14), "内涝抢险", cast.zhen)
    rules.run_errands()
    assert open_checks(cast, service_day=day(14)) == []


@pytest.mark.parametrize("who", ["west_zhen", "qu", "kuang", "shi_ban"])
def test_only_a_towns_own_dispatcher_closes_it_and_lifts_it(cast: Cast, who: str) -> None:
    with db.acting(cast.zhen):
        closure_id = plans.close_town(town(cast), day(14), day(14), "台风红色预警", cast.zhen).id
    actor: Actor = getattr(cast, who)
    with db.acting(actor) as session:
        with pytest.raises(NotAllowed):
            plans.close_town(town(cast), day(14), day(14), "台风红色预警", actor)
        with pytest.raises(NotAllowed):
            plans.lift_closure(session.get_one(Closure, closure_id), actor)


@pytest.mark.parametrize(
    ("first", "last", "reason", "field"),
    [
        (day(11), day(12), "台风", "from_on"),
        (day(14), day(13), "台风", "to_on"),
        (day(14), day(14), " ", "reason"),
    ],
)
def test_a_closure_says_when_and_why(cast: Cast, first: date, last: date, reason: str, field: str) -> None:
    with db.acting(cast.zhen), pytest.raises(Mistake) as told:
        plans.close_town(town(cast), first, last, reason, cast.zhen)
    assert told.value.field == field


def test_an_official_item_is_left_out_only_with_a_reason(cast: Cast) -> None:
    with db.acting(cast.kuang):
        market = cast.market()
        for code, reason, field in (
            ("C-05", " ", "reason"),
            ("BM-01", "本市场不卖油漆", "item_code"),
            ("H-01", "自加的", "item_code"),
        ):
            with pytest.raises(Mistake) as told:
                plans.set_not_applicable(market, code, reason, cast.kuang)
            assert told.value.field == field
        plans.set_not_applicable(market, "C-05", "单层建筑，没有室内消火栓", cast.kuang)
        with pytest.raises(Mistake):
            plans.set_not_applicable(market, "C-05", "单层建筑，没有室内消火栓", cast.kuang)


def test_an_item_is_lifted_once(cast: Cast) -> None:
    with db.acting(cast.kuang) as session:
        market = cast.market()
        plans.set_not_applicable(market, "C-05", "单层建筑，没有室内消火栓", cast.kuang)
        row = session.scalars(sa.select(NotApplicable)).one()
        plans.lift_not_applicable(market, row, cast.kuang)
        with pytest.raises(TooLate):
            plans.lift_not_applicable(market, row, cast.kuang)
        assert queries.not_applicable_of(market, TODAY) == []


def test_a_companys_own_item_says_what_it_is_for(cast: Cast) -> None:
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        plans.add_house_item(cast.market(), {**rules.HOUSE_ITEM, "basis": ""}, cast.kuang)
    assert told.value.field == "basis"


def test_every_deed_on_a_plan_is_in_the_journal(cast: Cast) -> None:
    with db.acting(cast.kuang) as session:
        market = cast.market()
        line = plans.change_line(market, line_of(cast, Slot.OPENING), OPENING, cast.kuang)
        closed = plans.close_market_days(market, day(20), day(20), "每月清洁日", cast.kuang)
        row = plans.set_not_applicable(market, "C-05", "单层建筑，没有室内消火栓", cast.kuang)
        item = plans.add_house_item(market, rules.HOUSE_ITEM, cast.kuang)
        session.flush()
        assert [journal.of(one)[0].verb for one in (market, line, closed, row, item)] == [
            "plan", "change_line", "close_market_days", "set_not_applicable", "add_house_item",
        ]  # fmt: skip
