"""The look, measured in a real browser: it fits a phone, can be touched and read, and breaks no policy."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.browser import DESK, PHONE, OpenPage, faults_of_access, sticks_out
from tests.site.look_gallery import PAGES, create_gallery

pytestmark = pytest.mark.browser

SCREENS = [name for name in PAGES if name not in {"paper", "icons"}] + ["form?wrong=1"]
MODES = {
    "phone": (PHONE, ""),
    "phone, large type": (PHONE, "large=1"),
    "phone, English": (PHONE, "lang=en"),
    "phone, English, large type": (PHONE, "lang=en&large=1"),
    "desk": (DESK, ""),
    "desk, English": (DESK, "lang=en"),
}
TOO_SMALL = """() => [...document.querySelectorAll(
  "button, .button, summary, .nav a, .filters a, .tabs a, .chip, .tile, .back, .menu a, .tick, .row[href], "
  + "input:not([type=hidden]):not(.pick):not([type=checkbox]), select, textarea, .top a"
)].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.width > 0 && (box.height < 44 || box.width < 44
    || (box.height < 47.5 && !one.matches("[type=file]")));
}).map((one) => `${one.className || one.tagName} ${one.textContent.trim().slice(0, 20)}`)"""


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_gallery(), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def shown(page: Page, gallery: str, name: str, mode: str) -> Page:
    name, _, more = name.partition("?")
    answer = page.goto(f"{gallery}/look/{name}?{mode}&{more}")
    assert answer is not None and answer.ok
    return page


@pytest.mark.parametrize("mode", MODES)
def test_no_page_scrolls_sideways_and_every_target_fits_a_finger(
    gallery: str, open_page: OpenPage, mode: str
) -> None:
    size, query = MODES[mode]
    page = open_page(size)
    for name in SCREENS:
        shown(page, gallery, name, query)
        assert sticks_out(page) == 0, name
        assert page.evaluate(TOO_SMALL) == [], name


@pytest.mark.parametrize("mode", ["phone", "phone, English, large type", "desk"])
def test_nothing_keeps_a_reader_out(gallery: str, open_page: OpenPage, mode: str) -> None:
    size, query = MODES[mode]
    page = open_page(size)
    for name in SCREENS:
        shown(page, gallery, name, query)
        assert faults_of_access(page) == [], name


def test_a_form_that_came_back_moves_the_reader_to_its_mistakes(gallery: str, open_page: OpenPage) -> None:
    page = shown(open_page(PHONE), gallery, "form?wrong=1", "")
    page.wait_for_function("document.activeElement.classList.contains('errors')")
    page.click(".errors a >> nth=0")
    assert page.evaluate("document.querySelector(location.hash).getAttribute('aria-invalid')") == "true"
    said = page.evaluate("""() => {
      const field = document.querySelector(location.hash);
      const ids = field.getAttribute('aria-describedby').split(' ');
      return ids.map((id) => document.getElementById(id).textContent.trim());
    }""")
    assert said == [page.inner_text(".errors a >> nth=0")]


def test_the_menu_of_roles_closes_when_one_turns_away(gallery: str, open_page: OpenPage) -> None:
    page = shown(open_page(PHONE), gallery, "case", "")
    page.click(".acting > summary")
    assert page.is_visible(".acting__panel")
    page.click("#h-line")
    assert not page.is_visible(".acting__panel")
    page.click(".acting > summary")
    page.keyboard.press("Escape")
    assert not page.is_visible(".acting__panel")


def test_a_form_leaves_once_with_the_button_that_was_pressed(gallery: str, open_page: OpenPage) -> None:
    page = shown(open_page(PHONE), gallery, "case", "")
    with page.expect_request("**/site.prefer") as sent:
        page.dblclick(".top__tool--type")
    assert "large=1" in (sent.value.post_data or "")


def test_a_password_can_be_looked_at(gallery: str, open_page: OpenPage) -> None:
    page = shown(open_page(PHONE), gallery, "form", "")
    page.fill("#password", "three words here")
    page.click("[data-reveal]")
    assert page.get_attribute("#password", "type") == "text"
    page.click("[data-reveal]")
    assert page.get_attribute("#password", "type") == "password"


def test_paper_shows_what_is_said_and_nothing_to_press(gallery: str, open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.emulate_media(media="print")
    shown(page, gallery, "case", "")
    assert page.is_visible("h1") and page.is_visible(".on-paper")
    for pressed in (".nav", ".button >> nth=0", ".top__tool >> nth=0", ".more"):
        assert not page.is_visible(pressed), pressed


def test_without_a_script_every_form_and_menu_is_there(gallery: str, open_page: OpenPage) -> None:
    page = shown(open_page(PHONE, java_script_enabled=False), gallery, "form", "")
    assert page.is_visible("#photo") and page.is_visible("button >> text=提交隐患")
    page.click(".acting > summary")
    assert page.is_visible(".acting__panel >> text=退出登录")
