"""The people of an organisation by its pages."""

import pytest
from flask import Flask

from portal.core import db
from portal.territory.models import Kind, Organisation
from tests.people import Cast
from tests.visitors import Visitor


def test_a_manager_lets_somebody_in_and_hands_over_the_link(app: Flask, cast: Cast) -> None:
    manager = Visitor(app).sign_in("kuang")
    manager.get("/people/new")
    answer = manager.post(
        "/people/new", {"name": "新来的人", "phone": "１３９ ００１３ ９０００", "role": "patroller"}
    )
    assert answer.status_code == 303
    text = manager.get(answer.location).text
    assert "新来的人" in text and "给一条开通链接" in text
    assert "新来的人" in manager.get("/people").text


def test_the_form_offers_only_what_may_be_given_and_a_forged_role_is_refused(app: Flask, cast: Cast) -> None:
    manager = Visitor(app).sign_in("kuang")
    assert 'value="city_officer"' not in manager.get("/people/new").text
    fields = {"name": "新来的人", "phone": "13900139000", "role": "city_officer"}
    assert manager.post("/people/new", fields).status_code == 422


@pytest.mark.parametrize(
    "extra", ["organisation_id", "person_id", "vendor_id", "is_admin", "disabled_at", "to_on"]
)
def test_fields_the_form_does_not_have_change_nothing(app: Flask, cast: Cast, extra: str) -> None:
    manager = Visitor(app).sign_in("kuang")
    manager.get("/people/new")
    fields = {
        "name": "新来的人",
        "phone": "13900139000",
        "role": "patroller",
        extra: str(cast.west.company_id),
    }
    answer = manager.post("/people/new", fields)
    assert answer.status_code == 303
    assert "东样市场管理有限公司" in manager.get(answer.location).text


def test_the_people_elsewhere_are_a_page_not_found_like_one_that_does_not_exist(
    app: Flask, cast: Cast
) -> None:
    manager = Visitor(app).sign_in("kuang")
    foreign, missing = cast.west_mai.membership_id, 999_999
    for path in ("/people/{}", "/people?organisation={}", "/people/new?organisation={}"):
        there = manager.get(path.format(foreign if "?" not in path else cast.west.company_id))
        nowhere = manager.get(path.format(missing))
        assert there.status_code == nowhere.status_code == 404, path
    for deed in ("link", "end", "disable", "enable"):
        assert manager.post(f"/people/{foreign}/{deed}").status_code == 404
        assert manager.post(f"/people/{missing}/{deed}").status_code == 404


def test_an_officer_sees_the_people_of_companies_in_the_area(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    assert "麦小禾" in officer.get(f"/people?organisation={cast.east.company_id}").text
    assert officer.get(f"/people?organisation={cast.west.company_id}").status_code == 404


@pytest.mark.parametrize("name", ["mai", "fu", "gu", "shen"])
def test_whoever_keeps_no_list_sees_none(app: Flask, cast: Cast, name: str) -> None:
    visitor = Visitor(app).sign_in(name)
    assert visitor.get("/people").status_code == 403
    assert visitor.post(f"/people/{cast.mai.membership_id}/disable").status_code == 403


def test_the_buttons_are_the_deeds_that_are_open(app: Flask, cast: Cast) -> None:
    manager, officer = Visitor(app).sign_in("kuang"), Visitor(app).sign_in("qu")
    path = f"/people/{cast.mai.membership_id}"
    assert "停用账号" in manager.get(path).text and "解除动态码" not in manager.get(path).text
    assert "停用账号" not in officer.get(path).text and "解除动态码" in officer.get(path).text
    own = manager.get(f"/people/{cast.kuang.membership_id}").text
    assert "停用账号" not in own and "重设链接" not in own


def test_ending_a_part_puts_its_holder_out(app: Flask, cast: Cast) -> None:
    manager, patroller = Visitor(app).sign_in("kuang"), Visitor(app).sign_in("mai")
    manager.get("/people")
    path = manager.post(f"/people/{cast.mai.membership_id}/end").location
    assert manager.post(path, {"successor": ""}).status_code == 303
    assert patroller.get("/account").status_code == 302
    manager.get("/people")  # says once that it is done
    assert "麦小禾" not in manager.get("/people").text


def test_shutting_out_and_letting_in_again(app: Flask, cast: Cast) -> None:
    manager = Visitor(app).sign_in("kuang")
    path = f"/people/{cast.mai.membership_id}"
    manager.get(path)
    assert manager.post(f"{path}/disable").status_code == 303
    assert "恢复账号" in manager.get(path).text
    assert manager.post(f"{path}/disable").status_code == 409
    assert manager.post(f"{path}/enable").status_code == 303


def test_a_lost_telephone_is_taken_off_by_the_officer_on_duty(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    path = f"/people/{cast.kuang.membership_id}"
    officer.get(path)
    assert officer.post(f"{path}/reset-factor").status_code == 303
    assert "没有绑定" in officer.get(path).text


@pytest.mark.parametrize("path", ["/people", "/people/new", "/people/{mai}"])
def test_a_page_asks_the_database_a_dozen_times_at_most(
    app: Flask, cast: Cast, statements: list[str], path: str
) -> None:
    manager = Visitor(app).sign_in("kuang")
    before = len(statements)
    assert manager.get(path.format(mai=cast.mai.membership_id)).status_code == 200
    assert len(statements) - before <= 12


def test_a_city_officer_reaches_every_organisation_but_the_platform(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("shi_ban")
    with db.reading() as session:
        bodies = [(one.id, one.kind) for one in session.query(Organisation)]
    for number, kind in bodies:
        expected = 404 if kind is Kind.PLATFORM else 200
        assert officer.get(f"/people?organisation={number}").status_code == expected
