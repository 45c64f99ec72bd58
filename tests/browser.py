"""A real browser and a real server for tests that must see a page as a person does.

A pytest plugin.  ``live_server`` serves an application on a free port of this machine; ``open_page`` opens a
page of a headless Chromium and fails the test when a script broke or the content policy was hurt;
``faults_of_access`` lists what axe-core holds against the page shown.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pylopdf_fonts_zh_cn
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tools.programs import find_chromium

AXE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

PATIENCE = 20_000
"""Milliseconds a page may take on a machine that has much else to do."""
expect.set_options(timeout=PATIENCE)

OpenPage = Callable[..., Page]
LiveServer = Callable[[Callable[[], WSGIApplication]], str]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium that draws Chinese with the portal's own fonts and speaks to nobody by itself."""
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError("Chromium is missing; `make test` brings it, or CHROMIUM names it")
    fonts = _font_settings(tmp_path_factory.mktemp("fonts"))
    env: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": fonts}
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS), env=env)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page in a browser profile of its own: ``open_page(PHONE)``, ``open_page(locale="en-GB")``."""
    pages: list[Page] = []
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def broke(error: Error) -> None:
        faults.append(str(error))

    def opened(size: dict[str, int] = DESK, **options: Any) -> Page:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": size} | options
        page = browser.new_context(**settings).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", heard)
        page.on("pageerror", broke)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not faults, faults


@pytest.fixture
def live_server() -> Iterator[LiveServer]:
    """Serves what a factory makes, in threads of this process, and returns its address without a slash."""
    running: list[tuple[Any, threading.Thread]] = []

    def serve(make: Callable[[], WSGIApplication]) -> str:
        server = make_server("127.0.0.1", 0, make(), threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def faults_of_access(page: Page) -> list[str]:
    """What axe-core finds on the page shown: rule, how bad, and where.  An accessible page gives []."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']} ({fault['impact']}): {', '.join(' '.join(node['target']) for node in fault['nodes'])}"
        for fault in found["violations"]
    ]


def sticks_out(page: Page) -> int:
    """By how many pixels the page is wider than its window; 0 where nobody scrolls sideways."""
    return int(page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))


def _font_settings(folder: Path) -> str:
    settings = folder / "fonts.conf"
    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    settings.write_text(FONTS.format(fonts=fonts, cache=folder / "cache"), encoding="utf-8")
    return str(settings)
