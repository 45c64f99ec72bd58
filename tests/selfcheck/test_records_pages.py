"""The pages of records: what waits first, signing by PIN or password, and paper for whoever may read."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from portal.core import clock, db, paper
from portal.selfcheck.models import ControlRecord, Outcome, RecordKind
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.workflow import RecordState
from tests.people import PASSWORD, PIN, Cast, code_now
from tests.selfcheck.day import FRIDAY
from tests.selfcheck.walked import form, make, moment, the_record, walk
from tests.visitors import Visitor

LEAKING = Given(Outcome.FAIL, phrases=("排水沟堵了",), note="冲了两遍还积水")


@pytest.fixture(autouse=True)
def in_the_evening() -> Iterator[datetime]:
    at = moment(FRIDAY, 21)
    with clock.at(at):
        yield at


@pytest.fixture
def check(cast: Cast) -> int:
    """A day of one check with one problem, its records formed; the check's id."""
    made = make(cast)
    walk(cast, cast.mai, made, moment(FRIDAY, 5), WM_22=LEAKING)
    form(cast.mai, cast.east.market_id, FRIDAY, moment(FRIDAY, 21))
    return made


def record_of(cast: Cast, kind: RecordKind = RecordKind.DAILY) -> ControlRecord:
    with db.acting(cast.kuang):
        return the_record(cast.kuang, cast.east.market_id, kind, FRIDAY)


def own_phone(app: Flask, username: str) -> Visitor:
    """Signed in on a device that is remembered, so that a PIN signs."""
    visitor = Visitor(app)
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"username": username, "password": PASSWORD, "remember": "y"})
    assert answer.status_code == 303, answer.text
    if "second-factor" in answer.location:
        visitor.get(answer.location)
        assert visitor.post(answer.location, {"code": code_now()}).status_code == 303
    return visitor


def sign(visitor: Visitor, record: ControlRecord, **fields: str) -> int:
    visitor.get(f"/records/{record.id}")
    answer = visitor.post(f"/records/{record.id}/sign", {"measures": "已疏通", **fields})
    return answer.status_code


def test_what_waits_for_my_signature_stands_first(app: Flask, cast: Cast, check: int) -> None:
    text = own_phone(app, "mai").get("/records").text
    assert "有 1 份记录等你签认" in text
    assert text.index("去签认") < text.index("全部记录")
    assert "有 1 份记录等你签认" not in own_phone(app, "shi").get("/records").text


def test_the_page_says_what_was_found_and_the_pin_signs_it(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = own_phone(app, "mai"), record_of(cast)
    text = visitor.get(f"/records/{record.id}").text
    for said in ("发现 1 个问题", "排水沟堵了；冲了两遍还积水", "签认这份记录", "签名码", "参照 60号令"):
        assert said in text, said
    assert sign(visitor, record, pin=PIN) == 303
    signed = record_of(cast)
    assert (signed.state, signed.signed_with, signed.measures) == (RecordState.SIGNED, "pin", "已疏通")
    after = visitor.get(f"/records/{record.id}").text
    assert "麦小禾（食品安全员）" in after and "签认这份记录" not in after


def test_a_wrong_pin_is_told_beside_its_field_and_signs_nothing(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = own_phone(app, "mai"), record_of(cast)
    visitor.get(f"/records/{record.id}")
    answer = visitor.post(f"/records/{record.id}/sign", {"measures": "已疏通", "pin": "9999"})
    assert answer.status_code == 422
    assert "没有对上" in answer.text and "已疏通" in answer.text
    assert record_of(cast).state is RecordState.FORMING


def test_without_a_remembered_device_the_password_signs(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = Visitor(app).sign_in("kuang"), record_of(cast, RecordKind.PATROL)
    assert "登录密码" in visitor.get(f"/records/{record.id}").text
    assert sign(visitor, record, password="not it") == 422
    assert sign(visitor, record, password=PASSWORD) == 303
    assert record_of(cast, RecordKind.PATROL).signed_with == "password"


def test_a_problem_without_a_word_on_it_comes_back(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = own_phone(app, "mai"), record_of(cast)
    visitor.get(f"/records/{record.id}")
    answer = visitor.post(f"/records/{record.id}/sign", {"measures": "", "pin": PIN})
    assert answer.status_code == 422 and "请写怎么处理的" in answer.text


def test_the_wrong_post_sees_no_form_and_is_refused(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = Visitor(app).sign_in("kuang"), record_of(cast)
    text = visitor.get(f"/records/{record.id}").text
    assert "签认这份记录" not in text and "由食品安全员签认" in text
    assert sign(visitor, record, password=PASSWORD) == 403
    assert record_of(cast).state is RecordState.FORMING


def test_a_record_that_changed_since_it_was_read_is_not_signed(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = own_phone(app, "mai"), record_of(cast)
    assert sign(visitor, record, pin=PIN, seen="0" * 64) == 409


@pytest.mark.parametrize("who", ["fu", "qu", "gu", "zhen", "shi_ban"])
def test_officers_and_colleagues_read_and_do_not_sign(app: Flask, cast: Cast, check: int, who: str) -> None:
    visitor, record = Visitor(app).sign_in(who), record_of(cast)
    assert visitor.get("/records").status_code == 200
    assert "排水沟堵了" in visitor.get(f"/records/{record.id}").text
    assert visitor.post(f"/records/{record.id}/sign", {"password": PASSWORD}).status_code == 403


def test_the_community_prints_what_it_reads(app: Flask, cast: Cast, check: int) -> None:
    visitor, record = Visitor(app).sign_in("qu"), record_of(cast)
    for path in (f"/records/{record.id}/record.pdf", f"/checks/{check}/record.pdf"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-"), (
            path
        )


@pytest.mark.parametrize("who", ["west_mai", "west_kuang", "west_qu", "west_zhen"])
def test_a_strangers_record_is_not_there(app: Flask, cast: Cast, check: int, who: str) -> None:
    visitor, record = Visitor(app).sign_in(who), record_of(cast)
    for path in (
        f"/records/{record.id}",
        f"/records/{record.id}/record.pdf",
        f"/checks/{check}/record.pdf",
        "/records/999999",
    ):
        assert visitor.get(path).status_code == 404, path
    assert "东样" not in visitor.get("/records").text.replace("东样市场", "").replace("东样公司", "")


def test_a_check_that_was_not_submitted_has_no_paper(app: Flask, cast: Cast) -> None:
    assert Visitor(app).sign_in("kuang").get(f"/checks/{make(cast)}/record.pdf").status_code == 404


def test_the_list_is_narrowed_in_its_address(app: Flask, cast: Cast, check: int) -> None:
    visitor = Visitor(app).sign_in("kuang")
    only_fire = visitor.get("/records?kind=patrol&month=2026-10").text
    assert only_fire.count("data-label") and "防火巡查记录" in only_fire
    assert "10月9日 星期五 日管控记录" not in only_fire
    assert "还没有记录" in visitor.get("/records?month=2026-09").text
    assert visitor.get("/records?kind=nonsense&month=x&after=y&market=z").status_code == 200


@pytest.mark.parametrize(
    "asked", ["market=" + "9" * 30, "month=9999-12", "month=x", "after=2026-10-09." + "9" * 30]
)
def test_an_address_nobody_means_shows_the_whole_list(app: Flask, cast: Cast, check: int, asked: str) -> None:
    assert Visitor(app).sign_in("kuang").get(f"/records?{asked}").status_code == 200


def test_every_kind_of_record_has_a_page(app: Flask, cast: Cast, check: int) -> None:
    monday, first = FRIDAY - timedelta(days=4), date(2026, 11, 1)
    form(cast.mai, cast.east.market_id, monday + timedelta(days=7), moment(monday + timedelta(days=7), 4))
    form(cast.mai, cast.east.market_id, first, moment(first, 4))
    with clock.at(moment(first, 9)):
        visitor = Visitor(app).sign_in("kuang")
        for kind, period_on, said in (
            (RecordKind.WEEKLY, monday, "1/7 天有日管控记录"),
            (RecordKind.MONTHLY, date(2026, 10, 1), "2026 年 10 月"),
            (RecordKind.PATROL, FRIDAY, "安全出口畅通"),
        ):
            with db.acting(cast.kuang):
                record_id = the_record(cast.kuang, cast.east.market_id, kind, period_on).id
            assert said in visitor.get(f"/records/{record_id}").text, kind
            assert visitor.get(f"/records/{record_id}/record.pdf").data[:5] == b"%PDF-"


def test_a_paper_many_ask_for_at_once_is_a_page_that_says_come_again(
    app: Flask, cast: Cast, check: int
) -> None:
    visitor = own_phone(app, "kuang")
    with ExitStack() as others:
        for _ in range(paper.LINE):
            paper._line.acquire()
            others.callback(paper._line.release)
        answer = visitor.get(f"/checks/{check}/record.pdf")
    assert answer.status_code == 503
    assert "正在排队" in answer.text and "没有存上" not in answer.text
