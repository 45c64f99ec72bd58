"""Records form themselves from the checks, and only the right post fixes them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from portal.core import clock, db, door, errands
from portal.core.digests import digest_of, short_code
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets.models import Market, MarketKind, Post, PostKind
from portal.notices.models import Notice
from portal.selfcheck.models import ControlRecord, Outcome, RecordKind, Slot
from portal.selfcheck.notices import TO_SIGN
from portal.selfcheck.operations import checks as operations
from portal.selfcheck.operations import records, reviews
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as lookup
from portal.selfcheck.queries import records as queries
from portal.selfcheck.workflow import RecordState
from tests.people import Cast
from tests.selfcheck.day import FRIDAY
from tests.selfcheck.walked import find, form, make, moment, proof, the_record, walk

DAILY, WEEKLY, MONTHLY, PATROL = RecordKind.DAILY, RecordKind.WEEKLY, RecordKind.MONTHLY, RecordKind.PATROL
MONDAY = date(2026, 10, 5)
EVENING = moment(FRIDAY, 21)
LEAKING = Given(Outcome.FAIL, phrases=("排水沟堵了",), note="冲了两遍还积水")
WARM = Given(number=Decimal("12.5"), phrases=("柜门没关好",))


def one_day(cast: Cast, day: date = FRIDAY, **wrong: Given) -> int:
    """A day with one check, walked and formed; the market's id."""
    check = make(cast, day=day)
    walk(cast, cast.mai, check, moment(day, 5), **wrong)
    form(cast.mai, cast.east.market_id, day, moment(day, 21))
    return cast.east.market_id


def content(cast: Cast, kind: RecordKind, day: date = FRIDAY) -> dict[str, Any]:
    with db.acting(cast.kuang):
        return the_record(cast.kuang, cast.east.market_id, kind, day).content


def sign(cast: Cast, who: Any, kind: RecordKind, day: date = FRIDAY, measures: str = "", **facts: Any) -> int:
    with db.acting(who):
        record = the_record(who, cast.east.market_id, kind, day)
        records.sign(record, proof(who), measures, who, **facts)
        return record.id


def test_a_day_without_a_problem_has_a_zero_risk_record(cast: Cast) -> None:
    one_day(cast)
    said = content(cast, DAILY)
    assert said["findings"] == []
    assert said["counts"] == {
        "due": 1, "done": 1, "missed": 0, "waiting": 0, "excused": 0, "answers": 2, "findings": 0,
    }  # fmt: skip


def test_the_daily_record_holds_food_and_the_patrol_record_holds_fire(cast: Cast) -> None:
    one_day(cast)
    assert [line["code"] for line in content(cast, DAILY)["items"]] == ["WM-14", "WM-22"]
    (round_,) = content(cast, PATROL)["rounds"]
    assert [row["title"] for row in round_["rows"]] == ["安全出口畅通", "配电箱完好"]
    assert round_["by"] == "麦小禾"


def test_a_failed_item_is_in_the_record_as_it_was_tapped(cast: Cast) -> None:
    stall = cast.east.stall_ids[2]
    one_day(
        cast,
        WM_22=Given(Outcome.FAIL, phrases=("排水沟堵了",), note="冲了两遍还积水", stall_id=stall),
        WM_14=WARM,
    )
    warm, leaking = content(cast, DAILY)["findings"]
    assert (warm["reading"], warm["words"]) == ("12.5 ℃", "柜门没关好")
    assert (leaking["stall"], leaking["words"], leaking["note"]) == ("B-001", "排水沟堵了", "冲了两遍还积水")
    assert content(cast, PATROL)["findings"] == []


def test_a_missed_check_is_named_and_forbids_zero_risk(cast: Cast) -> None:
    make(cast, hour=10, slot=Slot.PATROL)
    one_day(cast)
    lines = content(cast, DAILY)["checks"]
    assert [line["standing"] for line in lines] == ["done", "missed"]
    assert content(cast, DAILY)["counts"]["missed"] == 1


def test_a_day_on_which_nothing_was_due_has_no_record(cast: Cast) -> None:
    form(cast.mai, cast.east.market_id, FRIDAY, EVENING)
    with db.acting(cast.kuang):
        assert find(cast.kuang, cast.east.market_id, DAILY, FRIDAY) is None


def test_a_clothing_market_keeps_the_fire_patrol_alone(cast: Cast) -> None:
    with db.acting(cast.kuang) as session:
        session.get_one(Market, cast.east.market_id).kind = MarketKind.CLOTHING
    one_day(cast)
    with db.acting(cast.kuang):
        assert find(cast.kuang, cast.east.market_id, DAILY, FRIDAY) is None
        assert find(cast.kuang, cast.east.market_id, PATROL, FRIDAY) is not None


def test_forming_again_takes_in_what_came_later_and_makes_no_second_record(cast: Cast) -> None:
    one_day(cast)
    walk(cast, cast.shi, make(cast, hour=16, slot=Slot.CLOSING), moment(FRIDAY, 16), WM_22=LEAKING)
    form(cast.mai, cast.east.market_id, FRIDAY, EVENING)
    assert [one["by"] for one in content(cast, DAILY)["findings"]] == ["施样替"]
    with db.acting(cast.kuang) as session:
        assert session.scalar(sa.select(sa.func.count(ControlRecord.id))) == 2


def test_the_errand_forms_the_records_of_the_day_it_names(cast: Cast) -> None:
    assert "selfcheck.form_records" in errands.names(), "the worker knows the errand"
    walk(cast, cast.mai, make(cast), moment(FRIDAY, 5))
    with clock.at(EVENING):
        with db.acting(cast.mai):
            market = cast.market()
            records.ask_to_form(market, FRIDAY)
            records.ask_to_form(market, FRIDAY)
        while errands.drain():
            pass
    assert content(cast, DAILY)["counts"]["done"] == 1


def test_the_right_post_signs_and_the_digest_covers_content_measures_and_signature(cast: Cast) -> None:
    one_day(cast, WM_22=LEAKING)
    with clock.at(EVENING):
        record_id = sign(cast, cast.mai, DAILY, measures="疏通排水沟，17:00 复看已干")
    with db.acting(cast.kuang) as session:
        record = session.get_one(ControlRecord, record_id)
        assert (record.state, record.signed_by_name, record.signed_as) == (
            RecordState.SIGNED, "麦小禾", PostKind.FOOD_SAFETY_OFFICER.value,
        )  # fmt: skip
        assert record.digest == digest_of(queries.statement_of(record))
        assert queries.is_unchanged(record)
        for code in (record.digest, short_code(record.digest or "")):
            found = door.find("control_record", code or "")
            assert found is not None and found.subject_id == record_id


@pytest.mark.parametrize(
    ("kind", "who"), [(DAILY, "kuang"), (DAILY, "shi"), (PATROL, "mai"), (PATROL, "shi")]
)
def test_whoever_does_not_hold_the_post_does_not_sign(cast: Cast, kind: RecordKind, who: str) -> None:
    one_day(cast)
    with clock.at(EVENING), pytest.raises(NotAllowed):
        sign(cast, getattr(cast, who), kind)
    with db.acting(cast.kuang):
        assert the_record(cast.kuang, cast.east.market_id, kind, FRIDAY).state is RecordState.FORMING


def test_a_post_that_ended_signs_no_more(cast: Cast) -> None:
    one_day(cast)
    with db.acting(cast.kuang) as session:
        held = sa.select(Post).where(Post.person_id == cast.mai.person_id)
        for post in session.scalars(held.where(Post.kind == PostKind.FOOD_SAFETY_OFFICER)):
            post.to_on = FRIDAY - timedelta(days=1)
    with clock.at(EVENING), pytest.raises(NotAllowed):
        sign(cast, cast.mai, DAILY)


def test_nobody_signs_with_somebody_elses_proof(cast: Cast) -> None:
    one_day(cast)
    with clock.at(EVENING), db.acting(cast.mai), pytest.raises(NotAllowed):
        record = the_record(cast.mai, cast.east.market_id, DAILY, FRIDAY)
        records.sign(record, proof(cast.kuang), "", cast.mai)


def test_problems_are_not_signed_away_without_a_word(cast: Cast) -> None:
    one_day(cast, WM_22=LEAKING)
    with clock.at(EVENING), pytest.raises(Mistake) as caught:
        sign(cast, cast.mai, DAILY, measures="  ")
    assert caught.value.field == "measures"


def test_a_day_is_not_signed_while_a_check_may_still_come(cast: Cast) -> None:
    make(cast, hour=20, slot=Slot.CLOSING)
    one_day(cast)
    with clock.at(moment(FRIDAY, 19)), pytest.raises(TooLate):
        sign(cast, cast.mai, DAILY)


def test_what_changed_under_the_signers_eyes_is_shown_again(cast: Cast) -> None:
    one_day(cast)
    with clock.at(EVENING), pytest.raises(TooLate):
        sign(cast, cast.mai, DAILY, seen="0" * 64)


def test_a_signed_record_is_signed_once_and_never_formed_again(cast: Cast) -> None:
    one_day(cast)
    with clock.at(EVENING):
        sign(cast, cast.mai, DAILY)
        with pytest.raises(TooLate):
            sign(cast, cast.mai, DAILY)
    walk(cast, cast.shi, make(cast, hour=16, slot=Slot.CLOSING), moment(FRIDAY, 16), WM_22=LEAKING)
    form(cast.mai, cast.east.market_id, FRIDAY, EVENING)
    assert content(cast, DAILY)["findings"] == []
    with clock.at(EVENING), db.acting(cast.mai):
        shown = queries.told(the_record(cast.mai, cast.east.market_id, DAILY, FRIDAY), cast.mai)
        assert shown.has_changed


def test_a_check_walked_again_after_the_signature_is_told_though_its_figures_are_the_same(cast: Cast) -> None:
    check = make(cast)
    walk(cast, cast.mai, check, moment(FRIDAY, 5))
    form(cast.mai, cast.east.market_id, FRIDAY, EVENING)
    with clock.at(EVENING):
        sign(cast, cast.mai, DAILY)
    with clock.at(EVENING), db.acting(cast.gu):
        reviews.send_back(lookup.get_occurrence(cast.gu, check), "读数看不清", cast.gu)
    with clock.at(EVENING), db.acting(cast.mai):
        again = lookup.get_occurrence(cast.mai, check)
        operations.save_answer(again, "WM-14", Given(number=Decimal(5)), cast.mai)
        operations.submit(again, cast.mai)
    with clock.at(EVENING), db.acting(cast.mai):
        assert queries.told(the_record(cast.mai, cast.east.market_id, DAILY, FRIDAY), cast.mai).has_changed


def test_the_week_says_which_stalls_come_back_and_what_is_new(cast: Cast) -> None:
    stall = cast.east.stall_ids[2]
    again = Given(Outcome.FAIL, phrases=("排水沟堵了",), stall_id=stall)
    one_day(cast, MONDAY - timedelta(days=3), WM_22=again)
    for day in (MONDAY, MONDAY + timedelta(days=2)):
        one_day(cast, day, WM_22=again, WM_14=WARM)
    form(cast.mai, cast.east.market_id, MONDAY + timedelta(days=7), moment(MONDAY + timedelta(days=7), 4))
    said = content(cast, WEEKLY, MONDAY)
    assert (said["covered"], said["week"]) == (2, [2026, 41])
    assert said["stalls"] == [{"stall": "B-001", "times": 2, "titles": ["地面不积水"]}]
    assert [one["title"] for one in said["new_risks"]] == ["冷藏柜温度"]
    assert said["readings"][0] == {
        "code": "WM-14", "title": "冷藏柜温度", "unit": "℃", "times": 2, "low": "12.5", "high": "12.5", "total": "",
        "failed": 2,
    }  # fmt: skip


def test_the_week_waits_for_its_end_and_is_the_directors(cast: Cast) -> None:
    one_day(cast, MONDAY)
    next_monday = MONDAY + timedelta(days=7)
    form(cast.mai, cast.east.market_id, next_monday, moment(next_monday, 4))
    with clock.at(moment(MONDAY + timedelta(days=6), 23)), pytest.raises(TooLate):
        sign(cast, cast.kuang, WEEKLY, MONDAY)
    with clock.at(moment(next_monday, 9)):
        with pytest.raises(NotAllowed):
            sign(cast, cast.mai, WEEKLY, MONDAY)
        sign(cast, cast.kuang, WEEKLY, MONDAY)


def test_the_month_is_called_together_on_the_first_and_needs_decisions(cast: Cast) -> None:
    one_day(cast, FRIDAY, WM_22=LEAKING)
    first = date(2026, 11, 1)
    form(cast.mai, cast.east.market_id, first, moment(first, 4))
    said = content(cast, MONTHLY, date(2026, 10, 1))
    assert said["days"] == {"due": 1, "recorded": 1, "signed": 0}
    assert said["items"] == [{"code": "WM-22", "title": "地面不积水", "findings": 1}]
    with clock.at(moment(first, 9)):
        with pytest.raises(Mistake):
            sign(cast, cast.kuang, MONTHLY, date(2026, 10, 1))
        sign(cast, cast.kuang, MONTHLY, date(2026, 10, 1), "换排水沟盖板，下月看水产区")


def test_what_waits_is_told_to_whoever_signs_it(cast: Cast) -> None:
    one_day(cast)
    with clock.at(EVENING):
        for who, kinds in (
            (cast.mai, [DAILY]),
            (cast.kuang, [PATROL]),
            (cast.shi, []),
            (cast.qu, []),
            (cast.fu, []),
        ):
            with db.acting(who):
                assert [record.kind for record in queries.waiting_for(who)] == kinds


def test_another_companys_record_is_not_there(cast: Cast) -> None:
    one_day(cast)
    with db.acting(cast.kuang):
        record_id = the_record(cast.kuang, cast.east.market_id, DAILY, FRIDAY).id
    for stranger in (cast.west_kuang, cast.west_qu, cast.west_zhen):
        with db.acting(stranger), pytest.raises(NotThere):
            queries.get_record(stranger, record_id)
    for reader in (cast.fu, cast.qu, cast.zhen, cast.shi_ban):
        with db.acting(reader):
            assert queries.told(queries.get_record(reader, record_id), reader).content["counts"]["done"] == 1


def test_the_list_goes_on_by_cursor_without_losing_or_doubling(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(3):
        one_day(cast, FRIDAY + timedelta(days=n))
    with db.acting(cast.qu):
        seen: list[tuple[date, str]] = []
        cursor = ""
        while True:
            page = queries.list_records(cast.qu, cursor=cursor)
            seen += [(row.period_on, row.kind.value) for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 6
        assert seen == sorted(seen, key=lambda one: one[0], reverse=True)
        assert len(queries.list_records(cast.qu, kind=PATROL, month=date(2026, 10, 1)).rows) == 2
        assert queries.list_records(cast.qu, cursor="nonsense").rows


def test_whoever_signs_is_told_in_the_morning_once(cast: Cast) -> None:
    one_day(cast, WM_22=LEAKING)
    saturday = FRIDAY + timedelta(days=1)
    with clock.at(moment(saturday, 9)):
        for _ in range(2):
            errands.fire_schedules()
            while errands.drain():
                pass
        with db.reading() as session:
            told = session.execute(
                sa.select(Notice.person_id, Notice.line_count).where(Notice.event == TO_SIGN)
            ).all()
    assert sorted(told) == sorted([(cast.mai.person_id, 1), (cast.kuang.person_id, 1)])


def test_handing_a_check_in_forms_the_records_of_its_day(cast: Cast) -> None:
    walk(cast, cast.mai, make(cast), moment(FRIDAY, 5))
    with clock.at(moment(FRIDAY, 6)):
        while errands.drain():
            pass
    assert content(cast, DAILY)["counts"]["done"] == 1
