"""Reviewing by exception: what is asked, what is sampled, what is only noted, and what is sent back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal.core import clock, db, errands, journal
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.notices import queries as inbox
from portal.selfcheck.models import Occurrence, Outcome, ReviewKind, Slot, Submission
from portal.selfcheck.operations import checks, occurrences, plans, reviews
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import gathering, sheets
from portal.selfcheck.queries import reviews as queries
from portal.selfcheck.queries.reviews import Shelf
from portal.selfcheck.workflow import CheckState
from tests.people import Cast, count_rows
from tests.selfcheck import rules
from tests.selfcheck.day import DUE, OPENS, QUIET, TICKS, WALKING, make_check, submitted, the, walk_through

MONDAY = datetime(2026, 10, 12, 4, 50, tzinfo=clock.ZONE)
NEXT_SATURDAY = datetime(2026, 10, 10, 12, tzinfo=clock.ZONE)


def found(cast: Cast, *failed: str, seed: int = QUIET) -> int:
    """A check handed in with problems."""
    occurrence_id = make_check(cast, items=TICKS, seed=seed)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id, failed=failed or ("C-01",))
        with db.acting(cast.mai):
            checks.submit(the(cast.mai, occurrence_id), cast.mai)
    return occurrence_id


def kind_of(cast: Cast, occurrence_id: int) -> ReviewKind | None:
    with db.acting(cast.mai):
        return the(cast.mai, occurrence_id).review_kind


def clean_ones(cast: Cast, number: int) -> list[int]:
    """So many checks that are only to be noted."""
    made: list[int] = []
    seed = QUIET
    while len(made) < number:
        seed += 8
        one = submitted(cast, seed=seed)
        if kind_of(cast, one) is ReviewKind.CLEAN:
            made.append(one)
    return made


def test_a_problem_asks_for_attention(cast: Cast) -> None:
    assert kind_of(cast, found(cast)) is ReviewKind.ATTENTION


def test_it_is_due_by_the_end_of_the_next_working_day(cast: Cast) -> None:
    occurrence_id = found(cast)
    with db.acting(cast.gu):
        due_at = the(cast.gu, occurrence_id).review_due_at
    # Friday 9 October 2026; no calendar is loaded here, so Saturday and Sunday are free.
    assert due_at == datetime(2026, 10, 13, tzinfo=clock.ZONE)


def test_a_week_of_clean_checks_has_at_least_one_in_the_sample_and_not_many(cast: Cast) -> None:
    kinds = []
    for number in range(35):
        opens_at = MONDAY + timedelta(days=number // 5, minutes=number % 5)
        one = submitted(cast, at=opens_at + timedelta(minutes=9), opens_at=opens_at, seed=QUIET + 8 * number)
        kinds.append(kind_of(cast, one))
    assert set(kinds) == {ReviewKind.CLEAN, ReviewKind.SAMPLE}
    assert 1 <= kinds.count(ReviewKind.SAMPLE) <= 10


def test_each_market_has_its_own_sample(cast: Cast) -> None:
    friday = OPENS
    kinds = {
        kind_of(cast, submitted(cast, seed=QUIET, opens_at=friday)),
        _west_kind(cast, submitted(cast, side=cast.west, seed=QUIET, opens_at=friday)),
    }
    assert kinds == {ReviewKind.SAMPLE}


def _west_kind(cast: Cast, occurrence_id: int) -> ReviewKind | None:
    with db.acting(cast.west_mai):
        return the(cast.west_mai, occurrence_id).review_kind


def test_a_late_one_asks_for_attention_though_all_is_well(cast: Cast) -> None:
    assert kind_of(cast, submitted(cast, at=DUE + timedelta(minutes=1))) is ReviewKind.ATTENTION


def test_the_community_accepts(cast: Cast) -> None:
    occurrence_id = found(cast)
    with db.acting(cast.gu):
        reviews.accept(the(cast.gu, occurrence_id), cast.gu)
    with db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert (check.state, check.reviewed_by_name) == (CheckState.ACCEPTED, "古样文")
        assert journal.of(check)[0].verb == "accept"


@pytest.mark.parametrize("who", ["mai", "kuang", "fu", "zhen", "xiao", "shi_ban"])
def test_only_the_community_decides(cast: Cast, who: str) -> None:
    occurrence_id = found(cast)
    actor = getattr(cast, who)
    for deed in (lambda one: reviews.accept(one, actor), lambda one: reviews.send_back(one, "再看", actor)):
        with pytest.raises((NotAllowed, NotThere)), db.acting(actor):
            deed(the(actor, occurrence_id))


def test_nobody_looks_at_his_own_check_for_the_community(cast: Cast) -> None:
    """One person, two parts: a patroller in the morning, on duty for the community in the afternoon."""
    occurrence_id, clean = found(cast), clean_ones(cast, 1)
    herself = replace(cast.gu, person_id=cast.mai.person_id)
    for deed in (reviews.accept, lambda one, who: reviews.send_back(one, "再看", who)):
        with pytest.raises(NotAllowed), db.acting(herself):
            deed(the(herself, occurrence_id), herself)
    with db.acting(herself):
        assert reviews.note_clean(queries.of_ids(clean), herself) == 0


def test_another_community_does_not_see_it(cast: Cast) -> None:
    occurrence_id = found(cast)
    with pytest.raises(NotThere), db.acting(cast.west_gu):
        the(cast.west_gu, occurrence_id)
    with db.acting(cast.west_gu):
        assert queries.counts()[Shelf.ASKED] == 0


def test_sending_back_takes_a_reason(cast: Cast) -> None:
    occurrence_id = found(cast)
    for reason in ("", "   ", "长" * 401):
        with pytest.raises(Mistake) as refused, db.acting(cast.gu):
            reviews.send_back(the(cast.gu, occurrence_id), reason, cast.gu)
        assert refused.value.field == "reason"


def send_back(cast: Cast, occurrence_id: int, reason: str = "照片看不清黄线") -> None:
    with clock.at(WALKING + timedelta(hours=2)), db.acting(cast.gu):
        reviews.send_back(the(cast.gu, occurrence_id), reason, cast.gu)


def test_what_came_back_is_walked_again_and_asks_for_attention_again(cast: Cast) -> None:
    occurrence_id = found(cast)
    send_back(cast, occurrence_id)
    with clock.at(WALKING + timedelta(hours=5)), db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert (check.state, check.review_note) == (CheckState.SENT_BACK, "照片看不清黄线")
        again = checks.submit(check, cast.mai)
        assert again.number == 2
    with db.acting(cast.gu):
        check = the(cast.gu, occurrence_id)
        assert (check.state, check.review_kind, check.review_note) == (
            CheckState.SUBMITTED, ReviewKind.ATTENTION, "")  # fmt: skip
        assert not check.is_late and check.reviewed_at is None
    assert count_rows(Submission) == 2


def test_what_is_not_walked_again_in_time_is_late_and_holds_up_no_record(cast: Cast) -> None:
    occurrence_id = found(cast)
    send_back(cast, occurrence_id)
    with db.acting(cast.gu):
        check = the(cast.gu, occurrence_id)
        assert check.redo_by == datetime(2026, 10, 13, tzinfo=clock.ZONE)  # the end of Monday
        assert gathering.standing(check, check.redo_by) == gathering.BACK
        later = check.redo_by + timedelta(minutes=1)
        assert gathering.standing(check, later) == gathering.LEFT and check.is_overdue(later)
        with clock.at(later):
            assert [line.occurrence.id for line in queries.page_of(Shelf.LATE).lines] == [occurrence_id]


def test_clean_ones_are_noted_together(cast: Cast) -> None:
    ids = clean_ones(cast, 3)
    with db.acting(cast.gu):
        assert reviews.note_clean(queries.of_ids(ids), cast.gu) == 3
    with db.acting(cast.qu):
        assert reviews.note_clean(queries.of_ids(ids), cast.qu) == 0
        assert {one.state for one in queries.of_ids(ids)} == {CheckState.ACCEPTED}


def test_one_with_a_problem_is_never_noted_in_passing(cast: Cast) -> None:
    ids = [*clean_ones(cast, 1), found(cast)]
    with pytest.raises(Mistake), db.acting(cast.gu):
        reviews.note_clean(queries.of_ids(ids), cast.gu)
    with db.acting(cast.gu):
        assert {one.state for one in queries.of_ids(ids)} == {CheckState.SUBMITTED}


def test_what_was_decided_is_not_decided_again(cast: Cast) -> None:
    occurrence_id = found(cast)
    with db.acting(cast.gu):
        reviews.accept(the(cast.gu, occurrence_id), cast.gu)
    with pytest.raises(TooLate), db.acting(cast.qu):
        reviews.send_back(the(cast.qu, occurrence_id), "再看", cast.qu)


def test_the_list_says_what_was_found_and_stands_due_first(cast: Cast) -> None:
    first = found(cast, "C-01", "C-02")
    with clock.at(NEXT_SATURDAY), db.acting(cast.gu):
        [line] = [line for line in queries.page_of(Shelf.ASKED).lines if line.occurrence.id == first]
        assert line.market == "东样肉菜市场" and list(line.titles) == ["第 1 项", "第 2 项"]
        assert queries.counts()[Shelf.ASKED] == 1 and queries.counts()[Shelf.LATE] == 0
    with clock.at(NEXT_SATURDAY + timedelta(days=4)), db.acting(cast.gu):
        assert queries.counts()[Shelf.LATE] == 1


def test_a_missed_check_stands_on_its_shelf_though_nobody_has_recorded_it(cast: Cast) -> None:
    occurrence_id = make_check(cast)
    with clock.at(NEXT_SATURDAY), db.acting(cast.gu):
        assert [line.occurrence.id for line in queries.page_of(Shelf.MISSED).lines] == [occurrence_id]


def test_a_long_list_has_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    ids = clean_ones(cast, 3)
    with db.acting(cast.gu):
        first = queries.page_of(Shelf.CLEAN)
        second = queries.page_of(Shelf.CLEAN, first.next_cursor)
        assert [line.occurrence.id for line in (*first.lines, *second.lines)] == ids
        assert second.next_cursor == ""
        assert len(queries.page_of(Shelf.CLEAN, "nonsense").lines) == 2


def told(cast: Cast, who: str) -> list[str]:
    with db.opened(None, writes=False):
        return [one.event for one in inbox.inbox(getattr(cast, who).person_id).rows]


def test_manager_and_community_are_told_of_a_problem_and_nobody_of_a_clean_check(cast: Cast) -> None:
    clean_ones(cast, 1)
    errands.drain()
    assert told(cast, "gu") == told(cast, "kuang") == []
    found(cast)
    with clock.at(WALKING + timedelta(minutes=1)):
        errands.drain()
    assert told(cast, "gu") == told(cast, "qu") == ["selfcheck.to_review"]
    assert told(cast, "kuang") == ["selfcheck.found"]
    assert told(cast, "west_gu") == told(cast, "mai") == []


def test_whoever_walked_is_told_that_it_came_back(cast: Cast) -> None:
    occurrence_id = found(cast)
    send_back(cast, occurrence_id)
    with clock.at(WALKING + timedelta(hours=3)):
        errands.drain()
    assert "selfcheck.sent_back" in told(cast, "mai")


def test_a_suspected_major_hazard_is_told_upwards(cast: Cast) -> None:
    occurrence_id = make_check(cast, items=TICKS, seed=QUIET)
    with clock.at(WALKING):
        walk_through(cast, occurrence_id, failed=("C-01",))
        with db.acting(cast.mai):
            check = the(cast.mai, occurrence_id)
            checks.save_answer(check, "C-01", Given(Outcome.FAIL, is_suspected_major=True), cast.mai)
            checks.submit(check, cast.mai)
        errands.drain()
    for who in ("gu", "kuang", "zhen"):
        assert "selfcheck.suspected_major" in told(cast, who)


def look(schedule: str) -> None:
    """Let one schedule fire now, and what it asks for be done."""
    with db.opened(None, writes=True) as own:
        errands.later(schedule, clock.now().isoformat(), reach=errands.CITY)
        own.commit()
    errands.drain()
    errands.drain()


def test_a_check_that_is_due_soon_is_told_once_and_not_when_it_was_handed_in(cast: Cast) -> None:
    waiting = make_check(cast)
    submitted(cast)
    for minute in (15, 10, 5):
        with clock.at(DUE - timedelta(minutes=minute)):
            look("selfcheck.due_soon")
    assert told(cast, "mai").count("selfcheck.due_soon") == 1
    with db.acting(cast.mai):
        assert db.session.get_one(Occurrence, waiting).state is CheckState.DUE


def test_a_missed_check_is_told_to_who_answers_for_the_market(cast: Cast) -> None:
    make_check(cast)
    with clock.at(NEXT_SATURDAY):
        look("selfcheck.missed_digest")
    assert "selfcheck.missed" in told(cast, "kuang")
    assert "selfcheck.missed" not in told(cast, "west_kuang")


def test_the_community_is_told_of_what_a_market_will_not_check_and_finds_it_on_a_shelf(cast: Cast) -> None:
    rules.load()
    with clock.at(WALKING):
        occurrence_id = make_check(cast)
        with db.acting(cast.kuang):
            occurrences.excuse(the(cast.kuang, occurrence_id), "全场停电抢修", cast.kuang)
            plans.set_not_applicable(cast.market(), "WM-10", "本市场不卖活禽", cast.kuang)
        errands.drain()
        with db.acting(cast.qu):
            [line] = queries.page_of(Shelf.LET_OFF).lines
            assert line.occurrence.excuse_reason == "全场停电抢修"
            assert queries.counts()[Shelf.LET_OFF] == 1
        assert "selfcheck.let_off" in told(cast, "qu") and "selfcheck.let_off" not in told(cast, "west_qu")


def test_a_slot_is_not_emptied_item_by_item(cast: Cast) -> None:
    rules.load()
    with db.acting(cast.kuang):
        items, regular = sheets.official_items(cast.market(), clock.today()), set(Slot) - {Slot.EVENT}
        of_slots = [[one["code"] for one in items if slot in one["slots"]] for slot in regular]
        codes = min(filter(None, of_slots), key=len)
        for code in codes[:-1]:
            plans.set_not_applicable(cast.market(), code, "这一项这里没有", cast.kuang)
        with pytest.raises(Mistake) as refused:
            plans.set_not_applicable(cast.market(), codes[-1], "这一项这里没有", cast.kuang)
    assert "只剩这一项" in refused.value.words
