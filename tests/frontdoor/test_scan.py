"""A sign is scanned: strangers read the legal minimum, staff come to their own work, a forged code opens nothing."""

import gzip
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import portal
from portal.core import clock, db, door
from portal.markets import operations as markets
from portal.markets.models import (
    CheckPoint,
    Equipment,
    EquipmentKind,
    Sign,
    SignKind,
    Stall,
    VendorKind,
    natural_key,
)
from portal.markets.operations import signs
from portal.selfcheck.operations import checks
from portal.selfcheck.queries import checks as lookup
from tests.markets.conftest import kind_of, new_vendor, paper_facts, reference, vendor_of
from tests.people import Cast
from tests.selfcheck import day
from tests.visitors import Visitor

__all__ = ["new_vendor", "reference"]

MOST_OF_A_FIRST_LOAD = 60_000
STATIC = Path(portal.__file__).parent / "static"
SECRETS = ("梁样烧", "13800138000", "138 0013", "麦小禾", "邝样安", "C-02", "360426199101010071")


@pytest.fixture
def hung(cast: Cast, new_vendor: Callable[..., int]) -> Cast:
    """A stall with a vendor, his papers and scale, a fair scale at a point, and signs on everything."""
    vendor_id = new_vendor(trade_codes=["food_catering"])
    with db.acting(cast.kuang) as session:
        market, stall = cast.market(), session.get_one(Stall, cast.east.stall_ids[0])
        vendor = vendor_of(vendor_id)
        markets.move_in(stall, vendor, date(2026, 3, 1), cast.kuang)
        permit = paper_facts(number="JY24419001234567")
        markets.record_paper(vendor, kind_of("food_permit"), permit, cast.kuang)
        point = CheckPoint(market_id=market.id, code="P-1", name="服务点", place="大门左侧", position=1)
        session.add(point.stands_in(market))
        session.flush()
        fair = Equipment(market_id=market.id, kind=EquipmentKind.FAIR_SCALE, code="G-1", name="公平秤",
                         sort_key=natural_key("G-1"), point_id=point.id).stands_in(market)  # fmt: skip
        session.add(fair)
        session.flush()
        signs.make_signs(market, cast.kuang)
    return cast


def code_for(cast: Cast, kind: SignKind = SignKind.STALL, number: int = 0) -> str:
    with db.acting(cast.kuang) as session:
        query = sa.select(Sign).where(Sign.kind == kind).order_by(Sign.id)
        return signs.code_of(session.scalars(query).all()[number])


def test_a_stranger_reads_the_legal_minimum_and_no_more(app: Flask, hung: Cast) -> None:
    with clock.at(day.WALKING):
        day.submitted(hung)
        answer = Visitor(app).get(f"/s/{code_for(hung)}")
    assert answer.status_code == 200
    for said in ("东样肉菜市场 猪肉区", "A-001", "样记烧腊", "梁*烧", "92441900MA4X00001G", "JY24419001234567",
                 "2027-12-31", "公平秤在大门左侧", "05:33", "都正常", "12315"):  # fmt: skip
        assert said in answer.text, said
    assert [secret for secret in SECRETS if secret in answer.text] == []
    assert "市场还没有登记" in answer.text  # the licence, which nobody entered


def test_its_first_load_is_small_and_asks_for_nothing_foreign(app: Flask, hung: Cast) -> None:
    visitor = Visitor(app)
    text = visitor.get(f"/s/{code_for(hung)}").text
    loaded = set(re.findall(r'(?:href|src)="/static/([^"#]+)', text))
    assert {path.partition("?")[0].rpartition(".")[2] for path in loaded} == {"css", "svg", "js"}
    sizes = {path: len(gzip.compress((STATIC / path.partition("?")[0]).read_bytes())) for path in loaded}
    first = sum(sizes.values()) + len(gzip.compress(text.encode()))
    assert first <= MOST_OF_A_FIRST_LOAD, (first, sizes)
    assert re.findall(r'(?:src|action)="https?:', text) == []


def test_a_person_without_a_licence_is_masked_in_the_name_too(app: Flask, hung: Cast) -> None:
    with db.acting(hung.kuang) as session:
        vendor = vendor_of(1)
        vendor.kind, vendor.name, vendor.uscc = VendorKind.OWN_PRODUCE, "梁样烧的菜", None
        session.flush()
    text = Visitor(app).get(f"/s/{code_for(hung)}").text
    assert "梁*烧的菜" in text and "梁样烧" not in text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (SignKind.MARKET, ("东样肉菜市场", "样板路 1 号", "公平秤在大门左侧")),
        (SignKind.ZONE, ("东样肉菜市场", "猪肉区")),
        (SignKind.POINT, ("P-1", "服务点", "巡查要到的点")),
    ],
)
def test_market_zone_and_point_have_public_pages_too(
    app: Flask, hung: Cast, kind: SignKind, said: tuple[str, ...]
) -> None:
    text = Visitor(app).get(f"/s/{code_for(hung, kind)}").text
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize("code", ["A" * 22, "x", "%E4%BD%A0", "' OR 1=1 --", "a" * 500])
def test_a_forged_code_is_told_in_words_and_opens_nothing(app: Flask, hung: Cast, code: str) -> None:
    for visitor in (Visitor(app), Visitor(app).sign_in("mai")):
        answer = visitor.get(f"/s/{code}")
        assert answer.status_code == 404
        assert "这不是我们的码" in answer.text and "怎样识别假码" in answer.text
        assert "A-001" not in answer.text


def test_a_stall_done_away_with_says_so(app: Flask, hung: Cast) -> None:
    code = code_for(hung, number=1)
    with db.acting(hung.kuang) as session:
        markets.close_stall(session.get_one(Stall, hung.east.stall_ids[1]), "", hung.kuang)
    text = Visitor(app).get(f"/s/{code}").text
    assert "这个档口已撤销" in text and "今天的检查" not in text


def test_everybody_comes_where_his_work_is(app: Flask, hung: Cast) -> None:
    code = code_for(hung)
    file = f"/markets/{hung.east.market_id}/stalls/{hung.east.stall_ids[0]}"
    for who in ("kuang", "fu", "gu", "qu", "zhen", "shen", "mai"):
        assert Visitor(app).sign_in(who).get(f"/s/{code}").location == file, who
    for who in ("west_mai", "west_qu", "west_zhen", "guan"):
        answer = Visitor(app).sign_in(who).get(f"/s/{code}")
        assert (answer.status_code, "今天的检查" in answer.text) == (200, True), who
    seen = Visitor(app).sign_in("kuang").get(f"/s/{code}?as=public")
    assert "今天的检查" in seen.text


def test_a_patroller_comes_to_the_stalls_items_of_the_check_he_walks(app: Flask, hung: Cast) -> None:
    code, items = code_for(hung), [*day.EIGHT, day.item("WM-17", evidence_pass="scan", title="食品许可齐全")]
    with clock.at(day.WALKING):
        check = day.make_check(hung, items=items)
        visitor = Visitor(app).sign_in("mai")
        chooser = visitor.get(f"/s/{code}")
        assert f"/checks/{check}?sign=" in chooser.text and "在查哪一次" in chooser.text
        with db.acting(hung.mai):
            checks.start(lookup.get_occurrence(hung.mai, check), hung.mai)
        answer = visitor.get(f"/s/{code}")
        assert answer.location.startswith(f"/checks/{check}?sign=") and answer.location.endswith("#scanned")
        page = visitor.get(answer.location).text
        scanned = page[page.index('id="scanned"') : page.index('class="walk"')]
        assert "A-001" in scanned and 'href="#i-WM-17"' in scanned and "#i-C-01" not in scanned
        assert 'name="C-01-stall" value="A-001"' in page


def test_a_number_read_out_leads_where_the_code_does(app: Flask, hung: Cast) -> None:
    with db.acting(hung.kuang) as session:
        ref = session.scalars(
            sa.select(Sign.ref).where(Sign.kind == SignKind.STALL).order_by(Sign.id)
        ).first()
    assert ref is not None
    own, foreign = Visitor(app).sign_in("gu"), Visitor(app).sign_in("west_gu")
    spoken = f"{ref[:3]} {ref[3:6]} {ref[6:]}"
    assert "/stalls/" in own.get("/s", query_string={"number": spoken}).location
    for visitor, typed in ((foreign, ref), (own, "123456789"), (own, "abc"), (own, "")):
        answer = visitor.get("/s", query_string={"number": typed})
        assert answer.status_code == 404 and "编号" in answer.text and "A-001" not in answer.text
    assert "/sign-in" in Visitor(app).get("/s", query_string={"number": ref}).location


def test_a_shut_door_stays_shut_when_the_row_says_otherwise(app: Flask, hung: Cast) -> None:
    code = code_for(hung)
    with db.acting(hung.kuang) as session:
        door.revoke("sign", session.scalars(sa.select(Sign).where(Sign.kind == SignKind.STALL)).first())
    answer = Visitor(app).sign_in("kuang").get(f"/s/{code}")
    assert answer.status_code == 410 and "A-001" not in answer.text
