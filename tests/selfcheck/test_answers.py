"""Answers: kept as they are given, judged by their numbers, and never lost to a twin."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.core import clock, db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.evidence import queries as evidence
from portal.evidence import storage
from portal.evidence.staging import stage
from portal.selfcheck.models import Answer, Grade, Outcome
from portal.selfcheck.operations import checks
from portal.selfcheck.operations.checks import Given
from tests.conftest import Count
from tests.evidence.pictures import photo, sent
from tests.people import Cast, count_rows
from tests.selfcheck.day import MISSED, WALKING, item, make_check, the

FINE, BAD = Given(Outcome.PASS), Given(Outcome.FAIL)


@pytest.fixture
def walked(cast: Cast) -> int:
    """A check of eight that Mai has begun."""
    occurrence_id = make_check(cast)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.start(the(cast.mai, occurrence_id), cast.mai)
    return occurrence_id


def give(cast: Cast, occurrence_id: int, code: str, given: Given, who: str = "mai") -> Answer:
    actor = getattr(cast, who)
    with clock.at(WALKING), db.acting(actor):
        return checks.save_answer(the(actor, occurrence_id), code, given, actor)


def test_an_answer_counts_at_once(cast: Cast, walked: int) -> None:
    give(cast, walked, "C-01", FINE)
    give(cast, walked, "C-02", BAD)
    with db.acting(cast.mai):
        check = the(cast.mai, walked)
        assert (check.answered, check.failed) == (2, 1)


def test_a_failed_answer_carries_what_a_hazard_grows_from(cast: Cast, walked: int) -> None:
    given = Given(Outcome.FAIL, phrases=("通道堆了货",), note="档主说仓位满了", stall_id=cast.east.stall_ids[0],
                  is_suspected_major=True)  # fmt: skip
    answer = give(cast, walked, "C-01", given)
    assert (answer.category, answer.grade, answer.hazard_code) == ("FIR", Grade.SERIOUS, "FIR-01")
    assert answer.stall_id == cast.east.stall_ids[0] and answer.is_suspected_major
    assert (answer.phrases, answer.note) == (["通道堆了货"], "档主说仓位满了")
    assert answer.company_id == cast.east.company_id


def test_nothing_of_the_problem_is_left_when_it_is_none(cast: Cast, walked: int) -> None:
    full = Given(Outcome.FAIL, phrases=("通道堆了货",), note="堆了", stall_id=cast.east.stall_ids[0])
    give(cast, walked, "C-01", full)
    answer = give(cast, walked, "C-01", replace(full, outcome=Outcome.PASS))
    assert answer.outcome is Outcome.PASS
    assert (answer.category, answer.grade, answer.note, answer.phrases, answer.stall_id) == (
        "",
        None,
        "",
        [],
        None,
    )


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("0", Outcome.PASS),
        ("4", Outcome.PASS),
        ("4.001", Outcome.FAIL),
        ("7.2", Outcome.FAIL),
        ("-1", Outcome.FAIL),
    ],
)
def test_a_number_is_judged_by_its_range(cast: Cast, walked: int, number: str, outcome: Outcome) -> None:
    answer = give(cast, walked, "WM-14", Given(number=Decimal(number)))
    assert (answer.outcome, answer.number) == (outcome, Decimal(number))


def test_a_number_out_of_range_is_a_problem_whatever_was_tapped(cast: Cast, walked: int) -> None:
    assert give(cast, walked, "WM-14", Given(Outcome.PASS, Decimal("7.2"))).outcome is Outcome.FAIL


def test_a_number_in_range_may_still_be_a_problem(cast: Cast, walked: int) -> None:
    assert give(cast, walked, "WM-14", Given(Outcome.FAIL, Decimal("3"))).outcome is Outcome.FAIL


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1234567890123", "1e12", "0.12345"])
def test_a_number_outside_any_sense_is_refused_in_words(cast: Cast, walked: int, number: str) -> None:
    with pytest.raises(Mistake) as refused:
        give(cast, walked, "WM-14", Given(number=Decimal(number)))
    assert refused.value.field == "WM-14" and str(refused.value.words)


def test_a_number_without_a_limit_is_judged_by_the_person(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=[item("C-05M", kind="number", unit="MPa")], seed=5)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.start(the(cast.mai, occurrence_id), cast.mai)
    with pytest.raises(Mistake):
        give(cast, occurrence_id, "C-05M", Given(number=Decimal("0.3")))
    assert give(cast, occurrence_id, "C-05M", Given(Outcome.FAIL, Decimal("0.3"))).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("facts", "text", "outcome"),
    [
        ({"kind": "choice", "choices": ["阴性", "阳性"]}, "阴性", Outcome.PASS),
        ({"kind": "choice", "choices": ["阴性", "阳性"]}, "阳性", Outcome.FAIL),
        ({"kind": "date"}, "2026-10-09", Outcome.PASS),
        ({"kind": "date"}, "2026-10-08", Outcome.FAIL),
        ({"kind": "text"}, "粤A 00123456", Outcome.PASS),
        ({"kind": "scan"}, "6901234567892", Outcome.PASS),
    ],
)
def test_a_choice_a_date_or_a_code_says_itself_whether_it_passes(
    cast: Cast, facts: dict[str, object], text: str, outcome: Outcome
) -> None:
    occurrence_id = make_check(cast, items=[item("X-01", **facts)], seed=5)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.start(the(cast.mai, occurrence_id), cast.mai)
    answer = give(cast, occurrence_id, "X-01", Given(text=text))
    assert (answer.outcome, answer.text) == (outcome, text)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"kind": "choice", "choices": ["阴性", "阳性"]}, "也许"),
        ({"kind": "date"}, "十月"),
        ({"kind": "date"}, "0001-01-01"),
        ({"kind": "text"}, "x" * 121),
    ],
)
def test_what_no_answer_can_be_is_refused(cast: Cast, facts: dict[str, object], text: str) -> None:
    occurrence_id = make_check(cast, items=[item("X-01", **facts)], seed=5)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.start(the(cast.mai, occurrence_id), cast.mai)
    with pytest.raises(Mistake):
        give(cast, occurrence_id, "X-01", Given(text=text))


def test_an_item_of_another_sheet_is_refused_in_words(cast: Cast, walked: int) -> None:
    with pytest.raises(Mistake, match="CL-14"):
        give(cast, walked, "CL-14", FINE)


def test_a_stall_of_another_market_is_refused(cast: Cast, walked: int) -> None:
    with pytest.raises(Mistake):
        give(cast, walked, "C-01", replace(BAD, stall_id=cast.west.stall_ids[0]))


def test_a_phrase_that_is_not_offered_is_refused(cast: Cast, walked: int) -> None:
    with pytest.raises(Mistake):
        give(cast, walked, "C-01", replace(BAD, phrases=("随便写的",)))


def test_the_same_again_is_no_news(cast: Cast, walked: int) -> None:
    with clock.at(WALKING), db.acting(cast.mai):
        assert checks.keep(the(cast.mai, walked), {"C-01": FINE}, cast.mai)["C-01"].is_new
    with clock.at(WALKING), db.acting(cast.mai):
        kept = checks.keep(the(cast.mai, walked), {"C-01": FINE}, cast.mai)["C-01"]
        assert not kept.is_new and kept.answer.version == 1
    assert count_rows(Answer) == 1


def test_whoever_has_not_seen_a_colleagues_answer_does_not_overwrite_it(cast: Cast, walked: int) -> None:
    give(cast, walked, "C-01", BAD, who="shi")
    with pytest.raises(TooLate) as refused:
        give(cast, walked, "C-01", replace(FINE, seen=0))
    assert "有问题" in str(refused.value.words)
    assert give(cast, walked, "C-01", replace(FINE, seen=1)).outcome is Outcome.PASS


def test_answers_wait_for_the_start_and_end_with_the_submission(cast: Cast) -> None:
    occurrence_id = make_check(cast)
    with pytest.raises(TooLate, match="开始"):
        give(cast, occurrence_id, "C-01", FINE)


def test_what_the_phone_kept_is_still_taken_after_the_check_was_missed(cast: Cast, walked: int) -> None:
    later = MISSED + timedelta(hours=5)
    with clock.at(later), db.acting(cast.mai):
        checks.save_answer(the(cast.mai, walked), "C-01", FINE, cast.mai)
    with clock.at(later), db.acting(cast.mai):
        assert the(cast.mai, walked).answered == 1


def test_many_answers_cost_no_question_each(cast: Cast, walked: int, statements: Count) -> None:
    given = {f"C-{n:02d}": FINE for n in range(1, 4)} | {"C-07": FINE, "WM-22": FINE, "WM-24": FINE}
    with clock.at(WALKING), db.acting(cast.mai):
        check = the(cast.mai, walked)
        before = len(statements)
        checks.save_answers(check, given, cast.mai)
        sent = statements.statements[before:]
    assert len([one for one in sent if one.startswith("SELECT")]) <= 2
    assert len([one for one in sent if one.startswith("UPDATE")]) == 1
    assert len(sent) <= 3 + len(given)  # SQLite takes one row at a time, PostgreSQL all at once


@pytest.mark.parametrize("who", ["fu", "gu", "qu", "zhen", "shi_ban"])
def test_only_those_who_walk_answer(cast: Cast, walked: int, who: str) -> None:
    with pytest.raises(NotAllowed):
        give(cast, walked, "C-01", FINE, who=who)


def test_a_strangers_check_is_not_there(cast: Cast, walked: int) -> None:
    with pytest.raises(NotThere):
        give(cast, walked, "C-01", FINE, who="west_mai")


def test_photos_stand_with_their_item_and_can_be_taken_back(
    cast: Cast, walked: int, settings: object
) -> None:
    storage.use(settings)  # type: ignore[arg-type]
    staged = stage(sent(photo()))
    with clock.at(WALKING), db.acting(cast.mai):
        check = the(cast.mai, walked)
        first = checks.add_photo(check, "C-01", staged, cast.mai)  # type: ignore[arg-type]
        assert checks.add_photo(check, "C-01", staged, cast.mai) is first  # type: ignore[arg-type]
        with pytest.raises(Mistake):
            checks.add_photo(check, "CL-14", staged, cast.mai)  # type: ignore[arg-type]
    with clock.at(WALKING), db.acting(cast.mai):
        check = the(cast.mai, walked)
        assert [one.part for one in evidence.of(check)] == ["C-01"]
        checks.drop_photo(check, evidence.of(check)[0], cast.mai)
    with clock.at(WALKING), db.acting(cast.mai):
        assert evidence.of(the(cast.mai, walked)) == []
