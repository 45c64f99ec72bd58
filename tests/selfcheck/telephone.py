"""A telephone in somebody's hand: a real browser on the portal, taps counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.core import clock, db
from portal.evidence import queries as evidence
from portal.selfcheck.models import Outcome
from portal.selfcheck.queries import walk
from tests import people
from tests.browser import PHONE
from tests.people import Cast
from tests.selfcheck.day import item, the
from tests.visitors import cookie_of

NORMAL = [item(f"C-{n:02d}", place=f"{n // 3 + 1} 号厅", title=f"第 {n} 项没有问题") for n in range(1, 9)]


class Morning:
    """A telephone in a patroller's hand, and how often it was tapped."""

    def __init__(self, page: Page, url: str, cast: Cast, app: Flask | None = None) -> None:
        self.page, self.url, self.cast, self.app, self.taps = page, url, cast, app, 0

    def sign_in(self, username: str = "mai") -> None:
        """Sign in, by the pages unless the portal is at hand."""
        if self.app is None:
            self.page.goto(f"{self.url}/sign-in")
            self.fill_in(username)
            return
        cookie = cookie_of(self.app, username)
        self.page.context.add_cookies([{"name": "portal", "value": cookie, "url": self.url}])

    def fill_in(self, username: str) -> None:
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", people.PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_selector("[name=code]")
        for seconds in (-30, 0, 30):  # a code is taken once
            with clock.at(clock.now() + timedelta(seconds=seconds)):
                self.page.fill("[name=code]", people.code_now())
            with self.page.expect_navigation():
                self.page.press("[name=code]", "Enter")
            if "second-factor" not in self.page.url:
                return

    def tap(self, selector: str) -> None:
        self.page.locator(selector).locator("visible=true").first.click()
        self.taps += 1

    def open(self, occurrence_id: int) -> None:
        self.page.goto(f"{self.url}/checks/{occurrence_id}")
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready=check]", state="attached")

    def saved(self) -> None:
        expect(self.page.locator("[data-saved] span")).to_have_text("已存", timeout=15_000)

    def heard(self, occurrence_id: int, code: str, outcome: Outcome) -> None:
        """Wait until the server knows this answer."""
        self.until(lambda: self.answers(occurrence_id).get(code) is outcome)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until the server says so: what was tapped is on its way."""
        for _ in range(150):
            if is_so():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("the server never said so")

    def photos(self, occurrence_id: int) -> int:
        """How many photos of this check the server holds."""
        with db.acting(self.cast.mai):
            return len(evidence.of(the(self.cast.mai, occurrence_id)))

    def answers(self, occurrence_id: int) -> dict[str, Outcome]:
        with db.acting(self.cast.mai):
            found = walk.answers_of(the(self.cast.mai, occurrence_id))
            return {one.item_code: one.outcome for one in found}


@pytest.fixture
def morning(live_server: Any, open_page: Any, app: Flask, cast: Cast) -> Callable[..., Morning]:
    url = live_server(lambda: app)

    def begin(size: dict[str, int] = PHONE, who: str = "mai", **options: Any) -> Morning:
        made = Morning(open_page(size, **options), url, cast, app)
        made.sign_in(who)
        return made

    return begin
