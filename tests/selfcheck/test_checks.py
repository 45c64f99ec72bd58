"""A check's life: started in its window, walked whole, handed in once, entered afterwards when missed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, digests, door, journal
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.evidence import queries as evidence
from portal.evidence import storage
from portal.evidence.staging import Staged, stage
from portal.selfcheck.models import BACKFILL_FOR, Occurrence, Outcome, ReviewKind, Submission
from portal.selfcheck.operations import checks, occurrences, reviews
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.workflow import CheckState
from tests.conftest import Count
from tests.evidence.pictures import photo, sent
from tests.people import Cast, count_rows
from tests.selfcheck.day import (
    DUE,
    EIGHT,
    MISSED,
    OPENS,
    QUIET,
    TICKS,
    WALKING,
    item,
    make_check,
    submitted,
    the,
    walk_through,
)

LATE = DUE + timedelta(minutes=20)
A_MINUTE = timedelta(minutes=1)


def start(cast: Cast, occurrence_id: int, at: object = WALKING) -> Occurrence:
    with clock.at(at), db.acting(cast.mai):  # type: ignore[arg-type]
        check = the(cast.mai, occurrence_id)
        checks.start(check, cast.mai)
        return check


def submit(cast: Cast, occurrence_id: int, at: object = WALKING) -> Submission:
    with clock.at(at), db.acting(cast.mai):  # type: ignore[arg-type]
        return checks.submit(the(cast.mai, occurrence_id), cast.mai)


def staged(settings: object, seed: int = 0) -> Staged:
    storage.use(settings)  # type: ignore[arg-type]
    taken = stage(sent(photo(seed)))
    assert isinstance(taken, Staged)
    return taken


def test_starting_says_who_and_when_and_draws_the_lot(cast: Cast) -> None:
    check = start(cast, make_check(cast, seed=3))
    assert (check.state, check.opened_by_name) == (CheckState.OPEN, "麦小禾")
    assert check.opened_at == WALKING and check.random_code == EIGHT[3]["code"]


def test_the_lot_is_the_same_for_everybody_and_unknown_before(cast: Cast) -> None:
    first, second = make_check(cast, seed=11), make_check(cast, seed=11)
    with db.acting(cast.mai):
        assert the(cast.mai, first).random_code == ""
    assert start(cast, first).random_code == start(cast, second).random_code != ""


def test_a_short_round_has_a_lot_in_one_of_eight(cast: Cast) -> None:
    drawn = [start(cast, make_check(cast, items=TICKS[:3], seed=seed)).random_code for seed in range(8)]
    assert [bool(code) for code in drawn] == [True] * 3 + [False] * 5


def test_a_check_does_not_begin_before_its_window(cast: Cast) -> None:
    with pytest.raises(TooLate) as refused:
        start(cast, make_check(cast), at=OPENS - A_MINUTE)
    assert "04:50" in str(refused.value.words)


@pytest.mark.parametrize("who", ["fu", "gu", "zhen", "xiao", "shi_ban"])
def test_only_those_who_walk_start(cast: Cast, who: str) -> None:
    occurrence_id = make_check(cast)
    actor = getattr(cast, who)
    with clock.at(WALKING), pytest.raises((NotAllowed, NotThere)), db.acting(actor):
        checks.start(the(actor, occurrence_id), actor)


def test_a_whole_check_is_handed_in_and_sealed(cast: Cast) -> None:
    occurrence_id = submitted(cast)
    with db.acting(cast.mai):
        check, one = the(cast.mai, occurrence_id), queries.last_submission(the(cast.mai, occurrence_id))
        assert one is not None
        assert (check.state, check.submitted_by_name, check.is_late) == (
            CheckState.SUBMITTED,
            "麦小禾",
            False,
        )
        assert one.digest == digests.digest_of(one.content) and one.number == 1
        assert [line["outcome"] for line in one.content["items"]] == ["pass"] * len(TICKS)
        found = door.find("submission", one.digest)
        assert found is not None and found.subject_id == one.id


def test_the_digest_leaves_the_codes_of_reach_out(cast: Cast) -> None:
    submitted(cast)
    with db.acting(cast.mai):
        one = db.session.scalars(sa.select(Submission)).one()
        assert not {"company_id", "community_code", "town_code"} & set(one.content)


def test_nothing_is_handed_in_while_an_item_is_missing(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    start(cast, occurrence_id)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.save_answer(the(cast.mai, occurrence_id), "C-01", Given(Outcome.PASS), cast.mai)
    with pytest.raises(Mistake) as refused:
        submit(cast, occurrence_id)
    assert refused.value.field == "C-02" and "6" in str(refused.value.words)
    assert count_rows(Submission) == 0


def test_a_problem_wants_a_photo(cast: Cast, settings: object) -> None:
    occurrence_id = make_check(cast, items=[item("C-01"), *TICKS[1:3]], seed=QUIET)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id, failed=("C-01",))
    with pytest.raises(Mistake) as refused:
        submit(cast, occurrence_id)
    assert refused.value.field == "C-01"
    one = staged(settings)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.add_photo(the(cast.mai, occurrence_id), "C-01", one, cast.mai)
    assert submit(cast, occurrence_id).content["items"][0]["photos"] == [one.sha256]


def test_the_drawn_item_wants_a_photo_though_all_is_well(cast: Cast, settings: object) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=2)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id)
    with pytest.raises(Mistake) as refused:
        submit(cast, occurrence_id)
    assert refused.value.field == TICKS[2]["code"]
    one = staged(settings)
    with clock.at(WALKING), db.acting(cast.mai):
        checks.add_photo(the(cast.mai, occurrence_id), TICKS[2]["code"], one, cast.mai)
    submit(cast, occurrence_id)


def test_handing_in_twice_is_told_and_nothing_doubles(cast: Cast) -> None:
    occurrence_id = submitted(cast)
    with pytest.raises(TooLate, match="交过"):
        submit(cast, occurrence_id)
    assert count_rows(Submission) == 1


def test_after_the_window_it_is_taken_and_marked_late(cast: Cast) -> None:
    occurrence_id = submitted(cast, at=LATE)
    with db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert check.is_late and check.review_kind is ReviewKind.ATTENTION


def test_on_the_last_moment_it_is_not_late(cast: Cast) -> None:
    occurrence_id = submitted(cast, at=DUE)
    with db.acting(cast.mai):
        assert not the(cast.mai, occurrence_id).is_late


def test_once_missed_the_answers_stay_and_the_words_lead_to_backfilling(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id)
    with pytest.raises(TooLate, match="补录"):
        submit(cast, occurrence_id, at=MISSED)
    with db.acting(cast.mai):
        assert the(cast.mai, occurrence_id).answered == len(TICKS)


def test_a_window_past_midnight_belongs_to_the_day_it_began(cast: Cast) -> None:
    late_night = OPENS.replace(hour=23, minute=30)
    occurrence_id = make_check(cast, items=TICKS, opens_at=late_night, window=timedelta(hours=2), seed=QUIET)
    with clock.at(late_night + timedelta(hours=1)):
        [day] = _today(cast)
        assert [one.id for one in day.now] == [occurrence_id]
        walk_through(cast, occurrence_id)
        assert submit(cast, occurrence_id, at=late_night + timedelta(hours=1)).content["day"] == "2026-10-09"


def _today(cast: Cast) -> list[queries.Day]:
    with db.acting(cast.mai):
        return queries.today(cast.mai)


def backfill(cast: Cast, occurrence_id: int, reason: str = "手机没电", at: object = MISSED) -> Occurrence:
    with clock.at(at), db.acting(cast.mai):  # type: ignore[arg-type]
        check = the(cast.mai, occurrence_id)
        checks.backfill(check, reason, cast.mai, walked_by="施样替", walked_at=WALKING)
        return check


def test_a_missed_check_is_entered_afterwards_with_its_reason(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=2)
    check = backfill(cast, occurrence_id)
    assert (check.state, check.is_backfilled, check.backfill_reason) == (CheckState.OPEN, True, "手机没电")
    assert (check.opened_by_name, check.opened_at) == ("施样替", WALKING)
    with clock.at(MISSED):
        walk_through(cast, occurrence_id)
    content = submit(cast, occurrence_id, at=MISSED).content
    assert (content["backfill_reason"], content["opened_by"], content["is_late"]) == (
        "手机没电",
        "施样替",
        False,
    )
    with db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert check.review_kind is ReviewKind.ATTENTION
        verbs = [line.verb for line in journal.of(check)]
        assert verbs == ["submit", "backfill", "miss"]


def test_backfilling_takes_a_reason_and_ends_after_three_days(cast: Cast) -> None:
    occurrence_id = make_check(cast)
    with pytest.raises(Mistake) as refused:
        backfill(cast, occurrence_id, reason="  ")
    assert refused.value.field == "reason"
    with pytest.raises(TooLate):
        backfill(cast, occurrence_id, at=MISSED + timedelta(days=3))
    with pytest.raises(TooLate):
        backfill(cast, occurrence_id, at=WALKING)


def test_what_was_begun_to_be_entered_and_left_is_missed_again(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    backfill(cast, occurrence_id)
    with clock.at(MISSED):
        walk_through(cast, occurrence_id)
    over = MISSED + BACKFILL_FOR
    with db.acting(cast.mai):
        assert not the(cast.mai, occurrence_id).is_missed(over - A_MINUTE)
        assert the(cast.mai, occurrence_id).is_missed(over)
    with pytest.raises(TooLate):
        submit(cast, occurrence_id, at=over)
    with clock.at(over), db.acting(cast.kuang):
        assert occurrences.mark_missed(over - A_MINUTE) == 0
        assert occurrences.mark_missed(over) == 1
    with pytest.raises(TooLate):
        backfill(cast, occurrence_id, at=over)


def test_a_photo_that_was_handed_in_is_not_taken_back(cast: Cast, settings: object) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=2)
    sealed, later = staged(settings), staged(settings, seed=9)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id)
        with db.acting(cast.mai):
            checks.add_photo(the(cast.mai, occurrence_id), TICKS[2]["code"], sealed, cast.mai)
        submit(cast, occurrence_id)
    with clock.at(LATE), db.acting(cast.gu):
        reviews.send_back(the(cast.gu, occurrence_id), "照片看不清", cast.gu)
    with clock.at(LATE + A_MINUTE), db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        fresh = checks.add_photo(check, TICKS[2]["code"], later, cast.mai)
        first = next(one for one in evidence.of(check) if one.blob.sha256 == sealed.sha256)
        with pytest.raises(TooLate, match="不能再删"):
            checks.drop_photo(check, first, cast.mai)
        checks.drop_photo(check, next(one for one in evidence.of(check) if one.id == fresh.id), cast.mai)
        assert [one.blob.sha256 for one in evidence.of(check)] == [sealed.sha256]


def test_a_time_of_walking_that_cannot_be_is_refused(cast: Cast) -> None:
    occurrence_id = make_check(cast)
    for moment in (OPENS - A_MINUTE, MISSED + A_MINUTE):
        with clock.at(MISSED), pytest.raises(Mistake), db.acting(cast.mai):
            checks.backfill(the(cast.mai, occurrence_id), "忙", cast.mai, walked_at=moment)


def test_handing_in_is_cheap(cast: Cast, statements: Count) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id, failed=("C-01", "C-02"))
        with db.acting(cast.mai):
            check = the(cast.mai, occurrence_id)
            before = len(statements)
            checks.submit(check, cast.mai)
            db.session.flush()
            assert len(statements) - before <= 16
