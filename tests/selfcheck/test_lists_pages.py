"""The pages of checklists: drafted, changed, compared and published in a browser without scripts."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.core import clock, db
from portal.selfcheck.models import ListCode
from portal.selfcheck.queries import lists as queries
from tests.conftest import Count
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY
from tests.shelves import Shelf
from tests.visitors import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def loaded(cast: Cast, shelf: Shelf) -> Iterator[None]:
    with clock.at(MONDAY):
        shelf.grow("lists of the city", lambda: rules.load(issuer_id=cast.shi_ban.organisation_id))
        yield


@pytest.fixture
def visit(app: Flask) -> Visit:
    """Somebody of the cast at his browser, signed in."""
    return lambda who: Visitor(app).sign_in(who)


def wet(cast: Cast) -> tuple[int, dict[str, int]]:
    """The newest version of the wet list a city officer sees, and its items by code."""
    with db.opened(cast.shi_ban.reach, writes=False):
        newest = queries.versions(cast.shi_ban, MONDAY.date())[ListCode.WET][0].checklist
        items = queries.get_checklist(cast.shi_ban, newest.id).items
        return newest.id, {item.code: item.id for item in items}


@pytest.mark.parametrize("who", ["mai", "kuang", "fu", "gu", "qu", "zhen", "xiao", "shi_ban"])
def test_everybody_who_works_with_them_reads_the_lists(cast: Cast, visit: Visit, who: str) -> None:
    visitor = visit(who)
    assert "农贸市场自检事项" in visitor.get("/checklists").text
    list_id, _ = wet(cast)
    page = visitor.get(f"/checklists/{list_id}")
    assert page.status_code == 200
    assert "WM-14 冷藏柜温度" in page.text
    assert ("起草" in visitor.get("/checklists").text) == (who in {"xiao", "shi_ban"})


def test_a_page_of_a_list_asks_the_database_a_few_times_however_long_it_is(
    cast: Cast, visit: Visit, statements: Count
) -> None:
    visitor, (list_id, _) = visit("mai"), wet(cast)
    for path in ("/checklists", f"/checklists/{list_id}"):
        statements.statements.clear()
        assert visitor.get(path).status_code == 200
        assert len(statements) < 15


def test_a_list_is_drafted_changed_and_published_by_two_people(cast: Cast, visit: Visit) -> None:
    drafter = visit("shi_ban")
    assert "第 1 版" in drafter.get("/checklists/draft/wet").text
    answer = drafter.post("/checklists/draft/wet", {"note": "冷藏柜按新国标"})
    assert answer.status_code == 303
    list_id, items = wet(cast)
    edit = f"/checklists/{list_id}/items/{items['WM-14']}/edit"
    form = drafter.get(edit).text
    assert 'value="8"' in form and "柜" in form
    fields = {
        "title": "冷藏柜温度", "slots": "opening", "rotation": "zone", "kind": "number", "unit": "℃",
        "low": "０", "high": "4", "is_low_inclusive": "y", "is_high_inclusive": "y", "evidence_fail": "photo",
        "phrases": "柜门没关好\n温度计坏了", "category": "FSA", "grade": "minor", "criterion": "0 到 4 度",
    }  # fmt: skip
    assert drafter.post(edit, fields).status_code == 303
    page = drafter.get(f"/checklists/{list_id}").text
    assert "要第二个人来发布" in page and "/publish" not in page
    assert drafter.get(f"/checklists/{list_id}/publish").status_code == 403

    publisher = visit("shi_er")
    shown = publisher.get(f"/checklists/{list_id}/publish").text
    assert "WM-14" in shown and "<ins>4</ins>" in shown and "WM-15" not in shown
    late = publisher.post(f"/checklists/{list_id}/publish", {"effective_on": "2026-10-12"})
    assert late.status_code == 422 and "今天以后" in late.text
    assert publisher.post(f"/checklists/{list_id}/publish", {"effective_on": "2026/10/20"}).status_code == 303
    assert "将生效" in publisher.get("/checklists").text
    again = publisher.post(f"/checklists/{list_id}/publish", {"effective_on": "2026-10-21"})
    assert again.status_code == 409


def test_an_item_that_comes_back_keeps_what_was_typed(cast: Cast, visit: Visit) -> None:
    visitor = visit("shi_ban")
    visitor.get("/checklists/draft/wet")
    visitor.post("/checklists/draft/wet")
    list_id, _ = wet(cast)
    add = f"/checklists/{list_id}/items/add"
    visitor.get(add)
    answer = visitor.post(add, {"title": "称重公示屏", "kind": "tick", "rotation": "none", "category": "MET",
                                "grade": "minor", "phrases": "屏坏了\n没开"})  # fmt: skip
    assert answer.status_code == 422
    assert "请选什么时候查" in answer.text
    assert "称重公示屏" in answer.text and "屏坏了\n没开" in answer.text


def test_items_are_added_and_dropped_and_a_draft_is_withdrawn(cast: Cast, visit: Visit) -> None:
    visitor = visit("shi_ban")
    visitor.get("/checklists/draft/wet")
    visitor.post("/checklists/draft/wet")
    list_id, items = wet(cast)
    add = f"/checklists/{list_id}/items/add"
    visitor.get(add)
    fields = {"title": "称重公示屏", "slots": "daily", "kind": "tick", "rotation": "none", "category": "MET",
              "grade": "minor"}  # fmt: skip
    assert visitor.post(add, fields).status_code == 303
    drop = f"/checklists/{list_id}/items/{items['WM-02']}/drop"
    assert "猪肉两章两证" in visitor.get(drop).text
    assert visitor.post(drop).status_code == 303
    shown = visitor.get(f"/checklists/{list_id}/difference").text
    assert "WM-27 称重公示屏" in shown and "WM-02 猪肉两章两证" in shown
    visitor.get(f"/checklists/{list_id}/withdraw")
    assert visitor.post(f"/checklists/{list_id}/withdraw").status_code == 303
    assert visitor.post(add, fields).status_code == 409


def test_a_strangers_draft_looks_like_one_that_does_not_exist(cast: Cast, visit: Visit) -> None:
    visitor = visit("xiao")
    visitor.get("/checklists/draft/core")
    visitor.post("/checklists/draft/core")
    with db.opened(cast.shi_ban.reach, writes=False):
        draft_id = queries.versions(cast.shi_ban, MONDAY.date())[ListCode.CORE][0].checklist.id
    other = visit("west_xiao")
    for path in ("", "/difference", "/items/add", "/withdraw"):
        assert other.get(f"/checklists/{draft_id}{path}").status_code == 404
        assert other.get(f"/checklists/999999{path}").status_code == 404
    assert visit("shi_ban").get(f"/checklists/{draft_id}/items/add").status_code == 403


def test_only_those_who_draft_have_the_pages_for_it(cast: Cast, visit: Visit) -> None:
    visitor = visit("kuang")
    for path in ("/checklists/draft/wet", "/checklists/1/items/add", "/checklists/1/publish"):
        assert visitor.get(path).status_code == 403
    assert visit("shi_ban").get("/checklists/draft/unknown").status_code == 404


def test_the_lists_are_read_in_english(cast: Cast, visit: Visit) -> None:
    visitor = visit("kuang")
    list_id, _ = wet(cast)
    visitor.post("/prefer", {"language": "en"})
    assert "Chilled cabinet" in visitor.get(f"/checklists/{list_id}").text
