"""Sheets: the right items for slot and kind, what does not apply left out with its reason, one row a content."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db
from portal.markets.models import MarketKind, Stall, Zone
from portal.selfcheck.models import HouseItem, NotApplicable, Occurrence, Sheet, Slot
from portal.selfcheck.operations import plans
from portal.selfcheck.queries import sheets
from portal.selfcheck.queries.rotation import Rota
from portal.selfcheck.queries.sheets import Content
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY, checks, codes, make
from tests.shelves import Shelf

TODAY = MONDAY.date()


@pytest.fixture(autouse=True)
def loaded(cast: Cast, shelf: Shelf) -> Iterator[None]:
    shelf.grow("lists", rules.load)
    with clock.at(MONDAY):
        yield


def content(cast: Cast, slot: Slot, day: date = TODAY) -> Content:
    with db.opened(cast.kuang.reach, writes=False):
        return sheets.maker(cast.market(), day, day).content(slot, day)


def item_codes(cast: Cast, slot: Slot) -> list[str]:
    return [item["code"] for item in content(cast, slot).items]


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        (
            MarketKind.WET,
            ["C-01", "C-02", "C-03", "C-07", "WM-02", "WM-03", "WM-14", "WM-15", "WM-22", "WM-24"],
        ),
        (MarketKind.CLOTHING, ["C-01", "C-02", "C-03", "C-07"]),
        (MarketKind.BUILDING, ["C-01", "C-02", "C-03", "C-07", "BM-09"]),
        (MarketKind.FOOD, ["C-01", "C-02", "C-03", "C-07", "TF-05"]),
    ],
)
def test_each_kind_of_market_has_the_core_and_its_own_list(
    cast: Cast, kind: MarketKind, opening: list[str]
) -> None:
    rules.trade_as(cast, kind)
    assert item_codes(cast, Slot.OPENING) == opening


def test_a_market_that_is_mixed_has_the_lists_of_its_zones_for_those_zones(cast: Cast) -> None:
    rules.trade_as(cast, MarketKind.MIXED)
    wet, cloth, bare = rules.lay_out(cast, [MarketKind.WET, MarketKind.CLOTHING, None])
    opening = content(cast, Slot.OPENING).items
    daily = {item["code"]: item for item in content(cast, Slot.DAILY).items}
    assert {item["origin"] for item in opening} == {"core", "wet"}
    assert "BM-01" not in daily and "TF-04" not in daily
    assert daily["WM-21"]["zone_ids"] == [wet]
    assert daily["CL-02"]["zone_ids"] == [cloth]
    assert daily["C-17"]["zone_ids"] == []
    assert sheets.zones_of_day(daily["WM-21"], [wet, cloth, bare]) == [wet]
    assert sheets.zones_of_day(daily["C-17"], [wet, cloth, bare]) == [wet, cloth, bare]
    assert sheets.zones_of_day(daily["CL-12"], [wet]) == [cloth]


def test_every_kind_of_zone_of_a_mixed_market_is_walked_each_day(cast: Cast) -> None:
    rules.trade_as(cast, MarketKind.MIXED)
    kinds = [MarketKind.WET] * 2 + [MarketKind.CLOTHING] * 3 + [None] * 2
    zones = rules.lay_out(cast, list(kinds))
    rules.plan(cast)
    for check in checks(cast, slot=Slot.DAILY):
        assert [sum(one in group for one in check.zone_ids) for group in (zones[:2], zones[2:5], zones[5:])] == [
            1, 1, 1,
        ]  # fmt: skip


def test_numbers_are_kept_as_their_shortest_digits(cast: Cast) -> None:
    chilled = next(item for item in content(cast, Slot.OPENING).items if item["code"] == "WM-14")
    assert (chilled["low"], chilled["high"], chilled["is_high_inclusive"]) == ("0", "8", True)


def test_what_does_not_apply_is_left_out_and_named_with_its_reason(cast: Cast) -> None:
    with db.acting(cast.kuang):
        plans.set_not_applicable(cast.market(), "WM-03", "本市场没有牛羊肉档", cast.kuang)
    made = content(cast, Slot.OPENING)
    assert "WM-03" not in [item["code"] for item in made.items]
    assert made.skipped == (
        {
            "code": "WM-03",
            "title": "牛羊禽肉检疫证明",
            "reason": "本市场没有牛羊肉档",
            "set_by": "邝样安",
            "since": "2026-10-12",
        },
    )
    assert content(cast, Slot.PATROL).skipped == ()


def test_what_did_not_apply_applies_again_from_the_day_it_is_lifted(cast: Cast) -> None:
    with db.acting(cast.kuang):
        row_id = plans.set_not_applicable(cast.market(), "WM-03", "本市场没有牛羊肉档", cast.kuang).id
    with clock.at(MONDAY + timedelta(days=3)), db.acting(cast.kuang) as session:
        plans.lift_not_applicable(cast.market(), session.get_one(NotApplicable, row_id), cast.kuang)
    assert "WM-03" not in [item["code"] for item in content(cast, Slot.OPENING).items]
    later = content(cast, Slot.OPENING, TODAY + timedelta(days=3))
    assert "WM-03" in [item["code"] for item in later.items]


def test_the_same_content_is_one_sheet_and_new_content_another(cast: Cast) -> None:
    rules.plan(cast)
    openings = {check.sheet_id for check in checks(cast, slot=Slot.OPENING)}
    assert len(openings) == 1
    with db.acting(cast.kuang):
        plans.set_not_applicable(cast.market(), "WM-03", "本市场没有牛羊肉档", cast.kuang)
    rules.run_errands()
    changed = {check.sheet_id for check in checks(cast, slot=Slot.OPENING)}
    assert len(changed) == 1 and changed != openings
    assert {check.item_count for check in checks(cast, slot=Slot.OPENING)} == {9}
    with db.acting(cast.kuang) as session:
        row = session.scalars(sa.select(NotApplicable)).one()
        plans.lift_not_applicable(cast.market(), row, cast.kuang)
    rules.run_errands()
    assert {check.sheet_id for check in checks(cast, slot=Slot.OPENING)} == openings


def test_a_sheet_is_digested_and_never_changes(cast: Cast) -> None:
    rules.plan(cast)
    with db.opened(cast.kuang.reach, writes=False) as session:
        every = list(session.scalars(sa.select(Sheet)))
    assert len({sheet.digest for sheet in every}) == len(every) <= 8
    one = next(sheet for sheet in every if sheet.slot is Slot.OPENING)
    assert one.digest == content(cast, Slot.OPENING).digest
    with pytest.raises(RuntimeError), db.acting(cast.kuang) as session:
        session.get_one(Sheet, one.id).digest = "0" * 64


def test_a_company_adds_its_own_items_beside_the_official_ones(cast: Cast) -> None:
    rules.plan(cast)
    before = codes(rules.sheet_of(cast, checks(cast, slot=Slot.CLOSING)[0]))
    with db.acting(cast.kuang):
        item = plans.add_house_item(cast.market(), rules.HOUSE_ITEM, cast.kuang)
        assert item.code == "H-01"
    rules.run_errands()
    sheet = rules.sheet_of(cast, checks(cast, slot=Slot.CLOSING)[0])
    assert codes(sheet) == [*before, "H-01"]
    assert sheet.items[-1]["origin"] == "house"
    with db.acting(cast.kuang) as session:
        plans.end_house_item(cast.market(), session.scalars(sa.select(HouseItem)).one(), cast.kuang)
        assert plans.add_house_item(cast.market(), rules.HOUSE_ITEM, cast.kuang).code == "H-02"
    rules.run_errands()
    assert codes(rules.sheet_of(cast, checks(cast, slot=Slot.CLOSING)[0])) == [*before, "H-02"]


def test_one_company_never_sees_what_another_adds(cast: Cast) -> None:
    with db.acting(cast.kuang):
        plans.add_house_item(cast.market(), rules.HOUSE_ITEM, cast.kuang)
        plans.set_not_applicable(cast.market(), "WM-03", "本市场没有牛羊肉档", cast.kuang)
    with db.opened(cast.west_kuang.reach, writes=False):
        other = sheets.maker(cast.market(cast.west), TODAY, TODAY)
        assert "H-01" not in [item["code"] for item in other.content(Slot.CLOSING, TODAY).items]
        assert other.content(Slot.OPENING, TODAY).skipped == ()


def test_the_events_a_market_may_meet_are_those_its_items_name(cast: Cast) -> None:
    with db.opened(cast.kuang.reach, writes=False):
        named = sheets.events(cast.market(), TODAY)
    assert named[:2] == ["每次交接班时", "每次动火作业"]
    assert "快检复测确认阳性后" in named and "每批进口冻品到货时" not in named


def walked(cast: Cast, month: date, slot: Slot = Slot.DAILY) -> set[int]:
    with db.opened(cast.kuang.reach, writes=False) as session:
        query = sa.select(Occurrence.zone_ids).where(
            Occurrence.slot == slot,
            Occurrence.state != "excused",
            Occurrence.service_day >= month,
            Occurrence.service_day <= month.replace(day=monthrange(month.year, month.month)[1]),
        )
        return {zone for ids in session.scalars(query) for zone in ids}


@pytest.mark.parametrize("number", [3, 28, 31, 75])
def test_over_any_month_every_zone_comes_up(cast: Cast, number: int) -> None:
    zones = set(rules.lay_out(cast, [None] * number))
    rules.plan(cast, datetime(2026, 9, 30, 9))
    for week in range(0, 11):
        make(cast, datetime(2026, 9, 30, 2) + timedelta(weeks=week))
    for month in (date(2026, 10, 1), date(2026, 11, 1)):
        for slot in (Slot.DAILY, Slot.OPENING, Slot.PATROL, Slot.WEEKLY):
            assert walked(cast, month, slot) == zones, (month, slot)


def test_a_typhoon_in_the_middle_of_a_month_leaves_no_zone_out(cast: Cast) -> None:
    zones = set(rules.lay_out(cast, [None] * 29))
    rules.plan(cast, datetime(2026, 9, 30, 9))
    for day in range(32):
        night = datetime(2026, 10, 1, 2) + timedelta(days=day)
        if night.day == 14:
            with clock.at(night):
                with db.acting(cast.zhen):
                    last = night.date() + timedelta(days=4)
                    plans.close_town(rules.town(cast), night.date(), last, "台风", cast.zhen)
                rules.run_errands()
        make(cast, night)
    assert walked(cast, date(2026, 10, 1)) == zones


def test_a_zone_that_was_missed_comes_up_again_before_the_others(cast: Cast) -> None:
    a, b, c = 1, 2, 3
    days = [date(2026, 10, day) for day in range(1, 32)]
    rota = Rota([a, b, c], {a: date(2026, 10, 1), c: date(2026, 10, 3)}, date(2026, 1, 1))
    assert [rota.walk(day, days) for day in days[3:7]] == [[b], [a], [c], [b]]


def test_a_plan_that_begins_on_the_last_of_a_month_takes_its_share_and_not_the_whole_market(
    cast: Cast,
) -> None:
    rules.lay_out(cast, [None] * 20)
    rules.plan(cast, datetime(2026, 10, 30, 3))
    assert [len(check.zone_ids) for check in checks(cast, slot=Slot.DAILY)][:3] == [1, 1, 1]


def test_a_market_without_zones_is_walked_whole(cast: Cast) -> None:
    rules.lay_out(cast, [])
    with db.acting(rules.own(cast.east)) as session:
        for zone in session.scalars(sa.select(Zone)):
            for stall in session.scalars(sa.select(Stall)):
                stall.zone_id = None
            session.flush()
            session.delete(zone)
    rules.plan(cast, datetime(2026, 10, 12, 2))
    assert {tuple(check.zone_ids) for check in checks(cast)} == {()}


def test_a_sheet_fits_the_hours_of_any_market(cast: Cast) -> None:
    rules.trade_as(cast, MarketKind.WET, time(0), time(0))
    rules.plan(cast, datetime(2026, 10, 12, 0, 30))
    assert len(checks(cast, slot=Slot.PATROL, service_day=date(2026, 10, 13))) == 12
