"""Papers are drawn from what they are given, in our own fonts, and fetch nothing."""

import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pypdf
import pytest

from portal.core import db, paper, qr
from portal.core.errors import Busy
from portal.web.server import SETTINGS
from tests.people import Cast

RARE = "滘埗崀䶮℃☑"
BODY = "<h1>标题</h1><p>{}</p>"


class Ear(socketserver.BaseRequestHandler):
    """Counts whoever knocks."""

    knocks = 0

    def handle(self) -> None:
        Ear.knocks += 1


@pytest.fixture
def ear() -> Iterator[str]:
    """The address of a server that hears every attempt to fetch from it."""
    Ear.knocks = 0
    with socketserver.TCPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def fonts(pdf: bytes) -> set[str]:
    """The families a PDF draws with."""
    names: set[str] = set()
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            names.add(str(font.get_object()["/BaseFont"]).partition("+")[2])
    return names


ASKS = {
    "picture": '<img src="http://{0}/a.png">',
    "picture over tls": '<img src="https://{0}/a.png">',
    "sheet": '<link rel="stylesheet" href="http://{0}/a.css">',
    "import": '<style>@import url("http://{0}/a.css");</style>',
    "background": '<div style="background: url(http://{0}/a.png)">x</div>',
    "font": '<style>@font-face {{ font-family: x; src: url("http://{0}/a.woff") }} p {{ font-family: x }}</style>',
    "attachment": '<link rel="attachment" href="http://{0}/a.pdf">',
    "object": '<object data="http://{0}/a.svg"></object>',
    "embed": '<embed src="http://{0}/a.svg">',
    "picture in a picture": '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="http://{0}/a.png"/></svg>',
    "sheet in an address": '<link rel="stylesheet" href="data:text/css,@import url(http://{0}/a.css);">',
    "base": '<base href="http://{0}/"><img src="a.png">',
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_nothing_is_fetched_from_outside(ear: str, ask: str) -> None:
    assert "其余的字" in words(paper.render(ask.format(ear) + BODY.format("其余的字"), title="试"))
    assert Ear.knocks == 0


@pytest.mark.parametrize(
    "ask",
    [
        '<link rel="attachment" href="{0}">',
        '<img src="{0}">',
        '<object data="{0}"></object>',
        '<style>@import url("{0}");</style>',
    ],
)
def test_no_file_of_this_machine_gets_into_a_paper(tmp_path: Path, ask: str) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><text y="20">机密</text></svg>', encoding="utf-8"
    )
    pdf = paper.render(ask.format(secret.as_uri()) + BODY.format("x"), title="试")
    assert "机密" not in words(pdf)
    assert not list(pypdf.PdfReader(io.BytesIO(pdf)).attachments)


def test_a_picture_that_stands_in_the_text_is_drawn() -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    pdf = paper.render(f'<img src="{dot}">', title="试")
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].images) == 1


def test_rare_characters_are_drawn_in_our_own_fonts() -> None:
    pdf = paper.render(BODY.format(RARE), title="试")
    assert all(sign in words(pdf) for sign in "滘埗崀䶮℃✓")
    assert {name.removesuffix("-Bold") for name in fonts(pdf)} == {"Noto-Serif-SC", "Noto-Sans-SC"}


def test_the_same_text_gives_the_same_bytes_and_no_moment() -> None:
    first, second = (paper.render(BODY.format("一样"), title="日管控记录") for _ in range(2))
    assert first == second
    told = pypdf.PdfReader(io.BytesIO(first)).metadata
    assert told is not None and told.title == "日管控记录"
    assert "/CreationDate" not in told and "/ModDate" not in told


def test_no_paper_is_made_while_a_write_is_open(cast: Cast) -> None:
    with db.acting(cast.kuang):
        cast.market()
        with pytest.raises(RuntimeError):
            paper.render(BODY.format("x"), title="试")


def test_no_look_is_left_open_while_a_paper_is_drawn(cast: Cast) -> None:
    with db.opened(cast.kuang.reach, writes=False) as look:
        name = cast.market().name
        assert look.in_transaction()
        paper.render(BODY.format(name), title="试")
        assert not look.in_transaction()
        assert cast.market().name == name


def test_whoever_comes_when_the_line_is_full_is_told_to_come_again() -> None:
    with ExitStack() as others:
        for _ in range(paper.PLACES):
            others.enter_context(paper._turn())
        assert paper.PLACES < paper.LINE < int(SETTINGS["threads"])
        for _ in range(paper.LINE - paper.PLACES):
            paper._line.acquire()
            others.callback(paper._line.release)
        with pytest.raises(Busy):
            paper.render(BODY.format("x"), title="试")
    assert paper.render(BODY.format("x"), title="试")


def test_a_square_code_is_a_quiet_ground_around_its_finders() -> None:
    code = qr.code_of("https://portal.example/verify/" + "0123456789abcdef" * 4)
    assert code.size == 17 + 4 * ((code.size - 17 - 8) // 4) + 8
    assert code.path.startswith("M4 4h7v1h-7z")
    assert code == qr.code_of("https://portal.example/verify/" + "0123456789abcdef" * 4)
    assert code != qr.code_of("https://portal.example/verify/" + "0123456789abcdee" * 4)
