"""Papers: what the law asks for, when it runs out, and that a warning is told once."""

from datetime import date, timedelta

import pytest

from portal.core import db, workdays
from portal.core.actor import SYSTEM
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.core.reach import Reach, Sight
from portal.markets import operations, queries
from portal.markets.models import PaperKind, PaperStanding, Trade, VendorKind
from portal.territory.operations import BadRows
from tests.markets.conftest import (
    MONDAY,
    OTHER_USCC,
    OWN_ID,
    kind_of,
    on,
    paper_facts,
    record,
    rows,
    vendor_actor,
    vendor_of,
)
from tests.people import count_rows

pytestmark = pytest.mark.usefixtures("monday")

CATERING = ["food_catering"]


def required(cast, vendor_id) -> dict[str, PaperStanding]:
    with db.acting(cast.mai):
        return {line.kind.code: line.standing for line in queries.required_papers(vendor_of(vendor_id))}


def test_the_reference_data_loads_whole_and_loading_again_changes_nothing(cast, reference):
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        who = SYSTEM(session.reach)
        assert (operations.load_papers(rows("papers"), who), operations.load_trades(rows("trades"), who)) == (
            0,
            0,
        )
    assert (count_rows(PaperKind), count_rows(Trade)) == (32, 20)


def test_a_file_with_a_gap_is_refused_with_its_row(cast, reference):
    with db.acting(cast.shi_ban), pytest.raises(BadRows, match="row 2"):
        operations.load_papers([{"code": "x"}], cast.shi_ban)
    with db.acting(cast.shi_ban), pytest.raises(BadRows, match="gold_permit"):
        broken = {**rows("trades")[0], "required_papers": "gold_permit"}
        operations.load_trades([broken], cast.shi_ban)


def test_a_company_does_not_load_reference_data(cast):
    with db.acting(cast.kuang), pytest.raises(NotAllowed):
        operations.load_papers(rows("papers"), cast.kuang)


@pytest.mark.parametrize(
    ("trade", "papers"),
    [(row["code"], set(filter(None, row["required_papers"].split("|")))) for row in rows("trades")],
    ids=[row["code"] for row in rows("trades")],
)
def test_each_trade_asks_for_the_papers_of_its_row(cast, new_vendor, trade, papers):
    found = required(cast, new_vendor(trade_codes=[trade]))
    assert found == dict.fromkeys(papers, PaperStanding.MISSING)


def test_several_trades_ask_for_every_paper_once(cast, new_vendor):
    found = required(cast, new_vendor(trade_codes=["tobacco", "prepackaged_food", "alcohol"]))
    assert set(found) == {"business_licence", "tobacco_permit", "prepackaged_filing"}


def test_a_farmer_with_his_own_produce_needs_no_paper(cast, new_vendor):
    vendor_id = new_vendor(
        kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID, trade_codes=["farm_products"]
    )
    assert required(cast, vendor_id) == {}


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, PaperStanding.VALID),
        ({"is_original_seen": False}, PaperStanding.UNCONFIRMED),
        ({"expires_on": None, "is_long_term": True}, PaperStanding.VALID),
        ({"expires_on": MONDAY}, PaperStanding.DUE),
        ({"expires_on": MONDAY - timedelta(days=1)}, PaperStanding.EXPIRED),
        ({"expires_on": MONDAY + timedelta(days=60)}, PaperStanding.DUE),
        ({"expires_on": MONDAY + timedelta(days=61)}, PaperStanding.VALID),
    ],
)
def test_a_licence_stands_as_its_last_day_says(cast, new_vendor, changes, standing):
    vendor_id = new_vendor(trade_codes=["farm_products"])
    record(cast, vendor_id, "business_licence", **changes)
    assert required(cast, vendor_id) == {"business_licence": standing}


def test_a_food_permit_is_warned_of_in_working_days_with_holidays_left_out(cast, new_vendor):
    with db.acting(SYSTEM(Reach(Sight.CITY))):
        workdays.load([{"date": "2026-10-20", "is_workday": "0", "name": "样例假日"}], "test")
        kind = kind_of("food_permit")
        calendar = workdays.calendar()
        # Fifteen working days before Monday 2 November: the 20th is a holiday, so one day earlier than without.
        assert kind.warns_from(date(2026, 11, 2), 15, calendar) == date(2026, 10, 9)
        assert kind.warns_from(date(2026, 11, 2), 0, calendar) == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_on": date(2024, 12, 31)}, "expires_on"),
        ({"expires_on": date(2046, 10, 13)}, "expires_on"),
        ({"expires_on": date(9999, 12, 31)}, "expires_on"),
        ({"issued_on": date(1, 1, 1)}, "issued_on"),
        ({"issued_on": None, "expires_on": None}, "expires_on"),
        ({"is_long_term": True}, "expires_on"),
        ({"number": "9" * 61}, "number"),
        ({"authority": "局" * 81}, "authority"),
    ],
)
def test_impossible_dates_and_numbers_are_refused(cast, new_vendor, changes, field):
    vendor_id = new_vendor()
    with pytest.raises(Mistake) as told:
        record(cast, vendor_id, "tobacco_permit", **changes)
    assert told.value.field == field


def test_twenty_years_to_the_day_are_taken(cast, new_vendor):
    assert record(cast, new_vendor(), "tobacco_permit", expires_on=date(2046, 10, 12))


@pytest.mark.parametrize(
    ("kind", "issued_on", "last_day"),
    [
        ("health_certificate", date(2026, 3, 5), date(2027, 3, 4)),
        ("extinguisher_powder", date(2024, 2, 29), date(2029, 2, 27)),
        ("scale_verification", date(2026, 1, 31), date(2027, 1, 30)),
    ],
)
def test_a_last_day_not_written_is_reckoned_from_the_issue(cast, new_vendor, kind, issued_on, last_day):
    paper_id = record(cast, new_vendor(), kind, issued_on=issued_on, expires_on=None, holder_name="梁样烧")
    with db.acting(cast.kuang):
        assert queries.get_paper(cast.kuang, paper_id).expires_on == last_day


def test_a_filing_has_no_last_day_whatever_is_typed(cast, new_vendor):
    paper_id = record(cast, new_vendor(), "prepackaged_filing", number="YB14419001234567")
    with db.acting(cast.kuang):
        assert queries.get_paper(cast.kuang, paper_id).expires_on is None


def test_an_odd_number_is_kept_and_waits_to_be_compared(cast, new_vendor):
    vendor_id = new_vendor(trade_codes=CATERING)
    paper_id = record(cast, vendor_id, number="粤食证字 441900")
    assert required(cast, vendor_id)["food_permit"] is PaperStanding.UNCONFIRMED
    with db.acting(cast.kuang):
        paper = queries.get_paper(cast.kuang, paper_id)
        operations.confirm_paper(paper, cast.kuang)
        with pytest.raises(TooLate):
            operations.confirm_paper(paper, cast.kuang)
    assert required(cast, vendor_id)["food_permit"] is PaperStanding.VALID


def test_a_renewal_keeps_both_rows_and_ends_the_warnings_of_the_old_one(cast, new_vendor):
    vendor_id = new_vendor(trade_codes=["tobacco"])
    old_id = record(cast, vendor_id, "tobacco_permit", expires_on=MONDAY + timedelta(days=20))
    assert required(cast, vendor_id)["tobacco_permit"] is PaperStanding.DUE
    with db.acting(cast.kuang):
        begins = MONDAY + timedelta(days=21)
        facts = paper_facts(issued_on=begins, expires_on=date(2029, 1, 1))
        operations.renew_paper(queries.get_paper(cast.kuang, old_id), facts, cast.kuang)
    assert required(cast, vendor_id)["tobacco_permit"] is PaperStanding.VALID
    with db.acting(cast.mai):
        assert len(queries.papers_of_vendor(vendor_of(vendor_id))) == 2
        assert queries.due_papers(cast.mai).rows == []
    with on(MONDAY + timedelta(days=60)):
        assert required(cast, vendor_id)["tobacco_permit"] is PaperStanding.VALID


def test_a_renewal_that_begins_too_late_leaves_a_gap(cast, new_vendor):
    vendor_id = new_vendor(trade_codes=["tobacco"])
    old_id = record(cast, vendor_id, "tobacco_permit", expires_on=MONDAY)
    with db.acting(cast.kuang):
        facts = paper_facts(issued_on=MONDAY + timedelta(days=10), expires_on=date(2029, 1, 1))
        operations.renew_paper(queries.get_paper(cast.kuang, old_id), facts, cast.kuang)
    with on(MONDAY + timedelta(days=5)):
        assert required(cast, vendor_id)["tobacco_permit"] is PaperStanding.EXPIRED
    with on(MONDAY + timedelta(days=10)):
        assert required(cast, vendor_id)["tobacco_permit"] is PaperStanding.VALID


def test_a_renewal_ends_later_than_what_it_renews_and_comes_once(cast, new_vendor):
    old_id = record(cast, new_vendor(), "tobacco_permit")
    with db.acting(cast.kuang):
        old = queries.get_paper(cast.kuang, old_id)
        with pytest.raises(Mistake) as told:
            operations.renew_paper(old, paper_facts(), cast.kuang)
        assert told.value.field == "expires_on"
        operations.renew_paper(old, paper_facts(expires_on=date(2028, 12, 31)), cast.kuang)
        with pytest.raises(TooLate):
            operations.renew_paper(old, paper_facts(expires_on=date(2029, 12, 31)), cast.kuang)


def test_a_slip_of_the_pen_is_put_right_with_a_reason_on_the_row_as_it_is(cast, new_vendor):
    paper_id = record(cast, new_vendor(), "tobacco_permit", number="440000000001")
    with db.acting(cast.kuang):
        paper = queries.get_paper(cast.kuang, paper_id)
        opened_on = paper.version
        right = paper_facts(number="440000000002")
        with pytest.raises(Mistake):
            operations.correct_paper(paper, right, " ", opened_on, cast.kuang)
        operations.correct_paper(paper, right, "看错一位", opened_on, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(TooLate):
        paper = queries.get_paper(cast.kuang, paper_id)
        operations.correct_paper(paper, right, "再改", opened_on, cast.kuang)


def test_a_day_is_changed_only_where_a_photo_shows_it(cast, new_vendor, photo):
    paper_id = record(cast, new_vendor(), "tobacco_permit")
    facts = paper_facts(expires_on=date(2028, 1, 31))
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        paper = queries.get_paper(cast.kuang, paper_id)
        operations.correct_paper(paper, facts, "看错日期", paper.version, cast.kuang)
    assert told.value.field == "photo"
    with db.acting(cast.kuang):
        paper = queries.get_paper(cast.kuang, paper_id)
        operations.add_photos(paper, [photo], cast.kuang)
        operations.correct_paper(paper, facts, "看错日期", paper.version, cast.kuang)
        assert paper.expires_on == date(2028, 1, 31)


@pytest.mark.parametrize("who", ["mai", "fu", "gu", "qu", "zhen", "shi_ban"])
def test_only_the_manager_enters_papers(cast, new_vendor, who):
    vendor_id, actor = new_vendor(), getattr(cast, who)
    with db.acting(actor), pytest.raises(NotAllowed):
        operations.record_paper(vendor_of(vendor_id), kind_of("tobacco_permit"), paper_facts(), actor)


def test_a_paper_of_another_company_or_vendor_is_not_there(cast, new_vendor):
    own, other = new_vendor(), new_vendor(uscc=OTHER_USCC, name="隔壁")
    paper_id = record(cast, other, "tobacco_permit")
    for actor in (cast.west_kuang, cast.west_mai, cast.west_zhen, vendor_actor(cast, own)):
        with db.acting(actor), pytest.raises(NotThere):
            queries.get_paper(actor, paper_id)
    himself = vendor_actor(cast, other)
    with db.acting(himself):
        assert queries.get_paper(himself, paper_id).id == paper_id


def test_a_market_keeps_papers_of_its_people_and_its_equipment(cast, reference):
    with db.acting(cast.kuang):
        market = cast.market()
        with pytest.raises(Mistake) as told:
            operations.record_paper(market, kind_of("lift_inspection"), paper_facts(), cast.kuang)
        assert told.value.field == "holder_name"
        with pytest.raises(Mistake):
            operations.record_paper(
                market, kind_of("tobacco_permit"), paper_facts(holder_name="样"), cast.kuang
            )
        facts = paper_facts(holder_name="1 号货梯")
        operations.record_paper(market, kind_of("lift_inspection"), facts, cast.kuang)
        assert [line.paper.holder_name for line in queries.papers_of_market(market)] == ["1 号货梯"]
