"""Stalls: counted as people count, added by the row, and what may become of them."""

from decimal import Decimal

import pytest

from portal.core import db, journal
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import Zone, natural_key
from portal.markets.operations import StallFacts
from portal.markets.workflow import STALL, StallState
from tests.markets.conftest import MONDAY, stall_of, vendor_of

pytestmark = pytest.mark.usefixtures("monday")


@pytest.mark.parametrize(
    "codes",
    [
        ["A-1", "A-2", "A-10", "A-100", "B-1"],
        ["A-1-9", "A-2-1", "A-12-1"],
        ["1F-3", "1F-20", "2F-1", "10F-1"],
        ["东区1", "东区2", "东区11"],
    ],
)
def test_codes_sort_as_people_count(codes):
    assert sorted(reversed(codes), key=natural_key) == codes


def test_leading_zeros_change_no_order():
    assert natural_key("A-007") == natural_key("a-7") < natural_key("A-010")


def test_a_row_of_stalls_is_added_at_once(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        added = operations.add_stalls(market, "d-001", "D-040", None, cast.kuang)
        assert [added[0].code, added[9].code, added[-1].code] == ["D-001", "D-010", "D-040"]
        assert {stall.state for stall in added} == {StallState.VACANT}
        assert queries.count_stalls(market) == {StallState.VACANT: 46}


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("D", "D-040", "first"),
        ("D-001", "E-040", "last"),
        ("D-040", "D-001", "last"),
        ("D-001", "D-999", "last"),
        ("D-1", "D-99999999999", "last"),
        ("D 1!", "D-2", "first"),
        ("", "D-2", "first"),
        ("A-001", "A-005", "first"),
    ],
)
def test_a_row_that_cannot_be_is_refused_whole(cast, first, last, field):
    with db.acting(cast.kuang):
        before = queries.count_stalls(cast.market())
        with pytest.raises(Mistake) as told:
            operations.add_stalls(cast.market(), first, last, None, cast.kuang)
        assert told.value.field == field
        assert queries.count_stalls(cast.market()) == before


def test_a_stall_code_is_not_given_twice_in_a_market_but_in_two_markets(cast):
    with db.acting(cast.kuang), pytest.raises(Mistake):
        operations.add_stall(cast.market(), StallFacts("ａ-００１"), cast.kuang)
    with db.acting(cast.west_kuang):
        market = cast.market(cast.west)
        assert operations.add_stall(market, StallFacts("Z-001"), cast.west_kuang).id


@pytest.mark.parametrize("area", [Decimal(0), Decimal(-1), Decimal("1e9"), Decimal("Infinity")])
def test_an_impossible_area_is_refused(cast, area):
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.add_stall(cast.market(), StallFacts("D-1", area_m2=area), cast.kuang)
    assert told.value.field == "area_m2"


def test_a_trade_that_is_not_on_the_list_is_refused(cast, reference):
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.add_stall(cast.market(), StallFacts("D-1", trade_codes=["tobacco", "gold"]), cast.kuang)
    assert told.value.field == "trade_codes"


@pytest.mark.parametrize("who", ["mai", "fu", "gu", "qu", "zhen", "xiao", "shi_ban"])
def test_only_the_manager_adds_stalls(cast, who):
    actor = getattr(cast, who)
    with db.acting(actor), pytest.raises(NotAllowed):
        operations.add_stall(cast.market(), StallFacts("D-1"), actor)


def test_a_renumbered_stall_moves_in_the_order(cast):
    with db.acting(cast.kuang):
        market, stall = cast.market(), stall_of(cast)
        operations.edit_stall(market, stall, StallFacts("Z-9"), stall.version, cast.kuang)
        assert [one.code for one in queries.list_stalls(market).rows][-1] == "Z-9"


def test_of_two_tabs_on_a_stall_the_second_is_told(cast):
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        opened_on = stall.version
        operations.edit_stall(cast.market(), stall, StallFacts("A-1", has_gas=True), opened_on, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        operations.edit_stall(cast.market(), stall_of(cast), StallFacts("A-2"), opened_on, cast.kuang)


def test_a_zone_of_another_market_takes_no_stall(cast):
    with db.acting(cast.shi_ban):
        foreign = db.session.get_one(Zone, cast.west.zone_ids[0])
        db.session.expunge(foreign)
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.add_stall(cast.market(), StallFacts("D-1", zone=foreign), cast.kuang)
    assert told.value.field == "zone"


@pytest.mark.parametrize(
    ("verb", "after"),
    [
        ("suspend_stall", StallState.SUSPENDED),
        ("renovate_stall", StallState.RENOVATING),
        ("seal_stall", StallState.SEALED),
    ],
)
def test_a_stall_rests_and_trades_again(cast, new_vendor, verb, after):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        stall, vendor = stall_of(cast), vendor_of(vendor_id)
        operations.move_in(stall, vendor, MONDAY, cast.kuang)
        getattr(operations, verb)(stall, "回乡", cast.kuang)
        assert stall.state is after
        operations.resume_stall(stall, "", cast.kuang)
        assert stall.state is StallState.TRADING
        verbs = [line.verb for line in journal.of(stall)]
        assert verbs == ["resume_stall", verb, "move_in"]


def test_nobody_leaves_a_sealed_stall_before_it_is_opened(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        operations.move_in(stall, vendor_of(vendor_id), MONDAY, cast.kuang)
        operations.seal_stall(stall, "电箱改造", cast.kuang)
        with pytest.raises(TooLate):
            operations.move_out(stall, MONDAY, cast.kuang)
        assert queries.occupant_of(stall) is not None


def test_a_stall_done_away_with_leaves_the_list_and_keeps_its_history(cast):
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        operations.close_stall(stall, "改成通道", cast.kuang)
        market = cast.market()
        assert stall.id not in {one.id for one in queries.list_stalls(market).rows}
        closed = queries.list_stalls(market, state=StallState.CLOSED).rows
        assert [one.id for one in closed] == [stall.id]
        with pytest.raises(TooLate):
            operations.suspend_stall(stall, "", cast.kuang)


def test_every_state_of_a_stall_can_be_reached():
    assert {move.target for move in STALL.moves} == set(StallState)


@pytest.mark.parametrize("verb", sorted({move.verb for move in STALL.moves}))
def test_every_move_of_a_stall_has_an_operation(verb):
    assert callable(getattr(operations, verb))


def test_the_list_of_stalls_is_narrowed_by_zone_state_and_first_signs(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        zone = queries.get_zone(market, cast.east.zone_ids[1])
        assert [stall.code for stall in queries.list_stalls(market, zone=zone).rows] == ["B-001", "B-002"]
        assert [stall.code for stall in queries.list_stalls(market, prefix="c-00").rows] == ["C-001", "C-002"]
        assert queries.list_stalls(market, prefix="%").rows == []
        assert queries.list_stalls(market, state=StallState.TRADING).rows == []


def test_stalls_come_in_pages_of_fifty_in_walking_order(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        operations.add_stalls(market, "D-1", "D-120", None, cast.kuang)
        found, cursor, pages = [], "", 0
        while pages == 0 or cursor:
            page = queries.list_stalls(market, cursor=cursor)
            found += [stall.code for stall in page.rows]
            cursor, pages = page.next_cursor, pages + 1
        assert pages == 3
        assert found[:6] == ["A-001", "A-002", "B-001", "B-002", "C-001", "C-002"]
        assert found[6:] == [f"D-{number}" for number in range(1, 121)]


def test_a_stall_of_another_market_is_not_there(cast):
    with db.acting(cast.kuang), pytest.raises(NotThere):
        queries.get_stall(cast.market(), cast.west.stall_ids[0])
