"""The pages of plans, exceptions and closures: each carried out in a browser without scripts, each behind its wall."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock, db
from portal.selfcheck.models import ClosedDay, Closure, ExcuseKind, HouseItem, NotApplicable, PlanLine, Slot
from portal.selfcheck.queries import plans as queries
from portal.selfcheck.workflow import CheckState
from tests.conftest import Count
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.rules import MONDAY, checks, open_checks
from tests.shelves import Shelf
from tests.visitors import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def planned(cast: Cast, shelf: Shelf) -> Iterator[None]:
    with clock.at(MONDAY):
        shelf.grow("planned on monday", lambda: rules.load_and_plan(cast))
        yield


@pytest.fixture
def visit(app: Flask) -> Visit:
    """Somebody of the cast at his browser, signed in."""
    return lambda who: Visitor(app).sign_in(who)


def line_id(cast: Cast, slot: Slot) -> int:
    with db.opened(cast.kuang.reach, writes=False):
        return next(one.id for one in queries.lines_of(cast.market(), MONDAY.date()) if one.slot is slot)


def only(cast: Cast, model: type) -> int:
    with db.opened(cast.kuang.reach, writes=False) as session:
        return session.scalars(sa.select(model.id)).one()


def do(visitor: Visitor, path: str, fields: dict[str, object] | None = None) -> int:
    """Look at the page of a form and send it."""
    visitor.get(path)
    return visitor.post(path, fields).status_code


@pytest.mark.parametrize("who", ["mai", "kuang", "fu", "gu", "qu", "zhen", "shi_ban"])
def test_a_plan_is_read_along_the_day(cast: Cast, visit: Visit, who: str) -> None:
    visitor = visit(who)
    plan = visitor.get(f"/plans/{cast.east.market_id}")
    assert plan.status_code == 200
    assert "05:00" in plan.text and "6 轮" in plan.text and "星期五" in plan.text
    assert ("加一行" in plan.text) == (who == "kuang")
    assert visitor.get(f"/plans/{cast.east.market_id}/ahead").status_code == 200
    assert visitor.get(f"/plans/{cast.east.market_id}/closed-days").status_code == 200


def test_the_only_market_is_opened_at_once(cast: Cast, visit: Visit) -> None:
    assert visit("kuang").get("/plans").location.endswith(f"/plans/{cast.east.market_id}")
    assert visit("mai").get("/plans").status_code == 403


def test_plan_pages_ask_the_database_a_few_times(cast: Cast, visit: Visit, statements: Count) -> None:
    visitor = visit("kuang")
    for path in ("", "/ahead", "/not-applicable", "/own-items", "/closed-days"):
        statements.statements.clear()
        assert visitor.get(f"/plans/{cast.east.market_id}{path}").status_code == 200
        assert len(statements) < 22, path


def test_a_line_is_added_changed_and_ended(cast: Cast, visit: Visit) -> None:
    visitor, base = visit("kuang"), f"/plans/{cast.east.market_id}/lines"
    fields = {"slot": "patrol", "starts_at": "２２:00", "ends_at": "01:00", "grace_minutes": "60"}
    assert do(visitor, f"{base}/add", fields) == 303
    with db.opened(cast.kuang.reach, writes=False) as session:
        newest = session.scalars(sa.select(PlanLine).order_by(PlanLine.id.desc())).first()
        assert newest is not None and (newest.minutes, newest.grace_minutes, newest.rounds) == (180, 60, 1)
    change = f"{base}/{newest.id}/change"
    assert 'value="22:00"' in visitor.get(change).text and 'value="01:00"' in visitor.get(change).text
    assert do(visitor, change, {**fields, "starts_at": "22:30"}) == 303
    assert do(visitor, f"{base}/{newest.id}/end") == 409
    assert do(visitor, f"{base}/{newest.id + 1}/end") == 303


def test_a_line_that_cannot_be_kept_comes_back(cast: Cast, visit: Visit) -> None:
    visitor = visit("kuang")
    path = f"/plans/{cast.east.market_id}/lines/{line_id(cast, Slot.PATROL)}/change"
    visitor.get(path)
    answer = visitor.post(path, {"slot": "patrol", "starts_at": "06:00", "ends_at": "07:00", "rounds": "4",
                                 "every_minutes": "180"})  # fmt: skip
    assert answer.status_code == 422 and "至少每两小时" in answer.text
    visitor.get(f"/plans/{cast.east.market_id}/lines/{line_id(cast, Slot.OPENING)}/end")
    answer = visitor.post(f"/plans/{cast.east.market_id}/lines/{line_id(cast, Slot.OPENING)}/end")
    assert answer.status_code == 422 and "每天的检查" in answer.text
    answer = visitor.post(path, {"slot": "patrol", "starts_at": "六点", "ends_at": "25:00"})
    assert answer.status_code == 422


def test_an_item_is_set_not_applicable_and_applies_again(cast: Cast, visit: Visit) -> None:
    visitor, base = visit("kuang"), f"/plans/{cast.east.market_id}/not-applicable"
    assert do(visitor, f"{base}/add", {"item_code": "C-05", "reason": ""}) == 422
    assert do(visitor, f"{base}/add", {"item_code": "C-05", "reason": "单层建筑，没有消火栓"}) == 303
    assert "单层建筑，没有消火栓" in visitor.get(base).text
    assert 'value="C-05"' not in visitor.get(f"{base}/add").text
    assert visitor.post(f"{base}/{only(cast, NotApplicable)}/lift").status_code == 303
    assert visitor.post(f"{base}/{only(cast, NotApplicable)}/lift").status_code == 409


def test_an_own_item_is_added_and_ended(cast: Cast, visit: Visit) -> None:
    visitor, base = visit("kuang"), f"/plans/{cast.east.market_id}/own-items"
    fields = {"title": "自动扶梯已停", "basis": "夜间有人翻越", "slots": ["closing"], "kind": "number", "low": "1.5",
              "unit": "米", "category": "SPE", "grade": "minor", "phrases": "没停"}  # fmt: skip
    assert do(visitor, f"{base}/add", {**fields, "low": "一米"}) == 422
    assert do(visitor, f"{base}/add", fields) == 303
    assert "H-01 自动扶梯已停" in visitor.get(base).text
    assert visitor.post(f"{base}/{only(cast, HouseItem)}/end").status_code == 303
    assert "H-01" not in visitor.get(base).text.partition('role="status"')[2].partition("</section>")[2]


def test_closed_days_are_said_and_taken_back(cast: Cast, visit: Visit) -> None:
    visitor, base = visit("kuang"), f"/plans/{cast.east.market_id}/closed-days"
    fields = {"from_on": "2026-10-12", "to_on": "2026-10-16", "reason": "每月清洁日"}
    assert do(visitor, f"{base}/add", fields) == 422
    assert do(visitor, f"{base}/add", {**fields, "from_on": "2026.10.15"}) == 303
    assert "每月清洁日" in visitor.get(base).text
    ahead = visitor.get(f"/plans/{cast.east.market_id}/ahead").text
    assert "每月清洁日" in ahead
    assert visitor.post(f"{base}/{only(cast, ClosedDay)}/withdraw").status_code == 303


def test_one_check_is_excused_before_it_is_due(cast: Cast, visit: Visit) -> None:
    visitor, check = visit("kuang"), open_checks(cast)[0]
    path = f"/plans/{cast.east.market_id}/checks/{check.id}/excuse"
    assert path in visitor.get(f"/plans/{cast.east.market_id}/ahead").text
    assert do(visitor, path, {"reason": "停电"}) == 422
    assert do(visitor, path, {"reason": "全场停电抢修"}) == 303
    assert checks(cast, id=check.id)[0].excuse_kind is ExcuseKind.HAND
    assert do(visitor, path, {"reason": "全场停电抢修"}) == 409


def test_an_event_leads_to_its_check(cast: Cast, visit: Visit) -> None:
    visitor, path = visit("mai"), f"/plans/{cast.east.market_id}/event"
    assert "119" in visitor.get(path).text
    assert visitor.post(path, {"event": "", "other": ""}).status_code == 422
    answer = visitor.post(path, {"event": "每次动火作业"})
    made = checks(cast, slot=Slot.EVENT, state=CheckState.DUE)
    assert answer.location.endswith(f"/checks/{made[0].id}")
    assert made[0].item_count == 1


def test_a_town_closes_and_opens_its_markets(cast: Cast, visit: Visit) -> None:
    visitor = visit("zhen")
    assert "没有下过休市令" in visitor.get("/closures").text
    fields = {"area_code": cast.east.town_code, "from_on": "2026-10-13", "to_on": "2026-10-14",
              "reason": "台风红色预警"}  # fmt: skip
    assert do(visitor, "/closures/new", {**fields, "to_on": "2026-10-12"}) == 422
    assert do(visitor, "/closures/new", {**fields, "area_code": cast.west.town_code}) == 422
    assert do(visitor, "/closures/new", fields) == 303
    rules.run_errands()
    assert "台风红色预警" in visitor.get("/closures").text
    assert "台风红色预警" in visit("mai").get(f"/plans/{cast.east.market_id}/closed-days").text
    assert "台风红色预警" not in visit("west_mai").get(f"/plans/{cast.west.market_id}/closed-days").text
    lift = f"/closures/{only(cast, Closure)}/lift"
    assert visit("west_zhen").get(lift).status_code == 404
    assert do(visitor, lift) == 303
    assert do(visitor, lift) == 409
    assert "已解除" in visitor.get("/closures").text


@pytest.mark.parametrize("who", ["kuang", "qu", "shi_ban"])
def test_only_a_town_has_the_pages_for_closing_it(visit: Visit, who: str) -> None:
    visitor = visit(who)
    for path in ("/closures", "/closures/new", "/closures/1/lift"):
        assert visitor.get(path).status_code == 403


def test_another_companys_plan_looks_like_none(cast: Cast, visit: Visit) -> None:
    visitor, east = visit("west_kuang"), cast.east.market_id
    paths = (
        "",
        "/ahead",
        "/closed-days",
        "/not-applicable",
        "/own-items",
        "/lines/add",
        "/event",
        "/lines/1/change",
    )
    for path in paths:
        assert visitor.get(f"/plans/{east}{path}").status_code == 404
    own, mine = cast.west.market_id, line_id(cast, Slot.OPENING)
    assert visitor.get(f"/plans/{own}/lines/{mine}/change").status_code == 404
    assert visitor.post(f"/plans/{own}/closed-days/1/withdraw").status_code == 404
    assert visitor.get(f"/plans/{own}/checks/{open_checks(cast)[0].id}/excuse").status_code == 404


def test_a_market_without_a_plan_takes_the_usual_one(cast: Cast, visit: Visit) -> None:
    visitor, west = visit("west_kuang"), cast.west.market_id
    assert "还没有检查计划" in visitor.get(f"/plans/{west}").text
    assert visitor.post(f"/plans/{west}/usual").status_code == 303
    assert "开市检查" in visitor.get(f"/plans/{west}").text
    assert visitor.post(f"/plans/{west}/usual").status_code == 409
