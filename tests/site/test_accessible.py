"""Every page in a real browser, in both languages, on a phone and on a desk: open to everybody, and it fits."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from portal.core import clock
from portal.core.actor import Role
from tests.browser import AXE, LiveServer, OpenPage, sticks_out
from tests.selfcheck.day import WALKING
from tests.site import walking
from tests.site.access_offices import PUBLIC
from tests.site.access_world import World
from tests.site.walking import Stop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
BY = (
    Role.MARKET_MANAGER,
    Role.PATROLLER,
    Role.COMMUNITY_DISPATCHER,
    Role.TOWN_DISPATCHER,
    Role.CITY_OFFICER,
    Role.DEPARTMENT_OFFICER,
)
"""Who opens a page, the first of these that may; else whoever may."""
MEASURING = ("color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable")
"""The rules that ask how large a thing is and what stands beside and behind it."""
LOOK = """(rules) => axe.run(document, {
    resultTypes: ["violations"],
    preload: false,  // what stands in the style sheets, the same on all pages, test_look.py asks
    ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
}).then(found => found.violations.map(fault =>
    `${fault.id} (${fault.impact}): ${fault.nodes.slice(0, 3).map(node => node.target.join(" ")).join(", ")}`))"""
SEND_EMPTY = """() => {
    const form = document.querySelector("main form[method=post]");
    for (const field of form.querySelectorAll("input[type=text], input[type=date], input[type=password], textarea"))
        field.value = "";
    form.submit();
}"""
ENLARGE = "document.documentElement.classList.add('large')"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_page_is_open_to_everybody_and_fits(
    full: World, live_server: LiveServer, open_page: OpenPage, locale: str
) -> None:
    url = live_server(lambda: at_the_moment(full.app))
    page = open_page(PHONE, locale=locale, service_workers="block")
    page.context.add_init_script(path=AXE)
    faults, seated = [], ""
    for stop in sorted(chosen(full), key=lambda stop: (str(stop.seat_name), stop.route)):
        if stop.seat_name != seated:
            seated = stop.seat_name
            sit(page.context, full, url, seated)
        page.set_viewport_size(PHONE)
        page.goto(url + stop.path())
        faults += [f"{stop.name} on a phone: {fault}" for fault in found_by_axe(page)]
        faults += [f"{stop.name} in {size}: {by} px stick out" for size, by in too_wide(page).items() if by]
        page.set_viewport_size(DESK)
        # Where things stand on a desk, Chinese shows; what English words change there is only their room.
        rules = () if locale == "zh-CN" else MEASURING
        faults += [f"{stop.name} on a desk: {fault}" for fault in found_by_axe(page, rules)]
        faults += [f"{stop.name} on a desk: {by} px stick out"] if (by := sticks_out(page)) else []
    assert faults == [], "\n".join(faults)


def test_a_form_that_comes_back_and_an_address_that_leads_nowhere_are_open_to_everybody(
    full: World, live_server: LiveServer, open_page: OpenPage
) -> None:
    url = live_server(lambda: at_the_moment(full.app))
    page = open_page(PHONE, locale="en-GB", service_workers="block")
    page.context.add_init_script(path=AXE)
    faults, came_back = [], 0
    sit(page.context, full, url, Role.MARKET_MANAGER.value)
    for stop in chosen(full):
        if stop.seat_name != Role.MARKET_MANAGER.value or "POST" not in (stop.rule.methods or ()):
            continue
        page.goto(url + stop.path())
        if not page.locator("main form[method=post]").count():
            continue
        with page.expect_navigation():
            page.evaluate(SEND_EMPTY)
        if page.locator(".errors").count():
            came_back += 1
            faults += [f"{stop.name}: {fault}" for fault in found_by_axe(page)]
            faults += [
                f"{stop.name} in {size}: {by} px stick out" for size, by in too_wide(page).items() if by
            ]
    page.goto(f"{url}/nowhere")
    assert faults + found_by_axe(page) == [], "\n".join(faults)
    assert came_back >= 15


def chosen(world: World) -> list[Stop]:
    """Every page once."""
    found: dict[str, Stop] = {}
    for stop in sorted(walking.pages(world), key=lambda stop: _rank(stop.role)):
        found.setdefault(stop.route, stop)
    return list(found.values())


def _rank(role: str) -> int:
    names = [one.value for one in BY]
    return names.index(role) if role in names else len(names)


def sit(context: BrowserContext, world: World, url: str, name: str) -> None:
    """Let somebody else sit before the browser."""
    context.clear_cookies()
    if name != PUBLIC:
        context.add_cookies([{"name": "portal", "value": world.seats[name][0], "url": url}])


def found_by_axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds on the page as it is shown, by all its rules or by these."""
    return list(page.evaluate(LOOK, list(rules)))


def too_wide(page: Page) -> dict[str, int]:
    """By how much the page is wider than a phone, in usual and in large type."""
    usual = sticks_out(page)
    page.evaluate(ENLARGE)
    large = sticks_out(page)
    page.evaluate(ENLARGE.replace("add", "remove"))
    return {"usual type": usual, "large type": large}


def at_the_moment(app: Any) -> Any:
    """The portal on a server whose clock stands."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with clock.at(WALKING):
            return app(environ, start_response)  # type: ignore[no-any-return]

    return serve
