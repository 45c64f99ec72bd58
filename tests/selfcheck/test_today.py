"""The day's page and the community's pages, as they are asked for by address."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.core import clock, db
from portal.selfcheck.models import ReviewKind, Slot
from portal.selfcheck.operations import checks
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries.checks import Day
from portal.selfcheck.workflow import CheckState
from tests.conftest import Count
from tests.people import Cast
from tests.selfcheck.day import (
    DUE,
    MISSED,
    OPENS,
    QUIET,
    TICKS,
    WALKING,
    make_check,
    submitted,
    the,
    walk_through,
)
from tests.visitors import Visitor

NOON = datetime(2026, 10, 9, 12, tzinfo=clock.ZONE)


def day_at(cast: Cast, moment: datetime) -> Day | None:
    with clock.at(moment), db.acting(cast.mai):
        days = queries.today(cast.mai)
        return days[0] if days else None


def test_a_check_moves_through_the_drawers_of_the_day(cast: Cast) -> None:
    occurrence_id = make_check(cast)
    before, during, late, missed = (OPENS - timedelta(minutes=1), WALKING, DUE + timedelta(minutes=1), MISSED)
    for moment, drawer in ((before, "later"), (during, "now"), (late, "now"), (missed, "missed")):
        day = day_at(cast, moment)
        assert day is not None
        assert [one.id for one in getattr(day, drawer)] == [occurrence_id], drawer


def test_a_missed_check_stays_for_three_days_and_then_goes(cast: Cast) -> None:
    make_check(cast)
    day = day_at(cast, MISSED + timedelta(days=2, hours=23))
    assert day is not None and len(day.missed) == 1
    assert day_at(cast, MISSED + timedelta(days=3, minutes=1)) is None


def test_what_came_back_stands_first_days_later(cast: Cast, app: Flask) -> None:
    occurrence_id = submitted(cast, at=DUE + timedelta(minutes=1))
    with clock.at(NOON):
        gu = Visitor(app).sign_in("gu")
        gu.get(f"/reviews/{occurrence_id}/send-back")
        gu.post(f"/reviews/{occurrence_id}/send-back", {"reason": "请重拍"})
    day = day_at(cast, NOON + timedelta(days=3))
    assert day is not None and [one.id for one in day.back] == [occurrence_id]


def test_yesterdays_window_past_midnight_is_still_todays_work(cast: Cast) -> None:
    opens = OPENS.replace(hour=23)
    occurrence_id = make_check(cast, opens_at=opens, window=timedelta(hours=4))
    day = day_at(cast, opens + timedelta(hours=2))
    assert day is not None and [one.id for one in day.now] == [occurrence_id]


def test_a_patroller_sees_the_markets_of_his_posts_alone(cast: Cast) -> None:
    make_check(cast)
    with clock.at(WALKING), db.acting(cast.west_mai):
        assert queries.today(cast.west_mai) == []


def test_the_page_says_the_work_and_the_one_thing_to_press(cast: Cast, app: Flask) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    for number in (1, 2, 3):
        make_check(cast, opens_at=OPENS + timedelta(hours=2 * number + 1), slot=Slot.PATROL, round_no=number)
    with clock.at(WALKING):
        mai = Visitor(app).sign_in("mai")
        page = mai.get("/today").text
        assert "今天还有 4 次检查" in page and "开始开市检查" in page and "剩 27 分钟" in page
        mai.post(f"/checks/{occurrence_id}/start")
        assert "继续检查" in mai.get("/today").text


def test_starting_twice_is_one_start(cast: Cast, app: Flask) -> None:
    occurrence_id = make_check(cast)
    with clock.at(WALKING):
        mai, shi = Visitor(app).sign_in("mai"), Visitor(app).sign_in("shi")
        for one in (mai, shi):
            one.get("/today")
            assert one.post(f"/checks/{occurrence_id}/start").status_code == 303
    with db.acting(cast.mai):
        assert the(cast.mai, occurrence_id).opened_by_name == "麦小禾"


def test_a_finished_day_says_so(cast: Cast, app: Flask) -> None:
    submitted(cast)
    with clock.at(WALKING):
        assert "今天的检查都做完了" in Visitor(app).sign_in("mai").get("/today").text


@pytest.mark.parametrize(("who", "status"), [("kuang", 200), ("fu", 403), ("gu", 403), ("zhen", 403)])
def test_the_day_is_for_those_who_walk(cast: Cast, app: Flask, who: str, status: int) -> None:
    assert Visitor(app).sign_in(who).get("/today").status_code == status


def problem(cast: Cast) -> int:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id, failed=("C-01",))
        with db.acting(cast.mai):
            checks.submit(the(cast.mai, occurrence_id), cast.mai)
    return occurrence_id


@pytest.fixture
def gu(app: Flask) -> Visitor:
    with clock.at(NOON):
        return Visitor(app).sign_in("gu")


def test_the_community_is_told_its_work_in_the_title(cast: Cast, gu: Visitor) -> None:
    with clock.at(NOON):
        assert "现在没有等着看的自检" in gu.get("/reviews").text
        occurrence_id = problem(cast)
        page = gu.get("/reviews").text
        assert "有 1 次自检要你定" in page and f"/reviews/{occurrence_id}" in page and "第 1 项" in page


def test_a_submitted_check_is_on_the_next_look(cast: Cast, gu: Visitor) -> None:
    with clock.at(NOON):
        headers = {"X-Requested-With": "fetch"}
        assert "第 1 项" not in gu.get("/reviews/rows", headers=headers).text
        problem(cast)
        rows = gu.get("/reviews/rows", headers=headers)
        assert "第 1 项" in rows.text and "<html" not in rows.text


def test_accepting_and_sending_back_by_the_page(cast: Cast, gu: Visitor) -> None:
    first, second = problem(cast), problem(cast)
    with clock.at(NOON):
        assert "1 项有问题" in gu.get(f"/reviews/{first}").text
        assert gu.post(f"/reviews/{first}/accept").status_code == 303
        gu.get(f"/reviews/{second}/send-back")
        back = gu.post(f"/reviews/{second}/send-back", {"reason": " "})
        assert back.status_code == 422 and "请写明哪里要补" in back.text
        assert gu.post(f"/reviews/{second}/send-back", {"reason": "请重拍"}).status_code == 303
        assert gu.post(f"/reviews/{second}/accept").status_code == 409
    with db.acting(cast.gu):
        assert the(cast.gu, first).state is CheckState.ACCEPTED
        assert the(cast.gu, second).state is CheckState.SENT_BACK


def test_clean_ones_are_noted_with_one_button(cast: Cast, gu: Visitor) -> None:
    ids = [submitted(cast, seed=QUIET + 8 * number) for number in range(6)]
    with clock.at(NOON):
        page = gu.get("/reviews?shelf=clean").text
        with db.acting(cast.gu):
            clean = [one for one in ids if the(cast.gu, one).review_kind is ReviewKind.CLEAN]
        assert clean and all(f'value="{one}"' in page for one in clean)
        assert gu.post("/reviews/note", {"check": [str(one) for one in clean]}).status_code == 303
        assert gu.post("/reviews/note", {"check": []}).status_code == 303
    with db.acting(cast.gu):
        assert {the(cast.gu, one).state for one in clean} == {CheckState.ACCEPTED}


def test_one_with_a_problem_cannot_be_slipped_into_the_bulk(cast: Cast, gu: Visitor) -> None:
    occurrence_id = problem(cast)
    with clock.at(NOON):
        gu.get("/reviews")
        answer = gu.post("/reviews/note", {"check": [str(occurrence_id)]})
    assert answer.status_code == 422 and "逐件看" in answer.text


def test_a_strangers_check_cannot_be_noted(cast: Cast, gu: Visitor) -> None:
    occurrence_id = submitted(cast, side=cast.west)
    with clock.at(NOON):
        gu.get("/reviews")
        gu.post("/reviews/note", {"check": [str(occurrence_id)]})
        assert gu.get(f"/reviews/{occurrence_id}").status_code == 404
    with db.acting(cast.west_gu):
        assert the(cast.west_gu, occurrence_id).state is CheckState.SUBMITTED


@pytest.mark.parametrize("who", ["zhen", "shi_ban"])
def test_those_above_watch_and_decide_nothing(cast: Cast, app: Flask, who: str) -> None:
    occurrence_id = problem(cast)
    watcher = Visitor(app).sign_in(who)
    page = watcher.get(f"/reviews/{occurrence_id}")
    assert page.status_code == 200 and "确认看过" not in page.text
    assert watcher.get("/reviews").status_code == 200
    assert watcher.post(f"/reviews/{occurrence_id}/accept").status_code == 403


def test_the_words_of_the_community_are_no_inspection(cast: Cast, gu: Visitor) -> None:
    occurrence_id = problem(cast)
    with clock.at(NOON):
        pages = [gu.get(path).text for path in ("/reviews", f"/reviews/{occurrence_id}")]
    for page in pages:
        for verb in ("查处", "责令", "去检查", "复查"):
            assert verb not in page


def test_the_list_is_cheap(cast: Cast, gu: Visitor, statements: Count) -> None:
    for _ in range(4):
        problem(cast)
    with clock.at(NOON):
        before = len(statements)
        gu.get("/reviews")
        assert len(statements) - before <= 12, statements.statements[before:]
