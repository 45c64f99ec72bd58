"""Checks are made ahead, once each; follow the plan until somebody begins them; and are missed by the clock alone."""

import time as stopwatch
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, errands, journal
from portal.core.actor import SYSTEM
from portal.core.errors import Mistake, NotAllowed, TooLate
from portal.core.reach import ReachRefused
from portal.markets import operations as markets
from portal.markets.models import MarketKind
from portal.selfcheck.models import ExcuseKind, Occurrence, Slot
from portal.selfcheck.operations import occurrences, plans
from portal.selfcheck.operations.plans import LineFacts
from portal.selfcheck.queries import plans as arranged
from portal.selfcheck.workflow import CHECK, CheckState
from tests.conftest import Count
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY, checks, make, of_slot, open_checks
from tests.shelves import Shelf

TODAY = MONDAY.date()


@pytest.fixture
def planned(cast: Cast, shelf: Shelf) -> None:
    shelf.grow("planned", lambda: rules.load_and_plan(cast))


def local(moment: datetime) -> str:
    return f"{clock.local(moment):%m-%d %H:%M}"


@pytest.mark.usefixtures("planned")
def test_two_weeks_are_made_ahead_and_today_only_what_can_still_be_walked(cast: Cast) -> None:
    assert rules.parked() == []
    opening = checks(cast, slot=Slot.OPENING)
    assert [one.service_day for one in opening] == list(rules.each_day(date(2026, 10, 13), 14))
    assert {local(one.opens_at)[6:] + "-" + local(one.due_at)[6:] for one in opening} == {"05:00-06:30"}
    patrols = checks(cast, slot=Slot.PATROL, service_day=TODAY)
    assert [local(one.opens_at)[6:] for one in patrols] == ["08:00", "10:00", "12:00", "14:00", "16:00"]
    assert [one.round_no for one in patrols] == [2, 3, 4, 5, 6]


@pytest.mark.usefixtures("planned")
def test_making_again_makes_nothing_twice(cast: Cast) -> None:
    before = {one.id for one in checks(cast)}
    assert make(cast, MONDAY) == 0
    assert make(cast, MONDAY + timedelta(hours=3)) == 0
    assert {one.id for one in checks(cast)} == before


@pytest.mark.usefixtures("planned")
def test_asking_for_fewer_days_leaves_the_farther_ones_alone(cast: Cast) -> None:
    before = len(open_checks(cast))
    with clock.at(MONDAY), db.acting(rules.own(cast.east)):
        assert occurrences.make_ahead(cast.market(), TODAY) == 0
    assert len(open_checks(cast)) == before


@pytest.mark.usefixtures("planned")
def test_each_night_adds_one_day(cast: Cast) -> None:
    make(cast, MONDAY + timedelta(days=1))
    assert checks(cast)[-1].service_day == date(2026, 10, 27)


@pytest.mark.usefixtures("planned")
def test_weekly_and_monthly_checks_fall_on_their_days(cast: Cast) -> None:
    weekly = checks(cast, slot=Slot.WEEKLY)
    assert [one.service_day for one in weekly] == [date(2026, 10, 16), date(2026, 10, 23)]
    assert (local(weekly[0].opens_at), local(weekly[0].due_at)) == ("10-16 09:00", "10-16 18:00")
    make(cast, datetime(2026, 10, 30, 2))
    assert [one.service_day for one in checks(cast, slot=Slot.MONTHLY)] == [date(2026, 11, 10)]


@pytest.mark.usefixtures("planned")
def test_two_weeks_are_made_with_few_statements_and_at_once(cast: Cast, statements: Count) -> None:
    begun = stopwatch.perf_counter()
    assert make(cast, datetime(2026, 10, 27, 2)) > 120
    assert stopwatch.perf_counter() - begun < 1.0
    asked = [one for one in statements.statements if not one.startswith("INSERT INTO occurrence")]
    assert len(asked) < 25


@pytest.mark.usefixtures("planned")
def test_the_random_item_is_drawn_apart_for_every_check_and_not_yet_named(cast: Cast) -> None:
    made = checks(cast)
    assert len({one.seed for one in made}) == len(made)
    assert {one.random_code for one in made} == {""}
    assert len({one.ref for one in made}) == len(made)


@pytest.mark.usefixtures("planned")
def test_a_worker_that_stood_still_for_a_month_hides_nothing(cast: Cast) -> None:
    later = datetime(2026, 11, 12, 9)
    make(cast, later)
    with clock.at(later):
        gap = checks(cast, slot=Slot.OPENING, service_day=date(2026, 11, 1))
        assert [one.is_missed(clock.now()) for one in gap] == [True]
        today = checks(cast, slot=Slot.OPENING, service_day=date(2026, 11, 12))
        assert len(today) == 1


def test_a_wholesale_market_opens_at_two_and_is_checked_at_one(cast: Cast) -> None:
    rules.load()
    rules.trade_as(cast, MarketKind.WET, time(2), time(10))
    rules.plan(cast)
    opening = checks(cast, slot=Slot.OPENING)[0]
    assert (opening.service_day, local(opening.opens_at)) == (date(2026, 10, 13), "10-13 01:00")
    assert local(checks(cast, slot=Slot.CLOSING)[0].opens_at) == "10-12 09:30"


def test_windows_past_midnight_belong_to_the_day_the_trade_began(cast: Cast) -> None:
    rules.load()
    rules.trade_as(cast, MarketKind.WET, time(20), time(4))
    rules.plan(cast)
    closing = checks(cast, slot=Slot.CLOSING)[0]
    assert (closing.service_day, local(closing.opens_at)) == (TODAY, "10-13 03:30")
    patrols = checks(cast, slot=Slot.PATROL, service_day=TODAY)
    assert [local(one.opens_at) for one in patrols] == [
        "10-12 20:00", "10-12 22:00", "10-13 00:00", "10-13 02:00",
    ]  # fmt: skip


def test_an_opening_check_before_midnight_belongs_to_the_trade_after_it(cast: Cast) -> None:
    rules.load()
    rules.trade_as(cast, MarketKind.WET, time(0, 30), time(8))
    rules.plan(cast)
    opening = checks(cast, slot=Slot.OPENING)[0]
    assert (opening.service_day, local(opening.opens_at)) == (date(2026, 10, 13), "10-12 23:30")


@pytest.mark.usefixtures("planned")
def test_a_changed_line_excuses_what_nobody_began_and_makes_the_new(cast: Cast) -> None:
    with clock.at(MONDAY):
        with db.acting(cast.kuang):
            line = next(one for one in arranged.lines_of(cast.market(), TODAY) if one.slot is Slot.OPENING)
            plans.change_line(cast.market(), line, LineFacts(Slot.OPENING, time(4, 30), 75), cast.kuang)
        rules.run_errands()
    assert rules.parked() == []
    old = checks(cast, slot=Slot.OPENING, excuse_kind=ExcuseKind.PLAN)
    new = open_checks(cast, slot=Slot.OPENING)
    assert [one.service_day for one in old] == [one.service_day for one in new]
    assert len(new) == 14
    assert {one.excuse_reason for one in old} == {"计划已改"}
    assert {local(one.opens_at)[6:] for one in new} == {"04:30"}


@pytest.mark.usefixtures("planned")
def test_a_check_somebody_has_begun_is_left_to_him(cast: Cast) -> None:
    begun = open_checks(cast, slot=Slot.PATROL, service_day=TODAY)[0]
    with clock.at(MONDAY):
        with db.acting(cast.mai) as session:
            check = session.get_one(Occurrence, begun.id)
            CHECK.perform("start", check, cast.mai, opened_at=clock.now())
        with db.acting(cast.zhen):
            plans.close_town(rules.town(cast), TODAY, TODAY, "台风红色预警", cast.zhen)
        rules.run_errands()
    assert checks(cast, id=begun.id)[0].state is CheckState.OPEN
    assert open_checks(cast, service_day=TODAY) == []


@pytest.mark.usefixtures("planned")
def test_an_excused_check_does_not_come_back_when_somebody_excused_it(cast: Cast) -> None:
    first = open_checks(cast)[0]
    with clock.at(MONDAY), db.acting(cast.kuang) as session:
        occurrences.excuse(session.get_one(Occurrence, first.id), "全场停电抢修", cast.kuang)
    make(cast, MONDAY)
    kept = checks(cast, id=first.id)[0]
    assert (kept.state, kept.excuse_kind, kept.excuse_reason) == (
        CheckState.EXCUSED,
        ExcuseKind.HAND,
        "全场停电抢修",
    )


@pytest.mark.usefixtures("planned")
def test_nothing_is_excused_without_a_reason_after_its_time_or_by_a_patroller(cast: Cast) -> None:
    first = open_checks(cast)[0]
    with clock.at(MONDAY), db.acting(cast.kuang) as session:
        check = session.get_one(Occurrence, first.id)
        with pytest.raises(Mistake):
            occurrences.excuse(check, " ", cast.kuang)
        with pytest.raises(NotAllowed):
            occurrences.excuse(check, "全场停电抢修", cast.mai)
        with clock.at(first.due_at), pytest.raises(TooLate):
            occurrences.excuse(check, "全场停电抢修", cast.kuang)


@pytest.mark.usefixtures("planned")
def test_what_was_found_is_not_excused_away(cast: Cast) -> None:
    first = open_checks(cast)[0]
    with clock.at(MONDAY), db.acting(cast.kuang) as session:
        check = session.get_one(Occurrence, first.id)
        check.failed = 1
        with pytest.raises(TooLate, match="查出问题"):
            occurrences.excuse(check, "全场停电抢修", cast.kuang)


@pytest.mark.usefixtures("planned")
def test_missed_checks_are_recorded_and_journalled(cast: Cast) -> None:
    late = datetime(2026, 10, 14, 23, 59)
    with clock.at(late):
        expected = [one for one in checks(cast) if one.is_missed(clock.now())]
        with db.acting(SYSTEM(rules.CITY)):
            assert occurrences.mark_missed(clock.now()) == len(expected) > 10
        with db.acting(SYSTEM(rules.CITY)):
            assert occurrences.mark_missed(clock.now()) == 0
        with db.acting(cast.kuang) as session:
            check = session.get_one(Occurrence, expected[0].id)
            assert check.state is CheckState.MISSED
            assert [line.verb for line in journal.of(check)] == ["miss"]


@pytest.mark.usefixtures("planned")
def test_a_late_check_is_not_missed_while_the_grace_lasts(cast: Cast) -> None:
    check = checks(cast, slot=Slot.CLOSING, service_day=TODAY)[0]
    assert not check.is_missed(check.due_at + timedelta(minutes=179))
    assert check.is_missed(check.due_at + timedelta(minutes=180))


@pytest.mark.usefixtures("planned")
def test_an_event_is_walked_at_once_with_the_items_that_name_it(cast: Cast) -> None:
    with clock.at(MONDAY), db.acting(cast.mai):
        check = occurrences.start_event(cast.market(), "每次动火作业", cast.mai)
        again = occurrences.start_event(cast.market(), "每次动火作业", cast.mai)
        assert (check.opens_at, check.round_no, again.round_no) == (clock.now(), 1, 2)
        assert check.event == "每次动火作业"
    with db.opened(cast.mai.reach, writes=False) as session:
        assert rules.codes(rules.sheet_of(cast, session.get_one(Occurrence, check.id))) == ["C-12"]


@pytest.mark.usefixtures("planned")
def test_an_event_nobody_foresaw_is_walked_with_every_event_item_or_the_chosen_ones(cast: Cast) -> None:
    with clock.at(MONDAY), db.acting(cast.mai):
        every = occurrences.start_event(cast.market(), "隔壁厂房起火", cast.mai)
        some = occurrences.start_event(cast.market(), "隔壁厂房起火", cast.mai, frozenset({"C-15", "C-19"}))
        assert (every.item_count, some.item_count) == (6, 2)
        with pytest.raises(Mistake):
            occurrences.start_event(cast.market(), " ", cast.mai)
        with pytest.raises(NotAllowed):
            occurrences.start_event(cast.market(), "隔壁厂房起火", cast.fu)


@pytest.mark.usefixtures("planned")
def test_a_walked_event_is_no_obligation_of_the_plan(cast: Cast) -> None:
    with clock.at(MONDAY), db.acting(cast.mai):
        event = occurrences.start_event(cast.market(), "台风来临前和过后", cast.mai).id
    with clock.at(MONDAY):
        with db.acting(cast.zhen):
            plans.close_town(rules.town(cast), TODAY, TODAY, "台风红色预警", cast.zhen)
        rules.run_errands()
    assert checks(cast, id=event)[0].state is CheckState.DUE


@pytest.mark.usefixtures("planned")
def test_checks_are_only_made_in_the_companys_own_reach(cast: Cast) -> None:
    with db.acting(cast.zhen), pytest.raises(ReachRefused):
        occurrences.make_ahead(cast.market())


@pytest.mark.usefixtures("planned")
def test_a_closed_market_owes_nothing_more(cast: Cast) -> None:
    with clock.at(MONDAY), db.acting(cast.zhen):
        markets.close_market(cast.market(), "整体拆迁", cast.zhen)
    make(cast, MONDAY)
    assert open_checks(cast) == []


def test_the_night_makes_every_market_and_gives_a_plan_to_one_without(cast: Cast) -> None:
    rules.load()
    night = datetime(2026, 10, 13, 2, 30)
    with clock.at(night):
        errands.fire_schedules()
        rules.run_errands()
    assert rules.parked() == []
    assert len(of_slot(checks(cast), Slot.OPENING)) == 15
    with db.opened(cast.west_kuang.reach, writes=False) as session:
        assert session.scalars(sa.select(Occurrence).limit(1)).first() is not None
