"""Anybody may ask whether a paper is real, and learns nothing else."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock, db
from portal.core.digests import in_groups, short_code
from portal.core.door import Door
from portal.selfcheck.models import ControlRecord, Outcome, RecordKind, Submission
from portal.selfcheck.operations import checks, records, reviews
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as lookup
from portal.selfcheck.queries import records as queries
from tests.people import Cast
from tests.selfcheck.day import FRIDAY
from tests.selfcheck.walked import form, make, moment, proof, the_record, walk
from tests.visitors import Visitor

LEAKING = Given(Outcome.FAIL, phrases=("排水沟堵了",), note="找老王疏通")
NEUTRAL = "没有这份记录"


@pytest.fixture(autouse=True)
def in_the_evening() -> Iterator[None]:
    with clock.at(moment(FRIDAY, 21)):
        yield


@pytest.fixture
def check(cast: Cast) -> int:
    made = make(cast)
    walk(cast, cast.mai, made, moment(FRIDAY, 5), WM_22=LEAKING)
    return made


@pytest.fixture
def record(cast: Cast, check: int) -> ControlRecord:
    """A signed daily record."""
    form(cast.mai, cast.east.market_id, FRIDAY, moment(FRIDAY, 21))
    with db.acting(cast.mai):
        found = the_record(cast.mai, cast.east.market_id, RecordKind.DAILY, FRIDAY)
        records.sign(found, proof(cast.mai), "已疏通", cast.mai)
    return found


def submission_of(cast: Cast, check: int) -> Submission:
    with db.acting(cast.kuang):
        return queries.get_submission(cast.kuang, check)


def tamper(table: str, row_id: int) -> None:
    """Change a content behind the portal's back, as somebody with the database file could."""
    column = "json_set(content, '$.day', '2026-10-08')"
    if db.database().engine.dialect.name == "postgresql":
        column = "jsonb_set(content, '{day}', '\"2026-10-08\"')"
    with db.database().engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET content = {column} WHERE id = :id"), {"id": row_id})


def test_a_signed_record_is_known_by_its_digest(app: Flask, record: ControlRecord) -> None:
    answer = Visitor(app).get(f"/verify/{record.digest}")
    assert answer.status_code == 200
    for said in (
        "内容未改动",
        "东样肉菜市场",
        "日管控记录",
        "10月9日 星期五",
        "由食品安全员签认",
        "前后各 8 位",
        (record.digest or "")[:8],
        (record.digest or "")[-8:],
    ):
        assert said in answer.text, said


def test_nobodys_name_and_nothing_that_was_found_is_told(
    app: Flask, cast: Cast, record: ControlRecord
) -> None:
    text = Visitor(app).get(f"/verify/{record.digest}").text
    for secret in ("麦小禾", "邝样安", "排水沟", "老王", "已疏通", "B-001"):
        assert secret not in text, secret


def test_a_submitted_check_is_known_by_its_digest(app: Flask, cast: Cast, check: int) -> None:
    text = Visitor(app).get(f"/verify/{submission_of(cast, check).digest}").text
    for said in ("内容未改动", "东样肉菜市场", "开市检查"):
        assert said in text, said
    short = short_code(submission_of(cast, check).digest)
    assert "内容未改动" in Visitor(app).get(f"/verify/{short}").text
    assert "麦小禾" not in text and "排水沟" not in text


@pytest.mark.parametrize("kind", ["record", "check"])
def test_a_content_that_was_changed_shows(
    app: Flask, cast: Cast, check: int, record: ControlRecord, kind: str
) -> None:
    row = record if kind == "record" else submission_of(cast, check)
    tamper(row.__tablename__, row.id)
    answer = Visitor(app).get(f"/verify/{row.digest}")
    assert answer.status_code == 200
    assert "内容与登记不符" in answer.text and "内容未改动" not in answer.text


@pytest.mark.parametrize(
    "code",
    [
        "0" * 64,
        "0" * 16,
        "0123",
        "x" * 64,
        "<script>",
        "' OR 1=1 --",
        "../../etc/passwd",
        "%E4%BD%A0",
        "a" * 500,
    ],
)
def test_a_code_that_opens_nothing_is_told_so_and_no_more(
    app: Flask, record: ControlRecord, code: str
) -> None:
    answer = Visitor(app).get(f"/verify/{code}")
    assert answer.status_code == 404
    assert NEUTRAL in answer.text or "没有找到这一页" in answer.text
    assert "<script>" not in answer.text and "东样" not in answer.text


def test_one_wrong_sign_opens_nothing(app: Flask, record: ControlRecord) -> None:
    digest = record.digest or ""
    wrong = ("0" if digest[0] != "0" else "1") + digest[1:]
    assert Visitor(app).get(f"/verify/{wrong}").status_code == 404


def test_a_revoked_door_opens_no_more(app: Flask, record: ControlRecord) -> None:
    with db.opened(None, writes=True) as own:
        for one in own.scalars(sa.select(Door).where(Door.opens == "control_record")):
            one.revoked_at = clock.now()
        own.commit()
    assert Visitor(app).get(f"/verify/{record.digest}").status_code == 404


def test_the_code_is_taken_however_it_is_typed(app: Flask, record: ControlRecord) -> None:
    digest = record.digest or ""
    for typed in (digest, in_groups(digest, 8), digest.upper(), in_groups(short_code(digest)).upper()):
        visitor = Visitor(app)
        answer = visitor.get("/verify", query_string={"code": f" {typed} "})
        assert answer.status_code == 302, typed
        assert "内容未改动" in visitor.get(answer.location).text
    assert "输入纸面上的码" in Visitor(app).get("/verify").text
    wrong = Visitor(app).get("/verify", query_string={"code": "不是码"})
    assert "没有查到" in wrong.text and "不是码" in wrong.text


def test_a_check_walked_again_points_to_its_last_submission(app: Flask, cast: Cast, check: int) -> None:
    first = submission_of(cast, check)
    with db.acting(cast.qu):
        reviews.send_back(lookup.get_occurrence(cast.qu, check), "照片看不清", cast.qu)
    with db.acting(cast.mai):
        occurrence = lookup.get_occurrence(cast.mai, check)
        checks.submit(occurrence, cast.mai)
    text = Visitor(app).get(f"/verify/{first.digest}").text
    second = submission_of(cast, check)
    assert "退回补查过" in text and f"/verify/{second.digest}" in text
    assert "第 2 次提交" in Visitor(app).get(f"/verify/{second.digest}").text


def test_a_record_stays_verified_when_its_market_moves(app: Flask, cast: Cast, record: ControlRecord) -> None:
    with db.database().engine.begin() as connection:
        connection.execute(sa.text("UPDATE control_record SET community_code = '441900121999'"))
    assert "内容未改动" in Visitor(app).get(f"/verify/{record.digest}").text
