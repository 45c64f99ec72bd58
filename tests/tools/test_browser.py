"""The browser plugin itself: it shows a served page, in Chinese, and hears what is wrong with it."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from tests.browser import PHONE, LiveServer, OpenPage, faults_of_access, sticks_out

PAGE = """<!doctype html><html lang="zh-CN"><head><title>今日自查</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>今日自查</h1><p id="said">待完成 20 项</p>%s</main></body></html>"""


def _pages(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    extra = '<img src="data:,">' if environ["PATH_INFO"] == "/bad" else ""
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'self' data:"),
    ]
    start("200 OK", headers)
    return [(PAGE % extra).encode()]


@pytest.mark.browser
def test_a_served_page_is_shown_on_a_phone(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto(live_server(lambda: _pages))
    assert page.inner_text("#said") == "待完成 20 项"
    assert sticks_out(page) == 0
    assert faults_of_access(page) == []


@pytest.mark.browser
def test_a_picture_without_words_is_a_fault(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(live_server(lambda: _pages) + "/bad")
    assert [fault.partition(" ")[0] for fault in faults_of_access(page)] == ["image-alt"]
