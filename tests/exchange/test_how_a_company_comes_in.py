"""A company comes in, by the pages alone: from the town's registration to the first check the community accepts."""

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from portal.accounts import queries as accounts
from portal.accounts.operations import second_factor
from portal.core import db, errands
from portal.core.reach import Reach, Sight
from portal.markets.models import Stall
from portal.selfcheck.models import Occurrence
from portal.selfcheck.workflow import CheckState
from tests.browser import DESK, PHONE
from tests.evidence.pictures import photo
from tests.exchange import workbooks
from tests.people import EAST_COMMUNITY, Cast
from tests.selfcheck import rules
from tests.selfcheck.telephone import Morning

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW_PASSWORD = "一句只有我想得到的很长的话"
MANAGER, PATROLLER = ("新样安", "19900001001"), ("新样禾", "19900001002")
MARKET = {
    "company_uscc": workbooks.credit_code(77),
    "company_name": "新样市场管理有限公司",
    "name": "新样肉菜市场",
    "address": "东样社区新样路 1 号",
    "opener_name": "东样社区股份经济联合社（样例）",
    "opens_at": "06:00",
    "closes_at": "19:30",
    "manager_name": MANAGER[0],
    "manager_phone": MANAGER[1],
}
ZONES = {"A": "猪肉区", "B": "水产区", "C": "蔬菜区"}


class Hand(Morning):
    """Somebody at a screen: what was pressed and filled in is counted."""

    def press(self, selector: str) -> None:
        """Tap what leads to another page."""
        with self.page.expect_navigation():
            self.tap(selector)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)
        self.taps += len(values)

    def tick(self, name: str, value: str) -> None:
        number = self.page.get_attribute(f"[name={name}][value={value}]", "id")
        self.tap(f"label[for={number}]")

    def link(self) -> str:
        """The one-time link the page shows."""
        return urlsplit(self.page.input_value("#address")).path

    def path(self) -> str:
        return urlsplit(self.page.url).path

    def open_account(self, path: str, login: str) -> None:
        """Follow a one-time link, choose a password, sign in."""
        self.page.goto(self.url + path)
        self.fill(new_password=NEW_PASSWORD, again=NEW_PASSWORD)
        self.press("main form .button--wide")
        self.page.goto(f"{self.url}/sign-in")
        self.fill(username=login, password=NEW_PASSWORD)
        self.press("main form .button--wide")


def work() -> None:
    """What the worker would do now."""
    while errands.drain():
        pass


@pytest.fixture
def hand(live_server: Any, open_page: Any, app: Flask, cast: Cast, reference: None) -> Any:
    rules.load()
    url = live_server(lambda: app)

    def one(size: dict[str, int] = PHONE) -> Hand:
        page = open_page(size)
        page.set_default_timeout(
            30_000
        )  # eighty pages and an import, on a machine that has other things to do
        return Hand(page, url, cast)

    return one


def test_a_company_comes_in_and_its_first_check_is_accepted(
    hand: Any, tmp_path: Path, record_property: Any
) -> None:
    began, hands = time.monotonic(), [hand(DESK), hand(DESK), hand(), hand()]
    town, manager, patroller, officer = hands
    path = register(town)
    market = enter(manager, path)
    furnish(manager, market)
    bring_stalls(manager, market, tmp_path)
    path = invite(manager, market)
    plan_and_hang_signs(manager, market)
    walk(patroller, path, market, tmp_path)
    accept(officer)
    with db.opened(Reach(Sight.CITY), writes=False) as look:
        states = look.scalars(sa.select(Occurrence.state).where(Occurrence.market_id == market)).all()
        stalls = look.scalar(sa.select(sa.func.count(Stall.id)).where(Stall.market_id == market))
    assert CheckState.ACCEPTED in states and stalls == 140
    record_property("taps", sum(one.taps for one in hands))
    record_property("seconds", round(time.monotonic() - began, 1))
    print(f"taps {sum(one.taps for one in hands)}, {time.monotonic() - began:.0f} s")


def register(town: Hand) -> str:
    """The town dispatcher enters company, market and first manager, looks once more, and is given the link."""
    town.sign_in("zhen")
    town.page.goto(f"{town.url}/markets/arrive")
    town.fill(**MARKET)
    town.tick("kind", "wet")
    town.page.select_option("[name=community]", EAST_COMMUNITY)
    town.press("main .button--wide")
    assert "新样市场管理有限公司" in town.page.content()
    town.press("main .button--wide")
    return town.link()


def enter(manager: Hand, path: str) -> int:
    """The manager opens the account, binds the second factor, and is told what is missing."""
    manager.open_account(path, MANAGER[1])
    with db.reading():
        person = accounts.find_person(MANAGER[1])
        assert person is not None
        secret = second_factor.pending_secret(person)
    assert secret is not None
    manager.fill(code=pyotp.TOTP(secret).now())
    manager.press("main form .button--wide")
    manager.page.goto(f"{manager.url}/markets")
    manager.press("main a:has-text('新样肉菜市场')")
    number = re.search(r"/markets/(\d+)", manager.path())
    assert number is not None
    manager.page.goto(f"{manager.url}/markets/{number[1]}/setup")
    expect(manager.page.locator("h1")).to_contain_text("还差")
    return int(number[1])


def furnish(manager: Hand, market: int) -> None:
    for code, name in ZONES.items():
        manager.page.goto(f"{manager.url}/markets/{market}/zones/add")
        manager.fill(code=code, name=name)
        manager.press("main form .button--wide")


def bring_stalls(manager: Hand, market: int, folder: Path) -> None:
    """A workbook with twelve faults, each named by its cell; the same one mended is taken over."""
    faulty = workbooks.stalls(140, faulty=True)
    bring(manager, market, folder / "台账.xlsx", faulty.content)
    shown = manager.page.inner_text("main")
    for cell, words in faulty.faults.items():
        assert re.search(rf"\b{cell}\b", shown) and words in shown, (cell, words)
    bring(manager, market, folder / "台账-改好.xlsx", workbooks.mended(140).content)
    manager.press("form[action$=apply] button")
    work()
    manager.page.reload()
    assert "导入好了" in manager.page.content() and "140" in manager.page.inner_text("main")


def bring(manager: Hand, market: int, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    manager.page.goto(f"{manager.url}/markets/{market}/imports")
    manager.page.set_input_files("[name=workbook]", file)
    manager.press("main form .button--wide")
    work()
    manager.page.reload()


def invite(manager: Hand, market: int) -> str:
    manager.page.goto(f"{manager.url}/markets/{market}/invite")
    manager.fill(name=PATROLLER[0], phone=PATROLLER[1])
    manager.tick("role", "patroller")
    manager.tick("posts", "patroller")
    manager.tick("posts", "food_safety_officer")
    manager.press("main form .button--wide")
    return manager.link()


def plan_and_hang_signs(manager: Hand, market: int) -> None:
    manager.page.goto(f"{manager.url}/plans/{market}")
    manager.press("form[action$=usual] button")
    manager.page.goto(f"{manager.url}/markets/{market}/signs")
    manager.press("form[action$=make] button")
    manager.page.goto(f"{manager.url}/markets/{market}/signs/print")
    manager.press("main form .button--wide")
    assert "可以打印了" in manager.page.inner_text("h1")
    sheet = manager.page.get_attribute("main .rows a", "href")
    answer = manager.page.request.get(manager.url + str(sheet))
    assert answer.status == 200 and answer.body().startswith(b"%PDF")


def walk(patroller: Hand, path: str, market: int, folder: Path) -> None:
    """The patroller opens the account on a telephone and walks a first check, with a photo where one is wanted."""
    patroller.open_account(path, PATROLLER[1])
    patroller.page.goto(f"{patroller.url}/plans/{market}/event")
    patroller.fill(other="开业前先查一遍")
    patroller.press("main form .button--wide")
    jpeg = folder / "photo.jpg"
    jpeg.write_bytes(photo(3, (1200, 900)))
    if patroller.page.locator("form[action$=start] button").count():
        patroller.press("form[action$=start] button")
    patroller.ready()
    answer_all(patroller.page, str(jpeg))
    patroller.saved()
    patroller.press(".dock button")
    patroller.press("form[action$=submit] button")
    assert patroller.path().endswith("/receipt")


def answer_all(page: Page, jpeg: str) -> None:
    for card in page.locator("[data-item]").all():
        code = card.get_attribute("data-item")
        good = card.locator(f"label[for='{code}-pass']")
        if good.count():
            good.first.click()
        for box in card.locator("input[type=text]:visible, input[type=date]:visible").all():
            box.fill("2026-01-01" if box.get_attribute("type") == "date" else "1")
            box.blur()
        if card.locator(f"#{code}-photo:visible").count():
            page.set_input_files(f"#{code}-photo", jpeg)


def accept(officer: Hand) -> None:
    officer.sign_in("qu")
    officer.page.goto(f"{officer.url}/reviews?shelf=clean")
    if officer.page.locator("main tbody a").count():
        officer.press("form[action$=note] button")
    else:
        officer.page.goto(f"{officer.url}/reviews")
        officer.press("main tbody a")
        officer.press("form[action$=accept] button")
