"""A vendor's file by the pages: an account from the file, his own view, a correction answered; what officers see."""

import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from portal.cli.retention import retain
from portal.core import clock, db, once
from portal.markets import operations
from portal.markets.models import VendorKind
from portal.markets.operations import workers
from portal.markets.operations.workers import WorkerFacts
from tests import people
from tests.markets.conftest import OWN_ID, vendor_facts, vendor_of
from tests.visitors import Visitor

WHY = "签合同核对本人"


@pytest.fixture
def vendor_id(cast, reference, app) -> int:
    """A cook's stall: no permit, a cook without certificate."""
    with db.acting(cast.kuang):
        facts = vendor_facts(trade_codes=["food_catering"])
        vendor = operations.register_vendor(cast.market(), facts, cast.kuang)
        cook = WorkerFacts("陈样切", "切配", handles_ready_food=True, from_on=date(2026, 1, 1))
        workers.add_worker(vendor, cook, cast.kuang)
        return vendor.id


def test_a_vendor_gets_an_account_sees_his_file_and_has_his_number_put_right(app, cast, vendor_id):
    manager = Visitor(app).sign_in("kuang")
    own = _invited(app, manager, vendor_id)
    mine = own.get("/vendors/mine").text
    for words in ("还没有登记食品经营许可证", "陈样切", "你要办的", "13800138000"):
        assert words in mine, words
    assert own.get("/markets").status_code == 403
    own.get("/vendors/mine/corrections/ask")
    wish = {"field": "phone", "wished": "139 0013 9000", "reason": "换了手机号"}
    assert own.post("/vendors/mine/corrections/ask", wish).status_code == 303

    path = re.search(r"/corrections/\d+", manager.get(f"/markets/{cast.east.market_id}/corrections").text)
    assert path
    page = manager.get(path[0]).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version and "13900139000" in page
    sent = {"answer": "改好了", "version": version[1]}
    assert manager.post(f"{path[0]}/accept", sent | {"version": "0"}).status_code == 409
    assert manager.post(f"{path[0]}/decline", {"refusal": "不"}).status_code == 422
    assert manager.post(f"{path[0]}/accept", sent).status_code == 303
    answered = own.get("/vendors/mine/corrections").text
    assert "改好了" in answered and "已更正" in answered
    assert "13900139000" in manager.get(f"/vendors/{vendor_id}").text


def _invited(app, manager: Visitor, vendor_id: int) -> Visitor:
    """The vendor at his browser, with the link he was handed."""
    manager.get(f"/vendors/{vendor_id}/account")
    handed = manager.post(f"/vendors/{vendor_id}/account", {"name": "梁样烧", "phone": "13800138000"})
    link = re.search(r'value="[^"]*(/link/[^"]+)"', handed.text)
    assert handed.status_code == 200 and link
    own = Visitor(app)
    own.get(link[1])
    own.post(link[1], {"new_password": people.PASSWORD, "again": people.PASSWORD})
    return own.sign_in("p13800138000")


def test_a_number_is_on_one_answer_alone_and_officers_see_no_telephone(app, cast, vendor_id):
    with db.acting(cast.kuang):
        facts = vendor_facts(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)
        farmer = operations.register_vendor(cast.market(), facts, cast.kuang).id
    manager, path = Visitor(app).sign_in("kuang"), f"/vendors/{farmer}/identity"
    assert "0071" in manager.get(f"/vendors/{farmer}").text
    assert OWN_ID[6:14] not in manager.get(path).text
    assert manager.post(path, {"reason": "看看"}).status_code == 422
    token = once.new_token()
    shown = manager.post(path, {"reason": WHY}, token=token)
    assert OWN_ID[6:14] in shown.text and shown.headers["Cache-Control"] == "no-store"
    again = manager.post(path, {"reason": WHY}, token=token)
    assert again.status_code == 303 and OWN_ID[6:14] not in again.text
    assert manager.get(f"/vendors/{vendor_id}/identity").status_code == 404
    seen = Visitor(app).sign_in("zhen").get(f"/vendors/{farmer}").text
    assert "138****8000" in seen and "13800138000" not in seen and path not in seen


def test_the_manager_reads_what_goes_when_and_the_command_counts_before_it_erases(
    app, cast, vendor_id, settings
):
    with db.acting(cast.kuang):
        operations.end_vendor(vendor_of(vendor_id), clock.today() - timedelta(days=200), cast.kuang)
    page = Visitor(app).sign_in("kuang").get(f"/markets/{cast.east.market_id}/retention")
    assert page.status_code == 200 and vendor_facts().name in page.text
    env = {
        "PORTAL_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key.decode(),
    }
    counted = CliRunner().invoke(retain, ["--dry-run"], env=env)
    assert "vendor_files: 1 due" in counted.output and "workers: 0 due" in counted.output
    assert "vendor_files: 1 erased" in CliRunner().invoke(retain, env=env).output
    assert "vendor_files: 0 due" in CliRunner().invoke(retain, ["--dry-run"], env=env).output
    with db.acting(cast.kuang):
        assert vendor_of(vendor_id).erased_on == clock.today()
