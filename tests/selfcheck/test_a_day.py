"""A patroller's morning in a real browser: counted taps, no signal, an expired session, photos, no script."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portal.core import clock, db
from portal.evidence import queries as evidence
from portal.selfcheck.models import Outcome
from portal.selfcheck.operations import checks
from portal.selfcheck.queries import walk
from portal.selfcheck.workflow import CheckState
from tests.browser import DESK, PHONE, faults_of_access, sticks_out
from tests.evidence.pictures import photo
from tests.people import Cast
from tests.selfcheck.day import EIGHT, make_check, submitted, the
from tests.selfcheck.telephone import NORMAL, Morning, morning

__all__ = ["morning"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def begun(cast: Cast, items: list[dict[str, Any]], seed: int = 0) -> int:
    """A check whose window opened a little while ago, begun."""
    occurrence_id = make_check(cast, items=items, opens_at=clock.now() - timedelta(minutes=20), seed=seed)
    with db.acting(cast.mai):
        checks.start(the(cast.mai, occurrence_id), cast.mai)
    return occurrence_id


@pytest.fixture
def jpeg(tmp_path: Path) -> str:
    path = tmp_path / "large.jpg"
    path.write_bytes(photo(3, (3000, 2000)))
    return str(path)


def test_a_normal_check_of_eight_takes_ten_taps(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    for n in range(1, 9):
        one.tap(f"label[for=C-{n:02d}-pass]")
    one.page.set_input_files("#C-08-photo", jpeg)  # the lot fell on the last item
    one.saved()
    one.tap(".dock button")
    one.page.wait_for_url("**/confirm")
    one.tap("form[action$=submit] button")
    one.page.wait_for_url("**/receipt")
    assert one.taps == 10
    with db.acting(cast.mai):
        assert the(cast.mai, occurrence_id).state is CheckState.SUBMITTED


def test_a_problem_adds_three_taps_beside_photo_and_text(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    with db.acting(cast.mai):
        the(cast.mai, occurrence_id).zone_ids = [cast.east.zone_ids[0]]
    one = morning()
    one.open(occurrence_id)
    for n in range(1, 8):
        one.tap(f"label[for=C-{n:02d}-pass]")
    before = one.taps
    one.tap("label[for=C-08-fail]")
    one.tap("label[for=C-08-p1]")
    one.tap("#i-C-08 [data-stalls] button")
    assert one.taps - before <= 1 + 3
    one.page.set_input_files("#C-08-photo", jpeg)
    one.page.fill("#C-08-note", "档主说仓位满了")
    one.saved()
    one.tap(".dock button")
    one.page.wait_for_url("**/confirm")
    assert "A-001" in one.page.content() and "仓位满了" in one.page.content()
    with db.acting(cast.mai):
        found = {answer.item_code: answer for answer in walk.answers_of(the(cast.mai, occurrence_id))}
        assert found["C-08"].phrases == ["通道堆了货"] and found["C-08"].stall_id == cast.east.stall_ids[0]


def test_without_a_signal_nothing_is_lost(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    one.page.context.set_offline(True)
    one.tap("label[for=C-01-pass]")
    one.tap("label[for=C-02-fail]")
    one.page.set_input_files("#C-02-photo", jpeg)
    expect(one.page.locator("[data-saved]")).to_contain_text("待上传 3 条")
    assert one.answers(occurrence_id) == {}
    one.page.context.set_offline(False)
    one.saved()
    assert one.answers(occurrence_id) == {"C-01": Outcome.PASS, "C-02": Outcome.FAIL}
    with db.acting(cast.mai):
        [kept] = evidence.of(the(cast.mai, occurrence_id))
        assert max(kept.blob.width, kept.blob.height) <= 1600


def test_an_expired_session_keeps_the_answers_and_sends_them_after_signing_in(
    morning: Any, cast: Cast
) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    one.page.context.clear_cookies()
    one.tap("label[for=C-01-pass]")
    one.page.click("[data-saved] a")
    one.fill_in("mai")
    one.ready()
    one.saved()
    assert one.page.url.endswith(f"/checks/{occurrence_id}")
    assert one.answers(occurrence_id) == {"C-01": Outcome.PASS}
    expect(one.page.locator("#C-01-pass")).to_be_checked()


def test_what_waits_is_sent_from_the_days_page_too(morning: Any, cast: Cast) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    blocked = "**/answers/*"
    one.page.route(blocked, lambda route: route.abort())
    one.tap("label[for=C-01-pass]")
    expect(one.page.locator("[data-saved]")).to_contain_text("1 条")
    one.page.goto(f"{one.url}/today")
    one.page.wait_for_selector("[data-pending] .banner")
    one.page.unroute(blocked)
    one.page.reload()
    one.heard(occurrence_id, "C-01", Outcome.PASS)
    expect(one.page.locator("[data-pending] .banner")).to_have_count(0)


def test_a_number_out_of_range_unfolds_at_once(morning: Any, cast: Cast) -> None:
    occurrence_id = begun(cast, EIGHT, seed=0)
    one = morning()
    one.open(occurrence_id)
    one.page.fill("#WM-14-value", "7.2")
    expect(one.page.locator("#i-WM-14")).to_contain_text("7.2 ℃ 高了 3.2")
    expect(one.page.locator("#WM-14-photo")).to_be_visible()
    one.heard(occurrence_id, "WM-14", Outcome.FAIL)
    one.page.fill("#WM-14-value", "3")
    one.page.press("#WM-14-value", "Tab")
    expect(one.page.locator("#i-WM-14 .number--out")).to_have_count(0)
    one.heard(occurrence_id, "WM-14", Outcome.PASS)


def test_a_photo_is_taken_back_with_one_tap(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    one.page.set_input_files("#C-08-photo", jpeg)
    one.until(lambda: one.photos(occurrence_id) == 1)
    one.page.click("#i-C-08 .photo__off")
    expect(one.page.locator("#i-C-08 .photo")).to_have_count(0)
    one.until(lambda: one.photos(occurrence_id) == 0)


def test_a_photo_on_its_way_is_taken_back_too(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning()
    one.open(occurrence_id)
    one.page.context.set_offline(True)
    one.page.set_input_files("#C-08-photo", jpeg)
    one.page.click("#i-C-08 .photo__off")
    expect(one.page.locator("#i-C-08 .photo")).to_have_count(0)
    one.page.context.set_offline(False)
    one.tap("label[for=C-01-pass]")
    one.heard(occurrence_id, "C-01", Outcome.PASS)
    one.until(lambda: one.photos(occurrence_id) == 0)


def test_a_new_check_comes_to_an_open_list_within_the_minute(morning: Any, cast: Cast) -> None:
    one = morning(DESK, who="gu")
    one.page.clock.install()
    one.page.goto(f"{one.url}/reviews?shelf=asked")
    found = submitted(
        cast, at=clock.now(), opens_at=clock.now() - timedelta(hours=2)
    )  # late, so it is asked for
    assert one.page.locator(f"a[href='/reviews/{found}']").count() == 0
    one.page.clock.run_for(61_000)
    expect(one.page.locator(f"a[href='/reviews/{found}']")).to_be_visible()


def test_the_whole_check_goes_without_a_script(morning: Any, cast: Cast, jpeg: str) -> None:
    occurrence_id = begun(cast, NORMAL, seed=7)
    one = morning(java_script_enabled=False)
    one.page.goto(f"{one.url}/checks/{occurrence_id}")
    for n in range(1, 8):
        one.tap(f"label[for=C-{n:02d}-pass]")
    one.tap("label[for=C-08-fail]")
    expect(one.page.locator("#C-08-note")).to_be_visible()
    one.page.set_input_files("#C-08-photo", jpeg)
    one.page.click("main button:has-text('检查并提交')")
    one.page.click("form[action$=submit] button")
    one.page.wait_for_url("**/receipt")
    with db.acting(cast.mai):
        check = the(cast.mai, occurrence_id)
        assert (check.state, check.failed) == (CheckState.SUBMITTED, 1)


def fits(one: Morning, paths: list[str]) -> None:
    """Each of these pages fits a telephone and a desk and keeps nobody out."""
    for path in paths:
        one.page.goto(one.url + path)
        for size in (PHONE, DESK):
            one.page.set_viewport_size(size)
            assert sticks_out(one.page) == 0, (path, size)
            assert faults_of_access(one.page) == [], (path, size)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_pages_fit_and_are_open_to_everybody(morning: Any, cast: Cast, jpeg: str, locale: str) -> None:
    open_one = begun(cast, EIGHT, seed=5)
    done = submitted(cast, at=clock.now(), opens_at=clock.now() - timedelta(minutes=30))
    missed = make_check(cast, opens_at=clock.now() - timedelta(hours=6))
    one = morning(locale=locale)
    one.open(open_one)
    one.page.click("label[for=C-01-fail]")
    one.page.set_input_files("#C-01-photo", jpeg)
    one.page.fill("#WM-14-value", "7.2")
    one.heard(open_one, "WM-14", Outcome.FAIL)
    one.until(lambda: one.photos(open_one) == 1)
    check = f"/checks/{open_one}"
    fits(one, ["/today", check, f"{check}/confirm", f"/checks/{done}", f"/checks/{done}/receipt",
               f"/checks/{missed}", f"/checks/{missed}/backfill"])  # fmt: skip


def test_the_communitys_pages_fit(morning: Any, cast: Cast) -> None:
    done = submitted(cast, at=clock.now(), opens_at=clock.now() - timedelta(hours=2))
    fits(
        morning(who="gu"),
        ["/reviews", "/reviews?shelf=clean", f"/reviews/{done}", f"/reviews/{done}/send-back"],
    )
