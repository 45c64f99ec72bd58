"""The official lists: loaded once, drafted by one, published by another, never changed afterwards."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from portal.core import clock, db, journal
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.selfcheck.models import Checklist, ChecklistItem, Grade, ListCode, Rotation, Slot
from portal.selfcheck.operations import lists
from portal.selfcheck.operations.items import copied
from portal.selfcheck.queries import lists as queries
from portal.selfcheck.workflow import ListState
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY
from tests.shelves import Shelf

TODAY = MONDAY.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def loaded(cast: Cast, shelf: Shelf) -> Iterator[None]:
    with clock.at(MONDAY):
        shelf.grow("lists of the city", lambda: rules.load(issuer_id=cast.shi_ban.organisation_id))
        yield


def facts(item: ChecklistItem, **changes: Any) -> dict[str, Any]:
    return {**copied(item), **changes}


def draft(actor: Actor, code: ListCode = ListCode.WET) -> int:
    with db.acting(actor):
        return lists.draft_version(code, actor, "按新国标改").id


def change(actor: Actor, draft_id: int, item_code: str, **changes: Any) -> None:
    with db.acting(actor):
        checklist = queries.get_checklist(actor, draft_id)
        item = next(one for one in checklist.items if one.code == item_code)
        lists.change_item(checklist, item, facts(item, **changes), actor)


def publish(actor: Actor, draft_id: int, effective_on: date = TOMORROW) -> None:
    with db.acting(actor):
        lists.publish(queries.get_checklist(actor, draft_id), effective_on, actor)


def test_a_hundred_and_fifteen_items_stand_in_five_lists(cast: Cast) -> None:
    with db.opened(cast.mai.reach, writes=False):
        holding = queries.in_force(TODAY)
    counts = {code.value: len(one.items) for code, one in holding.items()}
    assert counts == {"core": 24, "wet": 27, "clothing": 20, "building": 20, "food": 24}
    assert {one.version_no for one in holding.values()} == {1}
    assert {one.state for one in holding.values()} == {ListState.PUBLISHED}


def test_an_item_is_loaded_as_it_stands_in_the_file(cast: Cast) -> None:
    with db.opened(cast.mai.reach, writes=False):
        items = {item.code: item for one in queries.in_force(TODAY).values() for item in one.items}
    chilled, exits, inhibition = items["WM-14"], items["C-01"], items["WM-05"]
    assert (chilled.low, chilled.high, chilled.unit) == (Decimal(0), Decimal(8), "℃")
    assert (chilled.rotation, chilled.slots) == (Rotation.ZONE, ["opening"])
    assert (exits.slots, exits.grade, exits.may_be_major) == (["opening", "patrol"], Grade.SERIOUS, True)
    assert exits.phrases[0] == "通道上堆了货"
    assert (inhibition.high, inhibition.is_high_inclusive) == (Decimal(50), False)


def test_loading_again_changes_nothing(cast: Cast) -> None:
    with db.acting(SYSTEM(rules.CITY)) as session:
        who = SYSTEM(session.reach)
        assert lists.load_lists(rules.rows("selfcheck_items"), 1, who) == []
        assert lists.load_categories(rules.rows("categories"), who) == 17
        assert session.scalar(sa.select(sa.func.count()).select_from(ChecklistItem)) == 115


def test_a_company_loads_no_lists(cast: Cast) -> None:
    with db.acting(cast.kuang), pytest.raises(NotAllowed):
        lists.load_lists(rules.rows("selfcheck_items"), 1, cast.kuang)
    with db.acting(cast.kuang), pytest.raises(NotAllowed):
        lists.load_categories(rules.rows("categories"), cast.kuang)


def test_a_draft_is_a_copy_and_the_version_in_force_stays(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4), grade=Grade.SERIOUS)
    with db.opened(cast.shi_ban.reach, writes=False):
        new = queries.get_checklist(cast.shi_ban, draft_id)
        old = queries.latest(ListCode.WET)
        difference = queries.difference(old, new)
    assert (new.version_no, new.state, old.version_no) == (2, ListState.DRAFT, 1)
    assert (difference.added, difference.dropped) == ((), ())
    assert [change.item.code for change in difference.changed] == ["WM-14"]
    assert [(str(label), old, new) for label, old, new in difference.changed[0].fields] == [
        ("上限", Decimal(8), Decimal(4)),
        ("建议等级", Grade.MINOR, Grade.SERIOUS),
    ]


def test_items_are_added_under_a_new_code_and_dropped_for_good(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    with db.acting(cast.shi_ban):
        checklist = queries.get_checklist(cast.shi_ban, draft_id)
        added = lists.add_item(checklist, facts(checklist.items[0], title="称重公示屏正常"), cast.shi_ban)
        lists.drop_item(checklist, checklist.items[1], cast.shi_ban)
        assert added.code == "WM-27"
    with db.acting(cast.shi_ban):
        checklist = queries.get_checklist(cast.shi_ban, draft_id)
        lists.drop_item(checklist, next(one for one in checklist.items if one.code == "WM-27"), cast.shi_ban)
        difference = queries.difference(queries.latest(ListCode.WET), checklist)
    assert [item.code for item in difference.dropped] == ["WM-02"]
    publish(cast.shi_er, draft_id)
    with db.acting(cast.shi_ban):
        again = lists.draft_version(ListCode.WET, cast.shi_ban)
        back = lists.add_item(again, facts(again.items[0], title="猪肉两章两证"), cast.shi_ban)
        assert back.code not in {"WM-02", "WM-26"}


def test_whoever_drafted_it_does_not_publish_it(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4))
    with pytest.raises(NotAllowed):
        publish(cast.shi_ban, draft_id)
    publish(cast.shi_er, draft_id)
    with db.opened(cast.mai.reach, writes=False):
        assert queries.in_force(TODAY)[ListCode.WET].version_no == 1
        assert queries.in_force(TOMORROW)[ListCode.WET].version_no == 2


def test_whoever_changed_one_item_of_it_does_not_publish_it_either(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_er, draft_id, "WM-14", high=Decimal(4))
    with pytest.raises(NotAllowed):
        publish(cast.shi_er, draft_id)


def test_a_departments_draft_is_published_by_the_city_above_it(cast: Cast) -> None:
    draft_id = draft(cast.xiao, ListCode.CORE)
    change(cast.xiao, draft_id, "C-14", criterion="名单不少于 8 人")
    for other in (cast.xiao, cast.west_xiao, cast.city_xiao, cast.kuang, cast.zhen, cast.guan):
        with pytest.raises((NotAllowed, NotThere)):
            publish(other, draft_id)
    publish(cast.shi_ban, draft_id)


def test_a_draft_is_seen_by_its_issuer_and_the_city_alone(cast: Cast) -> None:
    draft_id = draft(cast.xiao, ListCode.CORE)
    for actor in (cast.west_xiao, cast.kuang, cast.zhen, cast.gu):
        with db.opened(actor.reach, writes=False):
            with pytest.raises(NotThere):
                queries.get_checklist(actor, draft_id)
            assert [one.checklist.version_no for one in queries.versions(actor, TODAY)[ListCode.CORE]] == [1]
    for actor in (cast.xiao, cast.shi_ban):
        with db.opened(actor.reach, writes=False):
            lines = queries.versions(actor, TODAY)[ListCode.CORE]
            assert [(one.checklist.version_no, one.is_in_force, one.item_count) for one in lines] == [
                (2, False, 24),
                (1, True, 24),
            ]


def test_a_draft_is_worked_on_by_its_issuer_alone(cast: Cast) -> None:
    draft_id = draft(cast.xiao, ListCode.CORE)
    with pytest.raises(NotAllowed):
        change(cast.shi_ban, draft_id, "C-14", criterion="名单不少于 8 人")


def test_one_list_has_one_draft_at_a_time(cast: Cast) -> None:
    draft_id = draft(cast.xiao)
    with pytest.raises(TooLate):
        draft(cast.shi_ban)
    with db.acting(cast.xiao):
        lists.withdraw(queries.get_checklist(cast.xiao, draft_id), cast.xiao)
    with db.opened(cast.shi_ban.reach, writes=False):
        assert queries.get_checklist(cast.shi_ban, draft_id).state is ListState.WITHDRAWN
    with db.acting(cast.shi_ban) as session:
        assert session.get_one(Checklist, draft(cast.shi_ban)).version_no == 3


def test_a_published_version_never_changes(cast: Cast) -> None:
    with db.acting(cast.shi_ban):
        old = queries.get_checklist(cast.shi_ban, queries.latest(ListCode.WET).id)
        with pytest.raises(TooLate):
            lists.change_item(old, old.items[0], facts(old.items[0], title="别的"), cast.shi_ban)
        with pytest.raises(TooLate):
            lists.add_item(old, facts(old.items[0]), cast.shi_ban)
        with pytest.raises(TooLate):
            lists.drop_item(old, old.items[0], cast.shi_ban)
        with pytest.raises(TooLate):
            lists.withdraw(old, cast.shi_ban)
        with pytest.raises(TooLate):
            lists.publish(old, TOMORROW, cast.shi_ban)


@pytest.mark.parametrize("effective_on", [None, TODAY, date(2025, 12, 31)])
def test_a_version_takes_effect_on_a_day_to_come(cast: Cast, effective_on: date | None) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4))
    with db.acting(cast.shi_er), pytest.raises(Mistake, match="effective_on"):
        lists.publish(queries.get_checklist(cast.shi_er, draft_id), effective_on, cast.shi_er)


def test_a_version_that_changes_nothing_is_not_published(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    with pytest.raises(Mistake):
        publish(cast.shi_er, draft_id)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": ""}),
        ("title", {"title": "长" * 121}),
        ("slots", {"slots": []}),
        ("slots", {"slots": ["noon"]}),
        ("event", {"slots": ["event"]}),
        ("event", {"event": "台风来临前"}),
        ("low", {"low": Decimal(1), "kind": "tick"}),
        ("high", {"low": Decimal(9)}),
        ("low", {"low": Decimal(-(10**9))}),
        ("choices", {"kind": "choice", "low": None, "high": None, "choices": ["合格"]}),
        ("phrases", {"phrases": ["长" * 61]}),
        ("category", {"category": "XXX"}),
        ("grade", {"grade": "major"}),
    ],
)
def test_an_item_that_makes_no_sense_is_told_beside_its_field(
    cast: Cast, field: str, changes: dict[str, Any]
) -> None:
    draft_id = draft(cast.shi_ban)
    with pytest.raises(Mistake) as told:
        change(cast.shi_ban, draft_id, "WM-14", **changes)
    assert told.value.field == field


def test_every_deed_on_a_list_is_in_the_journal(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4))
    publish(cast.shi_er, draft_id)
    with db.opened(cast.shi_ban.reach, writes=False) as session:
        lines = journal.of(session.get_one(Checklist, draft_id))
        first = session.scalars(sa.select(Checklist).where(Checklist.version_no == 1).limit(1)).one()
        assert [line.verb for line in journal.of(first)] == ["load"]
    assert [(line.actor_name, line.verb) for line in lines] == [
        ("史样二", "publish"),
        ("史样办", "change_item"),
        ("史样办", "draft"),
    ]
    assert lines[1].data == {"code": "WM-14", "fields": ["high"]}


def test_a_new_version_reaches_the_checks_made_ahead_from_its_day_on(cast: Cast) -> None:
    rules.plan(cast)
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4))
    publish(cast.shi_er, draft_id, date(2026, 10, 20))
    rules.run_errands()
    assert rules.parked() == []
    for check in rules.checks(cast, slot=Slot.OPENING):
        item = next(one for one in rules.sheet_of(cast, check).items if one["code"] == "WM-14")
        expected = ("8", 1) if check.service_day < date(2026, 10, 20) else ("4", 2)
        assert (item["high"], item["version"]) == expected


def test_of_two_versions_to_come_each_holds_in_its_time(cast: Cast) -> None:
    for high, day in ((Decimal(6), date(2026, 10, 15)), (Decimal(4), date(2026, 10, 20))):
        draft_id = draft(cast.shi_ban)
        change(cast.shi_ban, draft_id, "WM-14", high=high)
        publish(cast.shi_er, draft_id, day)
    with db.opened(cast.mai.reach, writes=False):
        book = queries.rulebook(TODAY, date(2026, 10, 31))
        held = [book.on(date(2026, 10, day))[ListCode.WET].version_no for day in (14, 15, 19, 20)]
        assert held == [1, 2, 2, 3]
        assert len(book.on(date(2026, 10, 20))[ListCode.WET].items) == 27


def test_a_version_does_not_overtake_the_one_before_it(cast: Cast) -> None:
    draft_id = draft(cast.shi_ban)
    change(cast.shi_ban, draft_id, "WM-14", high=Decimal(4))
    publish(cast.shi_er, draft_id, date(2026, 11, 1))
    second = draft(cast.shi_ban)
    change(cast.shi_ban, second, "WM-14", high=Decimal(5))
    with pytest.raises(Mistake):
        publish(cast.shi_er, second, date(2026, 10, 20))


def test_there_is_nothing_to_draft_before_the_lists_are_loaded(cast: Cast) -> None:
    with db.acting(cast.shi_ban) as session:
        for one in session.scalars(sa.select(Checklist).where(Checklist.code == ListCode.FOOD)):
            session.delete(queries.get_checklist(cast.shi_ban, one.id))
    with db.acting(cast.shi_ban), pytest.raises(NotThere):
        lists.draft_version(ListCode.FOOD, cast.shi_ban)


def test_the_calendar_and_lists_come_from_files_whose_rows_all_parse() -> None:
    for row in rules.rows("workdays"):
        assert datetime.strptime(row["date"], "%Y-%m-%d") and row["is_workday"] in {"0", "1"}
