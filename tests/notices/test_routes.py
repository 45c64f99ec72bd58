"""The inbox in a browser: looking changes nothing, pressing opens and puts away."""

import re
from datetime import date

import pytest

from portal.core import db
from portal.notices import operations, queries
from tests.notices.conftest import DONE, DUE
from tests.visitors import Visitor


@pytest.fixture
def told(cast):
    """Three lines of a digest and one notice for the patroller of East; their numbers, the digest first."""
    with db.acting(cast.kuang):
        for paper in ("健康证", "营业执照", "检定证书"):
            operations.tell(
                cast.mai.person_id,
                DUE,
                f"/vendors/{len(paper)}",
                "due",
                paper=paper,
                vendor="林样记",
                day=date(2026, 10, 10),
            )
        operations.tell(cast.mai.person_id, DONE, "/today")
        return [one.id for one in queries.inbox(cast.mai.person_id).rows][::-1]


def waiting(cast):
    with db.acting(cast.mai):
        return queries.unread(cast.mai.person_id)


def test_the_inbox_says_how_many_wait_and_what_they_are(app, cast, told):
    text = Visitor(app).sign_in("mai").get("/notices").text

    assert "有 2 条通知没看" in text
    assert "明天到期 3 件" in text and "检定证书明天到期" in text and "今天的检查交了" in text


def test_looking_puts_nothing_away(app, cast, told):
    visitor = Visitor(app).sign_in("mai")
    for _ in range(2):
        assert visitor.get("/notices").status_code == 200

    assert waiting(cast) == 2


def test_pressing_a_notice_leads_to_it_and_puts_it_away(app, cast, told):
    visitor = Visitor(app).sign_in("mai")
    visitor.get("/notices")
    answer = visitor.post(f"/notices/{told[1]}/open")

    assert (answer.status_code, answer.location) == (303, "/today")
    assert waiting(cast) == 1
    assert "看过的" in visitor.get("/notices").text


def test_each_line_of_a_digest_leads_to_its_own(app, cast, told):
    visitor = Visitor(app).sign_in("mai")
    visitor.get("/notices")

    assert visitor.post(f"/notices/{told[0]}/open", {"line": "0"}).location == "/vendors/3"
    assert visitor.post(f"/notices/{told[0]}/open", {"line": "2"}).location == "/vendors/4"


@pytest.mark.parametrize("line", ["3", "-1", "x", "٣", "1" * 50])
def test_a_line_that_is_not_there_leads_nowhere_and_puts_nothing_away(app, cast, told, line):
    visitor = Visitor(app).sign_in("mai")
    visitor.get("/notices")

    assert visitor.post(f"/notices/{told[0]}/open", {"line": line}).status_code == 404
    assert waiting(cast) == 2


def test_one_and_all_can_be_put_away_without_opening(app, cast, told):
    visitor = Visitor(app).sign_in("mai")
    visitor.get("/notices")

    assert visitor.post(f"/notices/{told[0]}/read").location == "/notices"
    assert waiting(cast) == 1
    assert visitor.post("/notices/read-all").location == "/notices"
    assert waiting(cast) == 0
    assert "通知都看过了" in visitor.get("/notices").text


def test_somebody_elses_notice_can_be_neither_opened_nor_put_away(app, cast, told):
    visitor = Visitor(app).sign_in("shi")
    visitor.get("/notices")

    assert visitor.post(f"/notices/{told[1]}/open").status_code == 404
    assert visitor.post(f"/notices/{told[1]}/read").status_code == 404
    visitor.post("/notices/read-all")
    assert waiting(cast) == 2


def test_an_inbox_without_notices_says_what_will_come(app, cast):
    assert "还没有通知" in Visitor(app).sign_in("mai").get("/notices").text


def test_the_bell_shows_what_waits(app, cast, told):
    text = Visitor(app).sign_in("mai").get("/notices").text

    assert re.search(r'top__tool--bell.*?<span class="count">2</span>', text)


def test_the_second_page_begins_where_the_first_ends(app, cast):
    with db.acting(cast.kuang):
        for _ in range(25):
            operations.tell(cast.mai.person_id, DONE, "/today")
    visitor = Visitor(app).sign_in("mai")
    first = visitor.get("/notices").text
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    second = visitor.get(onward[1]).text

    assert (first.count("/open"), second.count("/open")) == (20, 5)
    assert 'rel="next"' not in second


def test_the_words_are_in_the_readers_language(app, cast, told):
    text = Visitor(app).sign_in("mai").get("/notices", headers={"Accept-Language": "en"}).text

    assert '<html lang="en"' in text


def test_what_was_told_is_text_and_never_markup(app, cast):
    with db.acting(cast.kuang):
        operations.tell(
            cast.mai.person_id,
            DUE,
            "/today",
            paper="<script>alert(1)</script>",
            vendor="x",
            day=date(2026, 10, 10),
        )

    assert "<script>alert" not in Visitor(app).sign_in("mai").get("/notices").text
