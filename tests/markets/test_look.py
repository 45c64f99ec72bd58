"""The pages of markets in a real browser, on a phone and on a desk."""

from datetime import timedelta

import pytest

from portal.core import clock, db
from portal.markets import operations
from tests.browser import DESK, PHONE, faults_of_access
from tests.markets.conftest import kind_of, paper_facts, stall_of, vendor_facts
from tests.visitors import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def lived_in(app, cast, reference) -> int:
    """A market with stalls, a vendor and papers of every standing."""
    today = clock.today()
    with db.acting(cast.kuang):
        market = cast.market()
        operations.add_stalls(market, "D-001", "D-030", None, cast.kuang)
        facts = vendor_facts(trade_codes=["food_catering", "tobacco"])
        vendor = operations.register_vendor(market, facts, cast.kuang)
        operations.move_in(stall_of(cast), vendor, today - timedelta(days=30), cast.kuang)
        for kind, days in (("food_permit", 20), ("business_licence", 900), ("lease_contract", -12)):
            facts = paper_facts(expires_on=today + timedelta(days=days), number="JY24419001234567")
            if kind != "food_permit":
                facts = paper_facts(expires_on=today + timedelta(days=days))
            operations.record_paper(vendor, kind_of(kind), facts, cast.kuang)
        return vendor.id


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_pages_fit_and_are_open_to_everybody(live_server, open_page, app, cast, lived_in, size, locale):
    url = live_server(lambda: app)
    page = open_page(size, locale=locale)
    page.context.add_cookies([{"name": "portal", "value": cookie_of(app, "kuang"), "url": url}])
    market = f"/markets/{cast.east.market_id}"
    parts = (
        "",
        "/stalls",
        "/stalls/add",
        f"/stalls/{cast.east.stall_ids[0]}",
        "/zones",
        "/vendors",
        "/posts",
    )
    paths = ["/markets", "/papers", *(market + part for part in parts), f"/vendors/{lived_in}"]
    for path in [*paths, f"{market}/vendors/add", f"/vendors/{lived_in}/papers/record", "/papers/1"]:
        page.goto(url + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        assert faults_of_access(page) == [], path
