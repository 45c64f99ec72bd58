"""The pages of imports: a workbook sent from a browser, judged, taken over; what is refused comes back in words."""

import io

import pytest
from flask import Flask

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM
from portal.exchange import schedule
from portal.exchange.models import Import, ImportRow
from portal.exchange.workbooks import container
from portal.exchange.workflow import ImportState
from tests.exchange import workbooks
from tests.exchange.bringing import Bring, codes, confirm
from tests.people import Cast, count_rows
from tests.visitors import Visitor


def send(visitor: Visitor, cast: Cast, content: bytes, name: str = "档口.xlsx") -> str:
    """Send a workbook from the page; the address one is led to."""
    path = f"/markets/{cast.east.market_id}/imports"
    visitor.get(path)
    answer = visitor.post(path, {"kind": "stalls", "workbook": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def work() -> None:
    while errands.drain():
        pass


def test_a_workbook_is_sent_judged_looked_at_and_taken_over(app: Flask, cast: Cast, reference: None) -> None:
    manager = Visitor(app).sign_in("kuang")
    path = send(manager, cast, workbooks.stalls(60).content)
    assert "data-again" in manager.get(path).text and len(codes(cast)) == 6
    work()
    judged = manager.get(path)
    assert "可以导入 60 行" in judged.text and "D-001" in judged.text and "下一页" in judged.text
    assert manager.post(f"{path}/apply").status_code == 303
    work()
    assert "导入好了" in manager.get(path).text and len(codes(cast)) == 66
    assert "导入好了" in manager.get("/notices").text


def test_faults_are_shown_by_their_cells_and_the_marked_workbook_is_the_senders(
    app: Flask, cast: Cast, reference: None
) -> None:
    manager = Visitor(app).sign_in("kuang")
    path = send(manager, cast, workbooks.stalls(140, faulty=True).content)
    work()
    page = manager.get(path).text
    assert "有 12 处要改" in page and "B12" in page and "D-010" in page and "确认导入" not in page
    assert manager.post(f"{path}/apply").status_code == 409
    marked = manager.get(f"{path}/marked")
    assert marked.data.startswith(container.ZIP) and "attachment" in marked.headers["Content-Disposition"]
    english = manager.get(path, headers={"Accept-Language": "en"})
    assert english.status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbooks.bomb(), "太大了"),
        (b"\x00" * 10, "不是 Excel 表"),
        (b"", "是空的"),
    ],
    ids=["bomb", "no workbook", "empty"],
)
def test_what_cannot_be_taken_comes_back_with_words_and_leaves_nothing(
    app: Flask, cast: Cast, content: bytes, words: str
) -> None:
    manager = Visitor(app).sign_in("kuang")
    path = f"/markets/{cast.east.market_id}/imports"
    manager.get(path)
    answer = manager.post(path, {"kind": "stalls", "workbook": (io.BytesIO(content), "a.xlsx")})

    assert answer.status_code == 422 and words in answer.text
    assert count_rows(Import) == 0


def test_the_template_of_every_kind_is_read_again_and_its_example_is_no_row(
    app: Flask, cast: Cast, bring: Bring
) -> None:
    manager = Visitor(app).sign_in("kuang")
    answer = manager.get(f"/markets/{cast.east.market_id}/imports/template/stalls")

    assert bring(answer.data).counts == {"left_out": 1}
    assert manager.get(f"/markets/{cast.east.market_id}/imports/template/nothing").status_code == 404


def test_after_a_month_the_workbook_and_what_was_found_in_it_are_gone(cast: Cast, bring: Bring) -> None:
    waiting = bring(workbooks.stalls(3).content)
    done = confirm(bring(workbooks.stalls(5).content), cast)
    with clock.at(clock.now() + schedule.KEPT_FOR * 1.1), db.acting(SYSTEM(errands.CITY)):
        schedule.sweep_imports({})

    assert count_rows(ImportRow) == 0
    with db.opened(cast.kuang.reach, writes=False) as look:
        assert look.get_one(Import, waiting.id).state is ImportState.DROPPED
        assert look.get_one(Import, done.id).state is ImportState.DONE
