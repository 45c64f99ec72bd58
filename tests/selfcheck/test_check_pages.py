"""The check's pages, as a browser without scripts and a telephone's script meet them."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.core import clock, db, once
from portal.evidence import queries as evidence
from portal.selfcheck.models import Answer, Occurrence, Outcome, Submission
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries import walk
from portal.selfcheck.workflow import CheckState
from tests.conftest import Count
from tests.evidence.pictures import photo
from tests.people import Cast, count_rows
from tests.selfcheck.day import DUE, EIGHT, MISSED, QUIET, TICKS, WALKING, item, make_check, submitted, the
from tests.visitors import Visitor

FINE = {f"C-{n:02d}-outcome": "pass" for n in range(1, 8)}


@pytest.fixture
def mai(app: Flask) -> Visitor:
    with clock.at(WALKING):
        return Visitor(app).sign_in("mai")


def begun(cast: Cast, mai: Visitor, **facts: Any) -> int:
    """A check that Mai has begun on her telephone."""
    occurrence_id = make_check(cast, **{"items": TICKS, "seed": QUIET, **facts})
    with clock.at(WALKING):
        mai.get("/today")
        answer = mai.post(f"/checks/{occurrence_id}/start")
        assert answer.status_code == 303 and answer.location == f"/checks/{occurrence_id}"
        assert mai.get(answer.location).status_code == 200
    return occurrence_id


def save(mai: Visitor, occurrence_id: int, fields: dict[str, Any], at: datetime = WALKING) -> Any:
    with clock.at(at):
        return mai.post(f"/checks/{occurrence_id}", fields, content_type="multipart/form-data")


def picture(seed: int = 0) -> tuple[io.BytesIO, str]:
    return io.BytesIO(photo(seed)), "photo.jpg"


def answers(cast: Cast, occurrence_id: int) -> dict[str, Answer]:
    with db.acting(cast.mai):
        return {one.item_code: one for one in walk.answers_of(the(cast.mai, occurrence_id))}


def test_a_day_without_a_script_from_start_to_receipt(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    answer = save(mai, occurrence_id, {**FINE, "go": "confirm"})
    assert answer.status_code == 303 and answer.location.endswith("/confirm")
    with clock.at(WALKING):
        assert "各项都正常" in mai.get(answer.location).text
        answer = mai.post(f"/checks/{occurrence_id}/submit")
        assert answer.status_code == 303
        page = mai.get(answer.location).text
    with db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert check.state is CheckState.SUBMITTED
        assert f"<span>{check.ref[:3]}</span>" in page and "10月12日" in page


def test_the_page_shows_nothing_preselected(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    with clock.at(WALKING):
        page = mai.get(f"/checks/{occurrence_id}").text
    assert page.count('value="pass"') == page.count('value="fail"') == len(TICKS)
    assert "checked" not in page.replace('class="checked', "")


def test_a_half_done_page_is_kept_and_says_what_is_missing(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, {"C-01-outcome": "pass", "C-02-outcome": "pass", "go": "confirm"})
    with clock.at(WALKING):
        page = mai.get(f"/checks/{occurrence_id}/confirm")
        assert "还有 5 项没齐" in page.text and f"/checks/{occurrence_id}#i-C-03" in page.text
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 422
    assert set(answers(cast, occurrence_id)) == {"C-01", "C-02"}


def test_a_problem_with_photo_phrases_stall_and_note(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=[item("C-01", may_be_major=True), *TICKS[1:]])
    fields = FINE | {
        "C-01-outcome": "fail", "C-01-phrases": "通道堆了货", "C-01-stall": "ａ-００１", "C-01-note": " 仓位满了 ",
        "C-01-major": "1", "C-01-photo": picture(), "go": "confirm",
    }  # fmt: skip
    assert save(mai, occurrence_id, fields).status_code == 303
    answer = answers(cast, occurrence_id)["C-01"]
    assert (answer.outcome, answer.stall_id) == (Outcome.FAIL, cast.east.stall_ids[0])
    assert (answer.phrases, answer.note, answer.is_suspected_major) == (["通道堆了货"], "仓位满了", True)
    with clock.at(WALKING):
        page = mai.get(f"/checks/{occurrence_id}/confirm").text
        assert "疑似重大" in page and "邝样安" in page and "东样社区" in page and "/evidence/" in page
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 303


def test_a_photo_is_taken_back_without_losing_what_was_typed(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=[item("C-01"), *TICKS[1:]])
    save(mai, occurrence_id, {"C-01-outcome": "fail", "C-01-photo": picture()})
    with db.acting(cast.mai):
        [one] = evidence.of(the(cast.mai, occurrence_id))
    answer = save(mai, occurrence_id, {"C-01-outcome": "fail", "C-02-outcome": "pass", "drop": str(one.id)})
    assert answer.status_code == 303
    with db.acting(cast.mai):
        assert evidence.of(the(cast.mai, occurrence_id)) == []
    assert set(answers(cast, occurrence_id)) == {"C-01", "C-02"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"WM-14-number": "七度"}, "不是数"),
        ({"WM-14-number": "NaN"}, "不是数"),
        ({"WM-14-number": "9999999999999"}, "请看一眼再填"),
        ({"C-01-outcome": "fail", "C-01-stall": "Z-999"}, "没有 Z-999 这个档口"),
    ],
)
def test_what_cannot_be_comes_back_with_everything_typed(
    cast: Cast, mai: Visitor, fields: dict[str, str], words: str
) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    answer = save(mai, occurrence_id, {**fields, "C-02-outcome": "pass", "C-03-note": "先记着"})
    assert answer.status_code == 422
    assert words in answer.text and 'id="errors-title"' in answer.text
    for value in fields.values():
        assert f'value="{value}"' in answer.text
    assert "先记着" in answer.text
    assert answers(cast, occurrence_id) == {}


def test_full_width_digits_are_a_number(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    save(mai, occurrence_id, {"WM-14-number": "７．２"})
    assert answers(cast, occurrence_id)["WM-14"].outcome is Outcome.FAIL
    with clock.at(WALKING):
        assert "高了 3.2" in mai.get(f"/checks/{occurrence_id}").text


def test_handing_in_twice_leads_to_the_one_receipt(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, FINE)
    with clock.at(WALKING):
        token = once.new_token()
        both = [mai.post(f"/checks/{occurrence_id}/submit", token=token) for _ in "ab"]
        again = mai.post(f"/checks/{occurrence_id}/submit")
        assert {answer.location for answer in (*both, again)} == {f"/checks/{occurrence_id}/receipt"}
        assert "已经交过了" in mai.get(again.location).text
    assert count_rows(Submission) == 1


def test_a_whole_check_is_handed_in_by_one_request(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    with clock.at(WALKING):
        answer = mai.post(f"/checks/{occurrence_id}/submit", {**FINE, "answers": "along"})
    assert (answer.status_code, answer.location) == (303, f"/checks/{occurrence_id}/receipt")
    assert len(answers(cast, occurrence_id)) == len(FINE)
    with db.acting(cast.mai):
        assert the(cast.mai, occurrence_id).state is CheckState.SUBMITTED


def test_a_whole_check_with_a_gap_comes_back_with_everything_typed(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    typed = {code: value for code, value in FINE.items() if code != "C-04-outcome"}
    with clock.at(WALKING):
        answer = mai.post(f"/checks/{occurrence_id}/submit", {**typed, "answers": "along"})
    assert answer.status_code == 422
    assert answer.text.count(" checked") == len(typed)
    assert answers(cast, occurrence_id) == {}


def test_a_late_one_is_told_so_and_taken(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    with clock.at(DUE + timedelta(minutes=5)):
        save(mai, occurrence_id, FINE, at=clock.now())
        assert "迟交" in mai.get(f"/checks/{occurrence_id}/confirm").text
        mai.post(f"/checks/{occurrence_id}/submit")
        assert "迟交" in mai.get(f"/checks/{occurrence_id}/receipt").text


def test_a_missed_one_keeps_its_answers_and_leads_to_backfilling(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, FINE)
    with clock.at(MISSED):
        page = mai.get(f"/checks/{occurrence_id}").text
        assert "补录这次检查" in page
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 409
        mai.get(f"/checks/{occurrence_id}/backfill")
        fields = {"reason": "", "walked_by": "麦小禾", "walked_at": "2026-10-09T05:40"}
        back = mai.post(f"/checks/{occurrence_id}/backfill", fields)
        assert back.status_code == 422 and "请写明为什么" in back.text
        done = mai.post(f"/checks/{occurrence_id}/backfill", fields | {"reason": "手机没电"})
        assert done.status_code == 303
        assert "这是补录" in mai.get(done.location).text
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 303
        assert "手机没电" in mai.get(f"/checks/{occurrence_id}/receipt").text


def put(mai: Visitor, occurrence_id: int, code: str, at: datetime = WALKING, **data: Any) -> Any:
    with clock.at(at):
        return mai.script("PUT", f"/checks/{occurrence_id}/answers/{code}", json=data)


def test_a_telephone_sends_each_answer_as_it_is_tapped(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    first = put(mai, occurrence_id, "C-02", outcome="pass", at_="", seen=0)
    assert first.status_code == 201 and first.json["answered"] == 1
    again = put(mai, occurrence_id, "C-02", outcome="pass", seen=0)
    assert again.status_code == 200 and again.json["version"] == 1
    cold = put(mai, occurrence_id, "WM-14", number="7.2")
    assert cold.status_code == 201 and "高了 3.2" in cold.json["words"] and cold.json["failed"] == 1


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("CL-14", {"outcome": "pass"}),
        ("C-01", {}),
        ("C-01", {"outcome": "maybe"}),
        ("WM-14", {"number": "1e400"}),
        ("WM-14", {"number": True}),
        ("WM-14", {"number": [7]}),
        ("C-01", {"outcome": "fail", "phrases": ["没有这一句"]}),
        ("C-01", {"outcome": "fail", "note": "长" * 1001}),
        ("C-01", {"outcome": "fail", "stall": "Z-999"}),
        ("WM-02", {"text": "x" * 200}),
    ],
)
def test_what_a_script_sends_is_refused_in_words(
    cast: Cast, mai: Visitor, code: str, data: dict[str, Any]
) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    answer = put(mai, occurrence_id, code, **data)
    assert answer.status_code == 422 and answer.json["words"]
    assert answers(cast, occurrence_id) == {}


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b"", b'"pass"'])
def test_a_body_that_is_no_answer_is_refused_in_words(cast: Cast, mai: Visitor, body: bytes) -> None:
    occurrence_id = begun(cast, mai)
    with clock.at(WALKING):
        path = f"/checks/{occurrence_id}/answers/C-01"
        answer = mai.script("PUT", path, data=body, content_type="application/json")
    assert answer.status_code in {400, 422} and answer.json["words"]


def test_the_clock_of_the_telephone_is_kept_as_a_claim(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    put(mai, occurrence_id, "C-01", outcome="pass", device_at="x")
    with clock.at(WALKING):
        data = {"outcome": "pass", "at": "2026-10-09T05:20:00+08:00"}
        mai.script("PUT", f"/checks/{occurrence_id}/answers/C-02", json=data)
        nonsense = {"outcome": "pass", "at": "9999-99-99"}
        assert mai.script("PUT", f"/checks/{occurrence_id}/answers/C-03", json=nonsense).status_code == 201
    kept = answers(cast, occurrence_id)
    assert kept["C-02"].device_at == datetime(2026, 10, 9, 5, 20, tzinfo=clock.ZONE)
    assert kept["C-03"].device_at is None


def test_after_the_submission_a_telephone_hears_409_but_not_for_what_was_taken(
    cast: Cast, mai: Visitor
) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, FINE)
    with clock.at(WALKING):
        mai.post(f"/checks/{occurrence_id}/submit")
    assert put(mai, occurrence_id, "C-01", outcome="pass").status_code == 200
    late = put(mai, occurrence_id, "C-01", outcome="fail")
    assert late.status_code == 409 and "已经交了" in late.json["words"]


def test_a_telephone_without_a_session_hears_401_and_keeps_its_answers(cast: Cast, app: Flask) -> None:
    occurrence_id = make_check(cast)
    stranger = Visitor(app)
    answer = stranger.script("PUT", f"/checks/{occurrence_id}/answers/C-01", json={"outcome": "pass"})
    assert answer.status_code == 401 and "sign-in" in answer.json["sign_in"]


def test_photos_come_one_by_one_and_go_again(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    with clock.at(WALKING):
        sent = mai.script("POST", f"/checks/{occurrence_id}/photos/C-01", data={"photo": picture()})
        assert sent.status_code == 201
        [one] = sent.json["photos"]
        listed = mai.get(f"/checks/{occurrence_id}/photos/C-01", headers={"X-Requested-With": "fetch"})
        assert listed.json["photos"] == [one]
        assert mai.get(one["thumb"]).mimetype == "image/jpeg"
        assert mai.script("POST", one["remove"]).json == {"removed": one["id"]}
    with db.acting(cast.mai):
        assert evidence.of(the(cast.mai, occurrence_id)) == []


def test_what_is_no_photo_is_refused_in_words(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    with clock.at(WALKING):
        path = f"/checks/{occurrence_id}/photos/C-01"
        sent = mai.script("POST", path, data={"photo": (io.BytesIO(b"%PDF-1.4 nothing"), "a.pdf")})
        nothing = mai.script("POST", path, data={"note": "x"})
    assert sent.status_code == nothing.status_code == 422
    assert "照片" in sent.json["words"] and "照片" in nothing.json["words"]


def test_a_photo_of_another_check_is_not_there(cast: Cast, mai: Visitor) -> None:
    first, second = begun(cast, mai, items=EIGHT, seed=6), begun(cast, mai, items=EIGHT, seed=6)
    with clock.at(WALKING):
        sent = mai.script("POST", f"/checks/{first}/photos/C-01", data={"photo": picture()})
        number = sent.json["photos"][0]["id"]
        assert mai.script("POST", f"/checks/{second}/photos/{number}/remove").status_code == 404


def test_a_strangers_check_is_not_there(cast: Cast, mai: Visitor) -> None:
    occurrence_id = make_check(cast, cast.west)
    with clock.at(WALKING):
        mai.get("/today")
        for path in ("", "/confirm", "/receipt", "/backfill"):
            assert mai.get(f"/checks/{occurrence_id}{path}").status_code == 404
        for path in ("", "/start", "/submit"):
            assert mai.post(f"/checks/{occurrence_id}{path}").status_code == 404


@pytest.mark.parametrize("who", ["kuang", "fu", "gu", "zhen", "shi_ban"])
def test_whoever_sees_the_market_reads_the_check(cast: Cast, app: Flask, who: str) -> None:
    occurrence_id = submitted(cast)
    reader = Visitor(app).sign_in(who)
    page = reader.get(f"/checks/{occurrence_id}")
    assert page.status_code == 200 and "东样肉菜市场" in page.text
    assert reader.get(f"/checks/{occurrence_id}/receipt").status_code == 200


def test_a_sent_back_check_says_why_on_top(cast: Cast, mai: Visitor, app: Flask) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, FINE)
    with clock.at(WALKING):
        mai.post(f"/checks/{occurrence_id}/submit")
        gu = Visitor(app).sign_in("gu")
        gu.get(f"/reviews/{occurrence_id}/send-back")
        assert gu.post(f"/reviews/{occurrence_id}/send-back", {"reason": "第 3 项请重看"}).status_code == 303
        page = mai.get(f"/checks/{occurrence_id}").text
        assert page.index("第 3 项请重看") < page.index("<h1>")
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 303
    assert count_rows(Submission) == 2


def test_what_does_not_apply_is_said_with_its_reason(cast: Cast, mai: Visitor) -> None:
    occurrence_id = begun(cast, mai)
    with clock.at(WALKING):
        page = mai.get(f"/checks/{occurrence_id}").text
    assert "今天不查的 1 项" in page and "本市场不卖活禽" in page


def test_a_walk_is_cheap(cast: Cast, mai: Visitor, statements: Count) -> None:
    occurrence_id = begun(cast, mai, items=EIGHT, seed=6)
    with clock.at(WALKING):
        before = len(statements)
        mai.get(f"/checks/{occurrence_id}")
        assert len(statements) - before <= 12, statements.statements[before:]
        before = len(statements)
        put(mai, occurrence_id, "C-02", outcome="pass")
        assert len(statements) - before <= 14, statements.statements[before:]
        save(mai, occurrence_id, {one["code"] + "-outcome": "pass" for one in EIGHT[:4]})
        before = len(statements)
        mai.get("/today")
        assert len(statements) - before <= 12, statements.statements[before:]


def test_handing_in_by_the_page_takes_few_statements(cast: Cast, mai: Visitor, statements: Count) -> None:
    occurrence_id = begun(cast, mai)
    save(mai, occurrence_id, FINE)
    with clock.at(WALKING):
        before = len(statements)
        assert mai.post(f"/checks/{occurrence_id}/submit").status_code == 303
        assert len(statements) - before <= 25, statements.statements[before:]
    with db.acting(cast.mai):
        assert db.session.get_one(Occurrence, occurrence_id).state is CheckState.SUBMITTED
        assert queries.last_submission(the(cast.mai, occurrence_id)) is not None
