"""Search: words follow their things, pinyin and initials find, nobody finds what he does not see."""

import sqlalchemy as sa

from portal.cli.reindex import reindex_all
from portal.core import db
from portal.markets import operations, queries, words
from portal.markets.models import EquipmentKind, Found, SearchWord, VendorKind
from portal.markets.operations import EquipmentFacts
from tests.markets.conftest import OTHER_USCC, OWN_ID, USCC, vendor_actor, vendor_facts, vendor_of
from tests.people import count_rows
from tests.visitors import Visitor

ZHANG = "虎门张福记烧腊店"


def found(actor, typed: str) -> dict[Found, list[int]]:
    with db.acting(actor):
        return {hits.kind: [hit.row.id for hit in hits.rows] for hits in queries.search(actor, typed)}


FINDS = (
    *(ZHANG, "张福记", "福记", "zfj", "ZFJ", "zhangfuji", "fjsl", "张 福　记", "梁样烧", "lys"),
    *(USCC, USCC[:9].lower()),
)
FINDS_NOTHING = ("13800138000", "138001", "梁烧", "z", "店铺", "", "   ", "%", "_", "-")


def test_a_vendor_is_found_by_any_part_of_his_name_by_pinyin_and_by_his_code_and_never_by_telephone(
    cast, new_vendor
):
    vendor_id = new_vendor(name=ZHANG)
    for typed in FINDS:
        assert found(cast.qu, typed) == {Found.VENDOR: [vendor_id]}, typed
    for typed in FINDS_NOTHING:
        assert found(cast.qu, typed) == {}, typed


def test_stalls_markets_and_equipment_are_found_as_they_are_written(cast):
    with db.acting(cast.kuang) as session:
        facts = EquipmentFacts(EquipmentKind.LIFT, "DT-01", name="1 号货梯")
        equipment = operations.add_equipment(cast.market(), facts, cast.kuang)
        session.flush()
        lift = equipment.id
    stall, market = cast.east.stall_ids[0], cast.east.market_id
    for typed in ("A-001", "a001", "Ａ００１"):
        assert found(cast.mai, typed) == {Found.STALL: [stall]}
    assert (
        found(cast.mai, "东样")
        == found(cast.mai, "dyrc")
        == found(cast.mai, "rcsc")
        == {Found.MARKET: [market]}
    )
    assert found(cast.mai, "dt1") == {} and found(cast.mai, "货梯") == {Found.EQUIPMENT: [lift]}
    assert set(found(cast.mai, "01")) == {Found.EQUIPMENT}


def test_each_sees_what_he_reaches_and_a_vendor_has_no_words(cast, new_vendor):
    vendor_id = new_vendor(name=ZHANG)
    for actor in (cast.kuang, cast.mai, cast.gu, cast.zhen, cast.xiao, cast.shi_ban):
        assert found(actor, "zfj") == {Found.VENDOR: [vendor_id]}, actor.role
    for actor in (cast.west_kuang, cast.west_gu, cast.west_zhen, vendor_actor(cast, vendor_id)):
        assert found(actor, "zfj") == {}, actor.role


def test_words_follow_a_new_name_and_go_with_it(cast, new_vendor):
    vendor_id = new_vendor(name=ZHANG)
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        facts = vendor_facts(name="陈样水产", uscc=OTHER_USCC)
        operations.edit_vendor(vendor, facts, vendor.version, cast.kuang)
    assert found(cast.qu, "zfj") == found(cast.qu, USCC) == {}
    assert found(cast.qu, "cysc") == found(cast.qu, OTHER_USCC) == {Found.VENDOR: [vendor_id]}


def test_words_made_anew_are_those_that_were_there(cast, new_vendor):
    new_vendor(name=ZHANG)
    query = sa.select(SearchWord.kind, SearchWord.subject_id, SearchWord.word)
    with db.acting(cast.shi_ban) as session:
        before = {tuple(row) for row in session.execute(query).all()}
        session.execute(sa.delete(SearchWord).where(SearchWord.kind == Found.VENDOR))
    assert reindex_all() == len(before) == count_rows(SearchWord)
    with db.acting(cast.shi_ban) as session:
        assert {tuple(row) for row in session.execute(query).all()} == before


def test_words_of_many_are_written_in_one_statement(cast, statements):
    with db.acting(cast.kuang):
        operations.add_stalls(cast.market(), "F-001", "F-100", None, cast.kuang)
    about_words = [one for one in statements.statements if "search_word" in one]
    assert len(about_words) == 1, "three hundred words"


def test_more_of_a_kind_is_read_page_by_page_in_the_order_of_the_words(app, cast, reference):
    with db.acting(cast.kuang) as session:
        for number in range(53):
            facts = vendor_facts(
                kind=VendorKind.UNLICENSED, uscc="", identity=OWN_ID, name=f"福样{number:02d}"
            )
            operations.register_vendor(cast.market(), facts, cast.kuang)
        session.flush()
    with db.acting(cast.kuang):
        first = queries.search_kind(cast.kuang, "fy", Found.VENDOR)
        rest = queries.search_kind(cast.kuang, "fy", Found.VENDOR, first.next_cursor)
        names = [hit.row.name for hit in (*first.rows, *rest.rows)]
        assert len(first.rows) == 50 and names == [f"福样{number:02d}" for number in range(53)]
    visitor = Visitor(app).sign_in("qu")
    page = visitor.get("/search?q=fy")
    assert page.text.count("福样0") == 5 and "更多商户" in page.text
    assert "福样52" in visitor.get(f"/search?q=fy&kind=vendor&after={first.next_cursor}").text
    assert visitor.get("/search?q=fy&kind=vendor&after=x.%00y").status_code in (200, 400)


def test_a_name_keeps_no_more_words_than_its_bounds():
    assert (
        len(words.of_name("东莞市" + "虎门镇" * 20 + "有限公司"))
        <= 2 * words.MOST_STARTS + words.MOST_SPELLED + 1
    )
    assert words.of_name("（）") == set() and words.of_code("A-017") == {"a017", "017", "17"}
