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

NORMAL = [item(f"C-{n:02d}", place=f"{n // 3 + 1} 号厅", title=f"第 {n} 项没有问题") for n in range(1, 9)]


class Morning:
    """A telephone in a patroller's hand, and how often it was tapped."""

    def __init__(self, page: Page, url: str, cast: Cast) -> None:
        self.page, self.url, self.cast, self.taps = page, url, cast, 0

    def sign_in(self, username: str = "mai") -> None:
        self.page.goto(f"{self.url}/sign-in")
        self.fill_in(username)

    def fill_in(self, username: str) -> None:
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", people.PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_selector("[name=code]")
        for seconds in (-30, 0, 30):  # a code is taken once
            with clock.at(clock.now() + timedelta(seconds=seconds)):
                self.page.fill("[name=code]", people.code_now())
            self.page.press("[name=code]", "Enter")
            self.page.wait_for_load_state()
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
        for _ in range(50):
            if self.answers(occurrence_id).get(code) is outcome:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(self.answers(occurrence_id))

    def has_no_photo(self, occurrence_id: int) -> bool:
        """Wait until the server holds no photo of this check."""
        for _ in range(100):
            with db.acting(self.cast.mai):
                if evidence.of(the(self.cast.mai, occurrence_id)) == []:
                    return True
            self.page.wait_for_timeout(100)
        return False

    def answers(self, occurrence_id: int) -> dict[str, Outcome]:
        with db.acting(self.cast.mai):
            found = walk.answers_of(the(self.cast.mai, occurrence_id))
            return {one.item_code: one.outcome for one in found}


@pytest.fixture
def morning(live_server: Any, open_page: Any, app: Flask, cast: Cast) -> Callable[..., Morning]:
    url = live_server(lambda: app)

    def begin(size: dict[str, int] = PHONE, who: str = "mai", **options: Any) -> Morning:
        made = Morning(open_page(size, **options), url, cast)
        made.sign_in(who)
        return made

    return begin
