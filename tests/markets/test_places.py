"""Markets and zones: registered by the town, described by the company, closed with nobody left inside."""

from datetime import time
from decimal import Decimal

import pytest
import sqlalchemy as sa

from portal.core import db, journal
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import Market, MarketKind, Zone
from portal.markets.operations import ZoneFacts
from portal.markets.workflow import MarketState
from portal.territory.models import Area, Organisation
from tests.markets.conftest import market_facts, stall_of, vendor_actor, vendor_of
from tests.people import EAST_COMMUNITY, WEST_COMMUNITY, Cast

pytestmark = pytest.mark.usefixtures("monday")


def _company(cast: Cast, side: str = "east") -> Organisation:
    return db.session.get_one(Organisation, getattr(cast, side).company_id)


def _register(cast: Cast, actor, community: str = EAST_COMMUNITY, **changes) -> Market:
    area = db.session.get_one(Area, community)
    return operations.register_market(_company(cast), area, market_facts(**changes), actor)


def test_a_town_registers_a_market_which_takes_its_codes_from_the_community(cast):
    with db.acting(cast.zhen):
        market = _register(cast, cast.zhen)
        stamps = (market.company_id, market.community_code, market.town_code)
        assert stamps == (cast.east.company_id, EAST_COMMUNITY, EAST_COMMUNITY[:9])
        assert market.state is MarketState.OPEN
        assert [line.verb for line in journal.of(market)] == ["register_market"]


def test_market_codes_count_on_and_never_come_twice(cast):
    with db.acting(cast.zhen):
        codes = [_register(cast, cast.zhen, name=f"样场 {n}").code for n in range(3)]
    assert codes == [f"{EAST_COMMUNITY}M{n:03d}" for n in (2, 3, 4)]


def test_a_town_registers_nothing_in_another_town(cast):
    with db.acting(cast.zhen), pytest.raises(NotAllowed):
        _register(cast, cast.zhen, WEST_COMMUNITY)


def test_the_city_registers_anywhere(cast):
    with db.acting(cast.shi_ban):
        assert _register(cast, cast.shi_ban, WEST_COMMUNITY).town_code == WEST_COMMUNITY[:9]


@pytest.mark.parametrize("who", ["kuang", "mai", "fu", "gu", "qu", "xiao"])
def test_nobody_else_registers_markets(cast, who):
    actor = getattr(cast, who)
    with db.acting(actor), pytest.raises(NotAllowed):
        _register(cast, actor)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "样" * 81}, "name"),
        ({"address": "路"}, "address"),
        ({"opener_name": ""}, "opener_name"),
        ({"opener_uscc": "92441900MA4XOOOO1G"}, "opener_uscc"),
        ({"phone": "123"}, "phone"),
        ({"area_m2": Decimal("0")}, "area_m2"),
        ({"area_m2": Decimal("1e30")}, "area_m2"),
        ({"area_m2": Decimal("NaN")}, "area_m2"),
        ({"floors_up": -1}, "floors_up"),
        ({"floors_down": 10**12}, "floors_down"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(cast, changes, field):
    with db.acting(cast.zhen), pytest.raises(Mistake) as told:
        _register(cast, cast.zhen, **changes)
    assert told.value.field == field


def test_a_suggested_number_stands_in_the_words_of_the_mistake(cast):
    with db.acting(cast.zhen), pytest.raises(Mistake) as told:
        _register(cast, cast.zhen, opener_uscc="92441900MA4XOOOO1G")
    assert "92441900MA4X00001G" in str(told.value.words)


def test_a_market_may_trade_past_midnight(cast):
    with db.acting(cast.zhen):
        market = _register(cast, cast.zhen, opens_at=time(2), closes_at=time(1))
        assert (market.opens_at, market.closes_at) == (time(2), time(1))


def test_the_company_describes_its_own_market(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        facts = market_facts(name="东样新市场", kind=MarketKind.MIXED, area_m2=Decimal("4200.25"))
        operations.edit_market(market, facts, market.version, cast.kuang)
    with db.acting(cast.kuang):
        market = cast.market()
        assert (market.name, market.kind, market.area_m2) == (
            "东样新市场",
            MarketKind.MIXED,
            Decimal("4200.2"),
        )


@pytest.mark.parametrize("who", ["mai", "fu", "zhen", "qu"])
def test_others_do_not_describe_it(cast, who):
    actor = getattr(cast, who)
    with db.acting(actor), pytest.raises(NotAllowed):
        operations.edit_market(cast.market(), market_facts(), 1, actor)


def test_of_two_tabs_the_second_is_told_and_loses_nothing_of_the_first(cast):
    with db.acting(cast.kuang):
        opened_on = cast.market().version
    with db.acting(cast.kuang):
        operations.edit_market(cast.market(), market_facts(name="先存的名字"), opened_on, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        operations.edit_market(cast.market(), market_facts(name="后存的名字"), opened_on, cast.kuang)
    with db.acting(cast.kuang):
        assert cast.market().name == "先存的名字"


def test_a_market_closes_with_a_reason_and_takes_nothing_new(cast):
    with db.acting(cast.zhen):
        operations.close_market(cast.market(), "整体拆迁", cast.zhen)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        operations.add_zone(cast.market(), ZoneFacts("D", "熟食区"), cast.kuang)
    with db.acting(cast.zhen), pytest.raises(TooLate):
        operations.close_market(cast.market(), "再关一次", cast.zhen)


def test_a_market_does_not_close_over_the_head_of_a_vendor(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        operations.move_in(stall_of(cast), vendor, vendor.started_on, cast.kuang)
    with db.acting(cast.zhen), pytest.raises(TooLate):
        operations.close_market(cast.market(), "整体拆迁", cast.zhen)


def test_the_company_does_not_close_its_market_itself(cast):
    with db.acting(cast.kuang), pytest.raises(NotAllowed):
        operations.close_market(cast.market(), "不想做了", cast.kuang)


def test_zones_stand_in_walking_order_and_change_places(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        operations.add_zone(market, ZoneFacts("d", "熟食区", floor="1"), cast.kuang)
        last = queries.zones_of(market)[-1]
        operations.move_zone(market, last, True, cast.kuang)
        db.session.flush()
        assert [zone.code for zone in queries.zones_of(market)] == ["A", "B", "D", "C"]


def test_the_first_zone_moves_no_further_up(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        operations.move_zone(market, queries.zones_of(market)[0], True, cast.kuang)
        db.session.flush()
        assert [zone.code for zone in queries.zones_of(market)] == ["A", "B", "C"]


def test_a_zone_code_is_not_given_twice(cast):
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.add_zone(cast.market(), ZoneFacts("ａ", "又一个"), cast.kuang)
    assert told.value.field == "code"


def test_a_zone_is_renamed_on_the_row_as_it_is(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        zone = queries.get_zone(market, cast.east.zone_ids[0])
        operations.edit_zone(market, zone, ZoneFacts("A", "冰鲜区"), zone.version, cast.kuang)
        with pytest.raises(TooLate):
            operations.edit_zone(market, zone, ZoneFacts("A", "猪肉区"), zone.version + 1, cast.kuang)


def test_a_zone_of_another_market_is_not_there(cast):
    with db.acting(cast.kuang), pytest.raises(NotThere):
        queries.get_zone(cast.market(), cast.west.zone_ids[0])


def test_nobody_reaches_the_market_of_another_company(cast):
    for who in ("kuang", "mai", "gu", "qu", "zhen", "xiao"):
        actor = getattr(cast, who)
        with db.acting(actor), pytest.raises(NotThere):
            queries.get_market(actor, cast.west.market_id)


@pytest.mark.parametrize("who", ["kuang", "mai", "fu", "gu", "qu", "zhen", "xiao", "city_xiao", "shi_ban"])
def test_whoever_works_with_it_sees_the_market(cast, who):
    actor = getattr(cast, who)
    with db.acting(actor):
        assert cast.east.market_id in {market.id for market in queries.list_markets(actor).rows}
        assert queries.get_market(actor, cast.east.market_id).company.id == cast.east.company_id


def test_a_patroller_sees_only_the_markets_of_his_posts_and_a_manager_all(cast):
    with db.acting(cast.zhen):
        other = _register(cast, cast.zhen).id
    with db.acting(cast.mai), pytest.raises(NotThere):
        queries.get_market(cast.mai, other)
    with db.acting(cast.mai):
        assert [market.id for market in queries.list_markets(cast.mai).rows] == [cast.east.market_id]
    with db.acting(cast.kuang):
        assert {market.id for market in queries.list_markets(cast.kuang).rows} == {cast.east.market_id, other}


def test_a_long_list_comes_in_pages_that_meet_without_gap(cast):
    with db.acting(cast.shi_ban):
        for number in range(60):
            _register(cast, cast.shi_ban, name=f"样场 {number}")
    with db.acting(cast.shi_ban):
        first = queries.list_markets(cast.shi_ban)
        second = queries.list_markets(cast.shi_ban, cursor=first.next_cursor)
        found = [market.code for market in [*first.rows, *second.rows]]
    assert (len(first.rows), len(second.rows), second.next_cursor) == (50, 12, "")
    assert found == sorted(set(found))


@pytest.mark.parametrize("cursor", ["x", "-1.A", "9" * 30 + ".A", "1.", "5", "１.A"])
def test_a_cursor_of_nobody_begins_at_the_beginning(cast, cursor):
    with db.acting(cast.kuang):
        assert len(queries.list_markets(cast.kuang, cursor=cursor).rows) == 1


def test_the_list_of_markets_takes_one_statement(cast, statements):
    with db.acting(cast.shi_ban):
        rows = queries.list_markets(cast.shi_ban).rows
        assert [market.company.short_name for market in rows]
    assert len(statements) == 1


def test_a_vendors_reach_shows_no_market_and_no_stall(cast, new_vendor):
    reach = sa.select(Market), sa.select(Zone)
    vendor_id = new_vendor()
    actor = vendor_actor(cast, vendor_id)
    with db.acting(actor):
        assert [db.session.scalars(query).first() for query in reach] == [None, None]
        assert queries.get_vendor(actor, vendor_id).market is None
