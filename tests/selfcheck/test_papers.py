"""Records on paper: the words are there, the code and its digest are there, and nothing is fetched for them."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pypdf
from flask import Flask

from portal.core import clock, db, digests, qr, refs
from portal.evidence.staging import stage
from portal.markets import queries as markets
from portal.selfcheck import papers
from portal.selfcheck.models import Outcome, RecordKind
from portal.selfcheck.operations import checks, records
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as lookup
from portal.selfcheck.queries import records as queries
from tests.evidence import pictures
from tests.people import Cast
from tests.selfcheck.day import FRIDAY
from tests.selfcheck.walked import FINE, form, make, moment, proof, the_record, walk

LEAKING = Given(Outcome.FAIL, phrases=("排水沟堵了",), note="崀脚积水 3 ℃ 以下，☑ 已围挡")
LOCKED = Given(Outcome.FAIL, phrases=("出口上锁",), is_suspected_major=True)
WARM = Given(number=Decimal("12.5"))
EVENING = moment(FRIDAY, 21)


def read(pdf: bytes) -> str:
    """The words of a PDF, without the line ends its columns add."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def spaceless(words: str) -> str:
    return "".join(words.split())


def printed(app: Flask, cast: Cast, kind: RecordKind, period_on: date = FRIDAY) -> tuple[str, Any]:
    with app.test_request_context(), db.opened(cast.kuang.reach, writes=False):
        record = the_record(cast.kuang, cast.east.market_id, kind, period_on)
        return read(papers.control_record(queries.told(record, cast.kuang))), record


def formed(cast: Cast, day: date = FRIDAY, **wrong: Given) -> int:
    check = make(cast, day=day)
    walk(cast, cast.mai, check, moment(day, 5), **wrong)
    form(cast.mai, cast.east.market_id, day, moment(day, 21))
    return check


def signed(cast: Cast, who: Any, kind: RecordKind, day: date, at: Any, measures: str) -> None:
    with clock.at(at), db.acting(who):
        records.sign(the_record(who, cast.east.market_id, kind, day), proof(who), measures, who)


def test_the_daily_record_reads_as_it_was_signed(app: Flask, cast: Cast) -> None:
    formed(cast, WM_22=LEAKING, WM_14=WARM)
    signed(cast, cast.mai, RecordKind.DAILY, FRIDAY, EVENING, "疏通排水沟，复看已干")
    words, record = printed(app, cast, RecordKind.DAILY)
    for said in (
        "每日食品安全检查记录",
        "参照",
        "第60号",
        "东样肉菜市场",
        "2026年10月09日",
        "冷藏柜温度",
        "12.5℃",
        "排水沟堵了；崀脚积水3℃以下",
        "疏通排水沟，复看已干",
        "麦小禾（食品安全员）",
        "2026-10-0921:30签认",
    ):
        assert said in words, said
    assert spaceless(digests.in_groups(record.digest, 8)) in words
    assert digests.short_code(record.digest) in words
    assert "1/1" in words or "1/2" in words


def test_a_record_that_is_not_signed_says_so_and_bears_no_code(app: Flask, cast: Cast) -> None:
    formed(cast)
    words, _ = printed(app, cast, RecordKind.DAILY)
    assert "尚未签认" in words and "校验码" not in words


def test_zero_risk_is_claimed_only_when_everything_was_looked_at(app: Flask, cast: Cast) -> None:
    formed(cast)
    assert "零风险报告：当日应查1次，实查1次" in printed(app, cast, RecordKind.DAILY)[0]
    make(cast, hour=10)
    form(cast.mai, cast.east.market_id, FRIDAY, EVENING)
    with clock.at(EVENING):
        words, _ = printed(app, cast, RecordKind.DAILY)
    assert "不作零风险报告" in words and "未查1次" in words


def test_the_fire_patrol_has_the_columns_of_the_annex_and_two_signatures(app: Flask, cast: Cast) -> None:
    formed(cast, C_01=LOCKED)
    signed(cast, cast.kuang, RecordKind.PATROL, FRIDAY, EVENING, "当场开锁，已批评教育")
    words, _ = printed(app, cast, RecordKind.PATROL)
    for said in (
        "防火巡查记录表",
        "GB/T40248-2021",
        "附录A",
        "巡查部位",
        "巡查时间",
        "巡查人",
        "发现的问题",
        "处理情况",
        "滘埗大门",
        "出口上锁",
        "疑似重大",
        "当场开锁",
        "巡查人员签认",
        "消防安全管理人",
        "邝样安（安全管理人）",
    ):
        assert said in words, said
    assert "冷藏柜温度" not in words


def test_the_week_and_the_month_are_printed_from_the_same_facts(app: Flask, cast: Cast) -> None:
    monday = FRIDAY - timedelta(days=4)
    formed(cast, WM_22=LEAKING)
    form(cast.mai, cast.east.market_id, monday + timedelta(days=7), moment(monday + timedelta(days=7), 4))
    form(cast.mai, cast.east.market_id, date(2026, 11, 1), moment(date(2026, 11, 1), 4))
    signed(
        cast,
        cast.kuang,
        RecordKind.WEEKLY,
        monday,
        moment(monday + timedelta(days=7), 9),
        "排水沟老化，下周换盖板",
    )
    week, _ = printed(app, cast, RecordKind.WEEKLY, monday)
    for said in (
        "每周食品安全排查治理报告",
        "2026年第41周",
        "1/7天有记录",
        "排水沟老化",
        "邝样安（食品安全总监）",
    ):
        assert said in week, said
    month, _ = printed(app, cast, RecordKind.MONTHLY, date(2026, 10, 1))
    for said in ("每月食品安全调度会议纪要", "2026年10月", "邝样安", "地面不积水", "1个（上月0个）"):
        assert said in month, said


def test_the_check_record_is_printed_from_what_its_digest_covers(app: Flask, cast: Cast) -> None:
    check = make(cast)
    with clock.at(moment(FRIDAY, 5)):
        photo = stage(pictures.sent(pictures.photo(1)), documents=False)
        with db.acting(cast.mai):
            occurrence = lookup.get_occurrence(cast.mai, check)
            checks.start(occurrence, cast.mai)
            checks.save_answers(occurrence, FINE | {"WM-22": LEAKING}, cast.mai)
            checks.add_photo(occurrence, "WM-22", photo, cast.mai)
            checks.submit(occurrence, cast.mai)
    with app.test_request_context(), db.opened(cast.qu.reach, writes=False):
        submission = queries.get_submission(cast.qu, check)
        pdf = papers.check_record(submission, markets.get_market(cast.qu, submission.market_id))
    words = read(pdf)
    for said in (
        "市场自检记录",
        "开市检查",
        "东样市场管理有限公司",
        "麦小禾",
        "×有问题",
        "√正常",
        "排水沟堵了",
        "还没有确认",
        "活禽零存栏（本市场不卖活禽）",
        spaceless(digests.in_groups(submission.digest, 8)),
        spaceless(refs.spoken(submission.content["ref"])),
    ):
        assert said in words, said
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images) == 1


def test_the_code_on_the_paper_leads_to_its_verification(app: Flask, cast: Cast) -> None:
    formed(cast)
    signed(cast, cast.mai, RecordKind.DAILY, FRIDAY, EVENING, "")
    with app.test_request_context(), db.opened(cast.mai.reach, writes=False):
        record = the_record(cast.mai, cast.east.market_id, RecordKind.DAILY, FRIDAY)
        seal = papers.seal(record.digest)
    assert seal is not None
    assert seal["address"].endswith(f"/verify/{record.digest}")
    assert seal["qr"] == qr.code_of(seal["address"])


def test_the_same_record_prints_the_same_bytes(app: Flask, cast: Cast) -> None:
    formed(cast)
    signed(cast, cast.mai, RecordKind.DAILY, FRIDAY, EVENING, "")
    with app.test_request_context(), db.opened(cast.mai.reach, writes=False):
        record = the_record(cast.mai, cast.east.market_id, RecordKind.DAILY, FRIDAY)
        told = queries.told(record, cast.mai)
        assert papers.control_record(told) == papers.control_record(told)


def test_what_a_vendor_or_patroller_typed_stays_words(app: Flask, cast: Cast) -> None:
    formed(cast, WM_22=Given(Outcome.FAIL, note="<img src=http://127.0.0.1:9/x><b>粗</b> {{ 7*7 }}"))
    words, _ = printed(app, cast, RecordKind.DAILY)
    assert "<imgsrc=http://127.0.0.1:9/x><b>粗</b>{{7*7}}" in words
