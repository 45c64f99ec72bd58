"""The pages of areas and organisations."""

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.core import db
from portal.territory import queries
from portal.territory.cli import divisions, functions
from tests.people import EAST_COMMUNITY, EAST_TOWN, WEST_COMMUNITY, Cast
from tests.visitors import Visitor


def card(**more: str) -> dict[str, str]:
    return {"kind": "company", "area_code": EAST_COMMUNITY, "name": "新样市场管理有限公司"} | more


def test_everybody_signed_in_reads_organisations_and_areas(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app).sign_in("mai")
    assert "虎门消防所" in visitor.get("/organisations").text
    assert "虎门镇" in visitor.get("/areas?under=441900").text
    assert "登记一个单位" not in visitor.get("/organisations").text
    assert visitor.get(f"/organisations/{cast.west.company_id}").status_code == 200


def test_the_list_is_found_by_name_and_by_area(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app).sign_in("mai")
    text = visitor.get("/organisations?q=消防").text
    assert "虎门消防所" in text and "虎门镇指挥中心" not in text
    text = visitor.get(f"/organisations?area={EAST_TOWN}").text
    assert "东样市场管理有限公司" in text and "西样市场管理有限公司" not in text
    assert "没有找到" in visitor.get("/organisations?q=%25").text


def test_a_town_registers_an_organisation(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("zhen")
    assert WEST_COMMUNITY not in officer.get("/organisations/new").text
    answer = officer.post(
        "/organisations/new", card(uscc="９１１１０００ ０６０００３７３４１ｌ", phone="0769-1")
    )
    assert answer.status_code == 303
    text = officer.get(answer.location).text
    assert "新样市场管理有限公司" in text and "91110000600037341L" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "city"},
        {"area_code": WEST_COMMUNITY},
        {"name": ""},
        {"uscc": "123"},
        {"area_code": EAST_TOWN},
    ],
)
def test_a_card_that_cannot_be_taken_comes_back(app: Flask, cast: Cast, wrong: dict[str, str]) -> None:
    officer = Visitor(app).sign_in("zhen")
    officer.get("/organisations/new")
    answer = officer.post("/organisations/new", card(**wrong))
    assert answer.status_code == 422 and 'role="alert"' in answer.text


def test_the_city_chooses_the_town_first(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("shi_ban")
    assert EAST_COMMUNITY in officer.get(f"/organisations/new?town={EAST_TOWN}").text
    assert EAST_COMMUNITY not in officer.get("/organisations/new").text
    assert officer.get("/organisations/new?town=nowhere").status_code == 404
    officer.get(f"/organisations/new?town={EAST_TOWN}")
    assert officer.post(f"/organisations/new?town={EAST_TOWN}", card()).status_code == 303


def test_a_card_is_written_anew_inside_ones_own_town_alone(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("zhen")
    path = f"/organisations/{cast.east.company_id}/edit"
    assert 'value="东样市场管理有限公司"' in officer.get(path).text
    assert officer.post(path, {"name": "东样新名有限公司", "short_name": "东新"}).status_code == 303
    with db.reading():
        assert queries.get_organisation(cast.east.company_id).short_name == "东新"
    for number in (cast.west.company_id, 999_999):
        assert officer.get(f"/organisations/{number}/edit").status_code == 404
        assert officer.post(f"/organisations/{number}/edit", {"name": "改名"}).status_code == 404


def test_a_department_gets_its_functions_on_the_page(app: Flask, cast: Cast) -> None:
    CliRunner().invoke(functions)
    officer = Visitor(app).sign_in("zhen")
    officer.get("/organisations/new")
    fields = card(kind="department", area_code=EAST_TOWN, name="虎门住建办") | {
        "functions": ["housing", "fire"]
    }
    answer = officer.post("/organisations/new", fields)
    assert answer.status_code == 303
    assert "住建（含燃气）" in officer.get(answer.location).text
    assert (
        officer.post(answer.location + "/edit", {"name": "虎门住建办", "functions": ["housing"]}).status_code
        == 303
    )
    assert "消防救援" not in officer.get(answer.location).text


@pytest.mark.parametrize("name", ["mai", "kuang", "qu", "xiao", "shen"])
def test_nobody_else_opens_the_forms(app: Flask, cast: Cast, name: str) -> None:
    visitor = Visitor(app).sign_in(name)
    for path in ("/organisations/new", f"/organisations/{cast.east.company_id}/edit"):
        assert visitor.get(path).status_code == 403
        assert visitor.post(path, card()).status_code == 403


def test_the_page_of_areas_says_when_they_were_loaded(app: Flask, cast: Cast) -> None:
    CliRunner().invoke(divisions)
    visitor = Visitor(app).sign_in("mai")
    text = visitor.get("/areas?under=441900").text
    assert "共 646 条" in text and "常平镇" in text
    assert visitor.get("/areas?under=441900110").status_code == 200
    assert visitor.get("/areas?under=nowhere").status_code == 404


def test_areas_of_the_cast_that_the_load_does_not_name_are_retired_and_shown_so(
    app: Flask, cast: Cast
) -> None:
    CliRunner().invoke(divisions)
    with db.reading():
        load = queries.last_load()
        gone = [one for one in queries.children(queries.get_area(EAST_TOWN)) if one.is_retired]
    assert load is not None and load.retired_count >= len(gone)


@pytest.mark.parametrize("path", ["/organisations", "/areas", "/organisations/1", "/organisations/new"])
def test_a_page_asks_the_database_a_dozen_times_at_most(
    app: Flask, cast: Cast, statements: list[str], path: str
) -> None:
    officer = Visitor(app).sign_in("zhen")
    before = len(statements)
    assert officer.get(path).status_code == 200
    assert len(statements) - before <= 12


@pytest.mark.parametrize(
    "path", ["/organisations?after=x&q='--", "/organisations?area=%F0%9F%92%A9", "/areas?under='"]
)
def test_junk_in_the_address_is_no_fault(app: Flask, cast: Cast, path: str) -> None:
    assert Visitor(app).sign_in("mai").get(path).status_code in {200, 404}
