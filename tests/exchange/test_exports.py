"""What goes out: in whose reach, as what, who may fetch it and for how long, and that it is written down."""

import csv
import hashlib
import io
import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts.models import Membership
from portal.core import clock, db, errands
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, NotAllowed, NotThere
from portal.core.journal import JournalLine
from portal.core.readlog import PersonalRead
from portal.evidence import schedule as files
from portal.evidence import storage
from portal.exchange import judging, schedule
from portal.exchange.kinds import JUDGES
from portal.exchange.models import Export, ImportKind, Listed
from portal.exchange.operations import exports
from portal.exchange.queries import exports as queries
from portal.exchange.queries import listings
from portal.exchange.workbooks import table
from portal.exchange.workflow import ExportState, WhyNot
from portal.markets import queries as markets
from portal.markets.models import Post
from portal.markets.operations.operators import change_operator
from portal.notices.models import Notice
from portal.territory.models import Organisation
from tests.exchange import taking
from tests.exchange.taking import ask, content_of, kept, sheets_of, take, text_of
from tests.people import Cast
from tests.selfcheck import day
from tests.visitors import Visitor

ITS_READER = {"journal": "shen", "reviews": "qu"}
EMPTY = {Listed.IMPORTS, Listed.CORRECTIONS}
PAGES = {
    "markets": "markets.index", "zones": "markets.list_zones", "stalls": "markets.list_stalls",
    "vendors": "markets.list_vendors", "workers": "markets.list_vendors", "corrections": "markets.list_corrections",
    "papers": "markets.list_papers", "equipment": "markets.list_equipment", "points": "markets.list_points",
    "signs": "markets.list_signs", "checks": "selfcheck.show_check", "findings": "selfcheck.show_check",
    "records": "selfcheck.list_records", "reviews": "selfcheck.reviews", "posts": "markets.list_posts",
    "people": "accounts.list_people", "organisations": "territory.index", "imports": "exchange.list_imports",
    "journal": "insight.show_log", "reads": "insight.show_reads",
}  # fmt: skip
"""Where each list stands on a page: whoever may not open it may not take it out."""
BROUGHT_IN = (ImportKind.STALLS, ImportKind.VENDORS, ImportKind.EQUIPMENT)


@pytest.fixture(autouse=True)
def morning(app: Flask) -> Iterator[None]:
    """It is Friday morning, and the check of the day is over."""
    with clock.at(day.WALKING + timedelta(hours=4)):
        yield


@pytest.fixture
def books(cast: Cast, reference: None) -> None:
    """One of everything in East."""
    taking.fill(cast)


def column(data: list[list[Any]], heading: str) -> list[Any]:
    """What stands below a heading."""
    return [line[data[0].index(heading)] for line in data[1:]]


def test_a_list_takes_the_right_of_its_page(app: Flask) -> None:
    views: dict[str, Any] = app.view_functions
    assert {one.code.value: one.needs for one in listings.LISTINGS} == {
        code: views[endpoint].needs for code, endpoint in PAGES.items()
    }


def test_a_list_fills_the_workbook_that_brings_it_in_but_for_what_only_the_bringing_needs() -> None:
    unfilled = {
        kind: {one.header for one in table.columns(kind)}
        - {str(one.heading) for one in listings.get_listing(kind.value).columns}
        for kind in ImportKind
    }
    assert unfilled == {
        ImportKind.STALLS: {"原档口号"},
        ImportKind.VENDORS: {"身份证号", "其他证照", "其他证照编号", "其他证照发证日期", "其他证照到期日"},
        ImportKind.PEOPLE: set(),
        ImportKind.EQUIPMENT: set(),
    }


def test_every_list_goes_out_whole_under_its_headings(cast: Cast, books: None) -> None:
    for listing in listings.LISTINGS:
        export = take(getattr(cast, ITS_READER.get(listing.code, "kuang")), listing.code)
        assert (export.state, export.why) == (ExportState.READY, None), listing.code
        data, about = sheets_of(export)
        assert data[0] == [str(one.heading) for one in listing.columns]
        assert (export.rows_all > 0) == (listing.code not in EMPTY), listing.code
        assert len(data) == 1 + export.rows_all + (1 if listing.is_personal else 0), listing.code
        told = dict(line[:2] for line in about)
        assert (told["行数"], told["数据校验码"]) == (str(export.rows_all), export.data_sha256)
        assert (told["清单"], told["筛选"]) == (str(listing.label), "没有筛选" if listing.code != "people" else
                                            "单位：东样市场管理有限公司")  # fmt: skip
        assert told["导出人"].endswith(("邝样安 市场负责人", "沈样审 审计员", "区样度 社区调度员"))


def test_what_people_typed_stays_a_text_in_a_workbook(cast: Cast, books: None) -> None:
    data, _ = sheets_of(take(cast.kuang, "vendors"))
    assert (data[1][1], data[1][2]) == (taking.FORMULA, taking.FULL_WIDTH)
    assert (column(data, "统一社会信用代码")[0], column(data, "联系电话")[0]) == (taking.USCC, taking.PHONE)
    assert column(data, "进场日期")[0] == clock.today() - timedelta(days=30)
    stalls, _ = sheets_of(take(cast.kuang, "stalls"))
    assert "007" in column(stalls, "档口号") and 12.5 in column(stalls, "面积（平方米）")
    equipment, _ = sheets_of(take(cast.kuang, "equipment"))
    assert column(equipment, "设备编号") == ["000123"]
    assert isinstance(column(equipment, "到期日")[0], date)


def test_csv_disarms_formulas_and_keeps_codes_from_becoming_numbers(cast: Cast, books: None) -> None:
    export = take(cast.kuang, "vendors", "csv")
    assert content_of(export).startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(text_of(export))))
    row = dict(zip(lines[0], lines[1], strict=True))
    assert row["商户名称"] == f"'{taking.FORMULA}" and row["经营者"] == f"'{taking.FULL_WIDTH}"
    assert row["经营品种和进货渠道"] == "'-青菜"
    assert (row["统一社会信用代码"], row["联系电话"]) == (taking.USCC, taking.PHONE)
    assert row["执照发证日期"] == "2025-01-01"
    equipment = text_of(take(cast.kuang, "equipment", "csv"))
    assert "\r\n'000123," in equipment


def test_the_rows_have_one_hash_in_both_formats_and_anybody_can_work_it_out(cast: Cast, books: None) -> None:
    book, text = take(cast.kuang, "vendors"), take(cast.kuang, "vendors", "csv")
    assert book.data_sha256 == text.data_sha256
    rows, note, _ = text_of(text).rpartition("注：")
    assert note and hashlib.sha256(rows.encode()).hexdigest() == text.data_sha256
    assert hashlib.sha256(content_of(text)).hexdigest() == text.sha256


@pytest.mark.parametrize("kind", [one for one in BROUGHT_IN if one in JUDGES])
@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_a_list_brought_in_again_changes_nothing(
    cast: Cast, books: None, kind: ImportKind, format_: str
) -> None:
    export = take(cast.kuang, kind.value, format_)
    with db.opened(cast.kuang.reach, writes=False):
        judged = judging.judge(
            cast.market(), judging.read(content_of(export), kind), kind, cast.kuang, lambda done, of: None
        )
    counts = {name: number for name, number in judged.counts.items() if number}
    assert counts.pop("left_out", 0) == (1 if kind is ImportKind.VENDORS else 0)
    assert counts == {"same": export.rows_all}, [line.faults for line in judged.lines]


def test_who_may_not_see_telephones_gets_them_masked_and_every_sheet_says_who_took_it(
    cast: Cast, books: None
) -> None:
    data, _ = sheets_of(take(cast.qu, "vendors", market=str(cast.east.market_id)))
    assert column(data, "联系电话")[0] == "138****8000"
    assert (
        data[-1][0]
        == "注：东样社区工作站 区样度 于 2026-10-09 09:33 导出，含个人信息，只作工作使用，不得外传。"
    )
    with db.reading() as session:
        read = session.scalars(sa.select(PersonalRead)).one()
        assert (read.reader, read.what, read.company_id) == ("区样度", "export", cast.east.company_id)
        lines = session.scalars(sa.select(JournalLine).where(JournalLine.subject_kind == "export")).all()
        assert [line.verb for line in lines] == ["ask_export", "make_export"]
        assert lines[0].note == "商户清单：Excel 表格（.xlsx）；市场：东样肉菜市场"


def test_a_list_is_narrowed_like_its_page_and_by_the_reach_of_whoever_asked(cast: Cast, books: None) -> None:
    data, about = sheets_of(
        take(cast.zhen, "stalls", zone=str(cast.east.zone_ids[1]), state="vacant", q="b-")
    )
    assert column(data, "档口号") == ["B-001", "B-002"]
    assert about[1][1] == "分区：B 水产区；状态：空置；找的词：b-"
    assert set(column(sheets_of(take(cast.zhen, "stalls"))[0], "市场")) == {"东样肉菜市场"}
    assert len(sheets_of(take(cast.shi_ban, "markets"))[0]) == 3
    assert take(cast.west_mai, "vendors").rows_all == 0
    assert take(cast.kuang, "findings", first="2026-10-09", last="2026-10-09").rows_all == 1
    assert take(cast.kuang, "findings", last="2026-10-08").rows_all == 0
    with pytest.raises(NotThere):
        ask(cast.west_kuang, "stalls", market=str(cast.east.market_id))
    with pytest.raises(NotAllowed):
        ask(cast.kuang, "journal")


def test_the_right_is_asked_again_when_the_file_is_made(cast: Cast) -> None:
    export_id = ask(cast.kuang, "stalls")
    with db.opened(None, writes=True) as session:
        session.get_one(Membership, cast.kuang.membership_id).ended_at = clock.now()
        session.commit()
    errands.drain()
    export = kept(export_id)
    assert (export.state, export.why, export.sha256) == (ExportState.FAILED, WhyNot.NO_RIGHT, "")
    with db.reading() as session:
        notice = session.scalars(sa.select(Notice).where(Notice.person_id == cast.kuang.person_id)).one()
        assert (notice.event, notice.link) == ("exchange.export_failed", f"/exports/{export_id}")


def test_a_person_waits_for_five_and_asks_for_thirty_a_day(cast: Cast) -> None:
    for _ in range(queries.MOST_WAITING):
        ask(cast.kuang, "zones", "csv")
    with pytest.raises(Mistake, match="format"):
        ask(cast.kuang, "zones", "csv")
    with db.opened(None, writes=True) as session:
        session.execute(sa.update(Export).values(state=ExportState.GONE))
        session.add_all(
            Export(person_id=cast.kuang.person_id, membership_id=1, organisation_id=1, listing="zones",
                   format="csv", state=ExportState.GONE)
            for _ in range(queries.MOST_A_DAY - queries.MOST_WAITING)
        )  # fmt: skip
        session.commit()
    with pytest.raises(Mistake, match="format"):
        ask(cast.kuang, "zones", "csv")
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert ask(cast.kuang, "zones", "csv")


def test_a_list_too_long_for_a_file_is_not_made_and_a_long_one_tells_how_far_it_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, int]] = []
    listing = listings.get_listing("stalls")
    begin = listing.lines

    def watched(who: Actor) -> Any:
        own = begin(who)

        def lines(rows: Any) -> Any:
            one = kept(export_id)
            heard.append((one.rows_done, one.rows_all))
            return own(rows)

        return lines

    monkeypatch.setattr(exports, "BATCH", 2)
    monkeypatch.setattr(exports, "TOLD_EVERY", 0.0)
    export_id = ask(cast.kuang, "stalls")
    monkeypatch.setitem(vars(listing), "lines", watched)
    errands.drain()
    assert heard == [(0, 0), (2, 6), (4, 6)] and kept(export_id).rows_done == 6

    monkeypatch.setattr(queries, "MOST_ROWS", 5)
    assert take(cast.kuang, "stalls").why is WhyNot.TOO_MANY


def test_the_file_is_fetched_by_its_membership_alone_and_counted(app: Flask, cast: Cast, books: None) -> None:
    export = take(cast.kuang, "vendors")
    visitor = Visitor(app).sign_in("kuang")
    answer = visitor.get(f"/exports/{export.id}/file")
    assert hashlib.sha256(answer.data).hexdigest() == export.sha256
    heads = answer.headers
    assert heads["Content-Disposition"].startswith(
        "attachment; filename=vendors-20261009-0933.xlsx; filename*="
    )
    assert (heads["X-Content-Type-Options"], heads["Cache-Control"]) == ("nosniff", "no-store")
    assert int(heads["Content-Length"]) == len(answer.data) == export.size
    assert kept(export.id).downloads == 1
    other = Visitor(app).sign_in("fu")
    assert [other.get(f"/exports/{export.id}{end}").status_code for end in ("", "/file", "/progress")] == [
        404
    ] * 3
    assert kept(export.id).downloads == 1


def test_a_file_of_a_market_one_no_longer_works_in_is_not_given_out(app: Flask, cast: Cast) -> None:
    export = take(cast.mai, "zones", market=str(cast.east.market_id))
    visitor = Visitor(app).sign_in("mai")
    assert visitor.get(f"/exports/{export.id}/file").status_code == 200
    with db.acting(cast.kuang) as session:
        for post in session.scalars(sa.select(Post).where(Post.person_id == cast.mai.person_id)):
            post.to_on = clock.today() - timedelta(days=1)
    assert visitor.get(f"/exports/{export.id}/file").status_code == 404


def test_a_company_fetches_no_file_of_before_another_came_to_run_a_market_of_its(
    app: Flask, cast: Cast, books: None
) -> None:
    export, visitor = take(cast.kuang, "vendors"), Visitor(app).sign_in("kuang")
    assert visitor.get(f"/exports/{export.id}/file").status_code == 200
    with db.acting(cast.zhen):
        company = db.session.get_one(Organisation, cast.west.company_id)
        market = markets.get_market(cast.zhen, cast.east.market_id)
        change_operator(market, company, "合同到期", cast.zhen)
    while errands.drain():
        pass
    assert visitor.get(f"/exports/{export.id}/file").status_code == 404
    with clock.at(clock.now() + timedelta(minutes=1)):
        later = take(cast.kuang, "vendors")
        assert (later.rows_all, visitor.get(f"/exports/{later.id}/file").status_code) == (0, 200)


def test_after_a_week_the_file_is_gone_and_before_it_the_sweep_lets_it_be(app: Flask, cast: Cast) -> None:
    export = take(cast.kuang, "zones")
    visitor = Visitor(app).sign_in("kuang")

    now, at = clock.now(), clock.now().timestamp()
    os.utime(storage.store().kept / export.sha256[:2] / export.sha256, (at, at))

    def sweep(days: float) -> None:
        with clock.at(now + timedelta(days=days)):
            for night_work in (schedule.tidy_exports, files.sweep):
                with db.acting(SYSTEM(errands.CITY)):
                    night_work({})

    sweep(days=6)
    assert storage.store().has(export.sha256) and visitor.get(f"/exports/{export.id}/file").status_code == 200
    sweep(days=7.1)
    assert not storage.store().has(export.sha256) and kept(export.id).state is ExportState.GONE
    answer = visitor.get(f"/exports/{export.id}/file")
    assert answer.status_code == 404 and "过期" in answer.text


def test_one_asks_on_a_page_that_keeps_the_filters_and_follows_it_on_another(app: Flask, cast: Cast) -> None:
    visitor, market = Visitor(app).sign_in("kuang"), str(cast.east.market_id)
    listed = visitor.get(f"/markets/{market}/stalls?state=vacant")
    assert f"/exports/ask/stalls?market={market}&amp;state=vacant" in listed.text
    asked = visitor.get(f"/exports/ask/stalls?market={market}&state=vacant")
    assert "空置" in asked.text and "现在有 6 行" in asked.text
    form = {"listing": "stalls", "market": market, "state": "vacant"}
    assert visitor.post("/exports", form).status_code == 422
    answer = visitor.post("/exports", form | {"format": "csv"})
    assert answer.status_code == 303
    assert "排队中" in visitor.get(answer.location).text
    errands.drain()
    shown, export = visitor.get(answer.location).text, kept(int(answer.location.rpartition("/")[2]))
    assert all(
        words in shown for words in ("状态：空置", export.sha256[:8], export.data_sha256[-8:], "/file")
    )
    assert "档口清单导出好了，共 6 行" in visitor.get("/notices").text
    assert visitor.get("/exports/ask/nothing").status_code == 404
    assert visitor.get("/exports/ask/journal").status_code == 403
