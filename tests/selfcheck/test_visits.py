"""Check points in a walk: a scanned sign is noted once, with or without signal, and stands in the review as a fact."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import qrcode
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import expect

from portal.core import clock, db
from portal.markets.models import CheckPoint, Equipment, EquipmentKind, Paper, Sign, SignKind, natural_key
from portal.markets.operations import signs
from portal.selfcheck.models import PointVisit
from portal.selfcheck.operations import checks
from portal.selfcheck.queries import visits as queries
from tests.markets.conftest import reference
from tests.people import Cast, count_rows
from tests.selfcheck import day
from tests.selfcheck.telephone import morning
from tests.visitors import Visitor

__all__ = ["morning", "reference"]


@pytest.fixture
def points(cast: Cast, reference: None) -> list[int]:
    """Two points with signs, an extinguisher at the first that is past its day, and signs on the stalls."""
    with db.acting(cast.kuang) as session:
        market = cast.market()
        made = [
            CheckPoint(market_id=market.id, code=f"P-{n}", name=name, position=n).stands_in(market)
            for n, name in ((1, "泵房"), (2, "楼梯间"))
        ]
        session.add_all(made)
        session.flush()
        powder = EquipmentKind.EXTINGUISHER_POWDER
        one = Equipment(market_id=market.id, kind=powder, code="M-1", name="", sort_key=natural_key("M-1"),
                        point_id=made[0].id).stands_in(market)  # fmt: skip
        session.add(one)
        session.flush()
        session.add(
            Paper(market_id=market.id, kind_code=powder.paper_kind, equipment_id=one.id, holder_name="M-1",
                  expires_on=date(2026, 9, 1)).stands_in(market)
        )  # fmt: skip
        signs.make_signs(market, cast.kuang)
        return [point.id for point in made]


@pytest.fixture
def check(cast: Cast, points: list[int]) -> int:
    """A check of seven items that is begun."""
    with clock.at(day.WALKING):
        made = day.make_check(cast, items=day.TICKS, seed=day.QUIET)
        with db.acting(cast.mai):
            checks.start(day.the(cast.mai, made), cast.mai)
    return made


def address(cast: Cast, kind: SignKind, subject_id: int) -> str:
    """The path of a sign."""
    with db.acting(cast.kuang) as session:
        query = sa.select(Sign).where(Sign.kind == kind, Sign.subject_id == subject_id)
        sign = session.scalars(query).one()
        return f"/s/{signs.code_of(sign)}"


def test_a_point_is_noted_once_and_the_review_tells_how_many(
    app: Flask, cast: Cast, points: list[int], check: int
) -> None:
    with clock.at(day.WALKING):
        visitor = Visitor(app).sign_in("mai")
        path = f"/checks/{check}/visits"
        said = [
            visitor.script("PUT", f"{path}/{points[0]}", json={"at": at}).status_code
            for at in ("2026-10-09T05:31:00+08:00", "rubbish", None)
        ]
        assert (said, count_rows(PointVisit)) == ([201, 200, 200], 1)
        assert visitor.script("PUT", f"{path}/{points[0]}", json=[1]).status_code == 200
        assert visitor.script("PUT", f"{path}/{points[1] + 50}", json={}).status_code == 404
        west = Visitor(app).sign_in("west_mai")
        assert west.script("PUT", f"{path}/{points[1]}", json={}).status_code == 404
        page = visitor.get(f"/checks/{check}").text
        assert "05:33 到过" in page and "巡查点 1/2" in page and "过期 2026-09-01" in page
        day.walk_through(cast, check)
        with db.acting(cast.mai):
            checks.submit(day.the(cast.mai, check), cast.mai)
        assert visitor.script("PUT", f"{path}/{points[1]}", json={}).status_code == 409
        assert visitor.script("PUT", f"{path}/{points[0]}", json={}).status_code == 200
        review = Visitor(app).sign_in("qu").get(f"/reviews/{check}").text
        assert "扫到的巡查点" in review and "1/2" in review


def test_without_a_script_the_telephones_own_camera_leads_to_a_button(
    app: Flask, cast: Cast, points: list[int], check: int
) -> None:
    path = address(cast, SignKind.POINT, points[1])
    with clock.at(day.WALKING):
        visitor = Visitor(app).sign_in("mai")
        page = visitor.get(visitor.get(path).location)
        assert "记下：到过楼梯间" in page.text
        assert count_rows(PointVisit) == 0
        answer = visitor.post(f"/checks/{check}/visits/{points[1]}")
        assert answer.location.endswith("#points")
        assert "记下了：到过楼梯间" in visitor.get(answer.location).text
    with db.acting(cast.mai):
        assert queries.count_visits(day.the(cast.mai, check)) == (1, 2)


@pytest.mark.browser
@pytest.mark.slow
def test_signs_are_read_from_photos_in_the_walk_and_kept_without_signal(
    app: Flask, cast: Cast, points: list[int], morning: Any, tmp_path: Path
) -> None:
    base = app.config["PORTAL_SETTINGS"].base_url
    texts = {
        "point": base + address(cast, SignKind.POINT, points[0]),
        "stall": base + address(cast, SignKind.STALL, cast.east.stall_ids[2]),
        "forged": "https://pay.example.com/s/abc",
    }
    for name, text in texts.items():
        qrcode.make(text).save(tmp_path / f"{name}.png")
    check = day.make_check(
        cast, items=day.TICKS, opens_at=clock.now() - timedelta(minutes=20), seed=day.QUIET
    )
    with db.acting(cast.mai):
        checks.start(day.the(cast.mai, check), cast.mai)
    patroller = morning()
    patroller.open(check)
    page, said = patroller.page, patroller.page.locator("[data-scan-said]")

    def scan(name: str, words: str) -> None:
        page.set_input_files("#scan-photo", tmp_path / f"{name}.png")
        expect(said).to_contain_text(words)

    page.locator("[data-scan-box] > summary").click()
    scan("forged", "这不是我们的码")
    page.context.set_offline(True)
    scan("point", "到了P-1 泵房")
    scan("stall", "扫到 B-001")
    page.locator("label[for=C-01-fail]").click()
    expect(page.locator("#C-01-stall")).to_have_value("B-001")
    assert count_rows(PointVisit) == 0
    page.context.set_offline(False)
    patroller.saved()
    assert count_rows(PointVisit) == 1
    scan("point", "刚才已经记过")
    expect(page.locator("[data-scan-box] > summary")).to_contain_text("巡查点 1/2")
