"""Vendors: who they are, and that a stall is kept by one of them at a time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.core import db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import Occupancy, Vendor, VendorKind
from portal.markets.operations import identity
from portal.markets.workflow import StallState
from tests.markets.conftest import (
    MONDAY,
    OTHER_USCC,
    OWN_ID,
    USCC,
    stall_of,
    vendor_actor,
    vendor_facts,
    vendor_of,
)

pytestmark = pytest.mark.usefixtures("monday")

SUNDAY, SATURDAY = MONDAY - timedelta(days=1), MONDAY - timedelta(days=2)


def test_a_vendor_is_written_down_with_tidied_numbers(cast, new_vendor):
    vendor_id = new_vendor(uscc=" 92441900ma4x00001g ", phone="＋86 138-0013-8000")
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        assert (vendor.uscc, vendor.phone, vendor.id_sealed) == (USCC, "13800138000", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uscc": ""}, "uscc"),
        ({"uscc": "92441900MA4X00001H"}, "uscc"),
        ({"phone": "12345"}, "phone"),
        ({"name": ""}, "name"),
        ({"keeper_name": "样" * 61}, "keeper_name"),
        ({"trade_codes": ["gold"]}, "trade_codes"),
        ({"started_on": MONDAY + timedelta(days=1)}, "started_on"),
        ({"started_on": date(1, 1, 1)}, "started_on"),
        ({"kind": VendorKind.OWN_PRODUCE, "uscc": ""}, "identity"),
        ({"kind": VendorKind.UNLICENSED, "uscc": "", "identity": "1" * 18}, "identity"),
        ({"goods": "样" * 401}, "goods"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(cast, new_vendor, changes, field):
    with pytest.raises(Mistake) as told:
        new_vendor(**changes)
    assert told.value.field == field


def test_an_identity_number_is_sealed_and_shown_by_its_last_four(cast, new_vendor):
    vendor_id = new_vendor(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        assert vendor.id_last4 == OWN_ID[-4:]
        assert OWN_ID not in str(vendor.id_sealed)
        assert identity.number_of(vendor) == OWN_ID


def test_with_a_credit_code_the_identity_number_is_forgotten(cast, new_vendor):
    vendor_id = new_vendor(kind=VendorKind.UNLICENSED, uscc="", identity=OWN_ID)
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        operations.edit_vendor(vendor, vendor_facts(), vendor.version, cast.kuang)
        assert (vendor.uscc, vendor.id_sealed, vendor.id_last4) == (USCC, None, None)


def test_an_edit_that_leaves_the_identity_number_empty_keeps_it(cast, new_vendor):
    vendor_id = new_vendor(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        facts = vendor_facts(kind=VendorKind.OWN_PRODUCE, uscc="", name="改了名字")
        operations.edit_vendor(vendor, facts, vendor.version, cast.kuang)
        assert (vendor.name, vendor.id_last4) == ("改了名字", OWN_ID[-4:])


def test_a_credit_code_stands_once_in_a_market_but_in_many_markets(cast, new_vendor):
    new_vendor()
    with pytest.raises(Mistake) as told:
        new_vendor(name="又一家")
    assert told.value.field == "uscc"
    assert new_vendor("west")


def test_of_two_tabs_on_a_vendor_the_second_is_told(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        opened_on = vendor_of(vendor_id).version
        operations.edit_vendor(vendor_of(vendor_id), vendor_facts(name="先存"), opened_on, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        operations.edit_vendor(vendor_of(vendor_id), vendor_facts(name="后存"), opened_on, cast.kuang)


@pytest.mark.parametrize("who", ["mai", "fu", "gu", "zhen", "shi_ban"])
def test_only_the_manager_keeps_vendors(cast, new_vendor, who):
    with pytest.raises(NotAllowed):
        new_vendor(actor=getattr(cast, who))


def test_a_vendor_of_another_company_is_not_there(cast, new_vendor):
    vendor_id = new_vendor("west")
    for who in ("kuang", "mai", "gu", "zhen"):
        actor = getattr(cast, who)
        with db.acting(actor), pytest.raises(NotThere):
            queries.get_vendor(actor, vendor_id)


def test_a_vendor_sees_his_own_file_and_no_other(cast, new_vendor):
    own, other = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    actor = vendor_actor(cast, own)
    with db.acting(actor):
        assert queries.get_vendor(actor, own).id == own
        with pytest.raises(NotThere):
            queries.get_vendor(actor, other)
        assert [vendor.id for vendor in db.session.scalars(sa.select(Vendor))] == [own]


def test_a_vendor_moves_in_and_the_stall_trades(cast, new_vendor):
    vendor_id = new_vendor(trade_codes=["food_catering"])
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        line = operations.move_in(stall, vendor_of(vendor_id), SUNDAY, cast.kuang)
        assert (stall.state, line.from_on, line.to_on) == (StallState.TRADING, SUNDAY, None)
        assert (line.stall_code, stall.trade_codes) == ("A-001", ["food_catering"])
        assert queries.occupants_of([stall])[stall.id].id == vendor_id


def test_a_vendor_sees_where_he_trades_without_seeing_the_stall(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(vendor_id), SUNDAY, cast.kuang)
    actor = vendor_actor(cast, vendor_id)
    with db.acting(actor):
        lines = queries.occupancies_of([queries.get_vendor(actor, vendor_id)])[vendor_id]
        assert [line.stall_code for line in lines] == ["A-001"]


def test_a_kept_stall_takes_no_second_vendor(cast, new_vendor):
    first, second = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(first), SUNDAY, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        operations.move_in(stall_of(cast), vendor_of(second), MONDAY, cast.kuang)


def test_the_next_vendor_moves_in_on_the_day_the_last_one_leaves_and_no_earlier(cast, new_vendor):
    first, second = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        operations.move_in(stall, vendor_of(first), SATURDAY, cast.kuang)
        operations.move_out(stall, MONDAY, cast.kuang, "合同到期")
        with pytest.raises(Mistake) as told:
            operations.move_in(stall, vendor_of(second), SUNDAY, cast.kuang)
        assert told.value.field == "from_on"
        operations.move_in(stall, vendor_of(second), MONDAY, cast.kuang)
        assert [line.vendor_id for line in queries.history_of_stall(stall)] == [second, first]


def test_a_stay_may_be_entered_afterwards_but_not_across_a_later_one(cast, new_vendor):
    first, second = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        operations.move_in(stall, vendor_of(first), date(2026, 5, 1), cast.kuang)
        operations.move_out(stall, date(2026, 6, 1), cast.kuang)
        with pytest.raises(Mistake):
            operations.move_in(stall, vendor_of(second), date(2026, 4, 1), cast.kuang)


@pytest.mark.parametrize("day", [MONDAY + timedelta(days=1), date(9999, 12, 31), date(1, 1, 1)])
def test_nobody_moves_in_tomorrow_or_in_the_middle_ages(cast, new_vendor, day):
    vendor_id = new_vendor()
    with db.acting(cast.kuang), pytest.raises(Mistake):
        operations.move_in(stall_of(cast), vendor_of(vendor_id), day, cast.kuang)


def test_nobody_leaves_before_he_came(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        stall = stall_of(cast)
        operations.move_in(stall, vendor_of(vendor_id), SUNDAY, cast.kuang)
        with pytest.raises(Mistake) as told:
            operations.move_out(stall, SATURDAY, cast.kuang)
        assert (told.value.field, stall.state) == ("to_on", StallState.TRADING)


def test_two_who_saw_the_stall_vacant_do_not_both_move_in(cast, new_vendor):
    first, second = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    with db.acting(cast.kuang):
        seen_before = stall_of(cast)
        db.session.expunge(seen_before)
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(first), MONDAY, cast.kuang)
        operations.move_out(stall_of(cast), MONDAY, cast.kuang)
    with pytest.raises(StaleDataError), db.acting(cast.kuang):
        db.session.add(seen_before)
        operations.move_in(seen_before, vendor_of(second), MONDAY, cast.kuang)
    with db.acting(cast.kuang):
        assert queries.occupant_of(stall_of(cast)) is None


def test_the_database_itself_keeps_a_stall_from_two_open_occupancies(cast, new_vendor):
    first, second = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(first), MONDAY, cast.kuang)
    with pytest.raises(IntegrityError), db.acting(cast.kuang):
        stall = stall_of(cast)
        line = Occupancy(
            market_id=stall.market_id,
            stall_id=stall.id,
            stall_code=stall.code,
            vendor_id=second,
            from_on=MONDAY,
        )
        db.session.add(line.stands_in(stall))


def test_a_vendor_of_another_market_does_not_move_in(cast, new_vendor):
    vendor_id = new_vendor("west")
    with db.acting(cast.shi_ban):
        foreign = vendor_of(vendor_id)
        with pytest.raises(NotAllowed):
            operations.move_in(stall_of(cast), foreign, MONDAY, replace(cast.kuang, reach=cast.shi_ban.reach))


def test_a_vendor_ends_once_his_stalls_are_empty_and_may_come_back(cast, new_vendor):
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        stall, vendor = stall_of(cast), vendor_of(vendor_id)
        operations.move_in(stall, vendor, SUNDAY, cast.kuang)
        with pytest.raises(TooLate):
            operations.end_vendor(vendor, MONDAY, cast.kuang)
        operations.move_out(stall, MONDAY, cast.kuang)
        operations.end_vendor(vendor, MONDAY, cast.kuang)
        with pytest.raises(Mistake):
            operations.move_in(stall, vendor, MONDAY, cast.kuang)
        market = cast.market()
        assert queries.list_vendors(market).rows == []
        assert [one.id for one in queries.list_vendors(market, is_ended=True).rows] == [vendor_id]
        operations.resume_vendor(vendor, cast.kuang)
        assert operations.move_in(stall, vendor, MONDAY, cast.kuang).vendor_id == vendor_id


def test_vendors_are_found_by_part_of_a_name_or_a_whole_credit_code(cast, new_vendor):
    vendor_id = new_vendor()
    new_vendor(uscc=OTHER_USCC, name="隔壁水产")
    with db.acting(cast.kuang):
        market = cast.market()
        for search in ("烧腊", "梁样", USCC.lower()):
            found = queries.list_vendors(market, search=search).rows
            assert vendor_id in {vendor.id for vendor in found}
        assert queries.list_vendors(market, search="_").rows == []
