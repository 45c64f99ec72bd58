"""Paper: HTML in, PDF out, with fonts of our own and without a single look outside.

Whatever a text smuggles in (an address, a file of this machine, another style sheet), nothing is fetched for it:
pictures come as ``data:`` and the two Chinese fonts lie in a package of this installation.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from portal.core import db
from portal.core.errors import Busy

log = logging.getLogger(__name__)

FOLDER = Path(pylopdf_fonts_zh_cn.__file__).parent
FONTS = {
    "Noto Serif SC": FOLDER / "NotoSerifSC-Regular.otf",
    "Noto Sans SC": FOLDER / "NotoSansSC-Regular.otf",
}
"""What our papers are set in, whatever the machine has: the body in Song, the headings in Hei.  All of GBK."""

STYLE = Path(__file__).parents[1] / "static" / "css"
SUBSTITUTES = str.maketrans({"☑": "✓", "☐": "□", "☒": "×", "✔": "✓", "✘": "×"})
"""Signs the fonts lack, and what stands for them: another font of the machine may not be there."""

PLACES = 2
"""Papers drawn at once in a process.  Drawing is work for the processor alone: more at once are not sooner done."""
LINE = 5
"""How many may draw or wait in a process of eight threads; whoever comes then is told to come again."""
PATIENCE = 15.0
"""Seconds one waits for one's turn."""
_places = threading.BoundedSemaphore(PLACES)
_line = threading.BoundedSemaphore(LINE)

SHEETS = ("paper", "annex")
"""The A4 sheet every official paper shares, and the ruled forms of the records."""


class _Refused(ValueError):
    """A document asked for something from outside."""


class _Nothing(URLFetcher):  # type: ignore[misc]
    """Fetches pictures that stand in the document itself, and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if not url.startswith("data:image/"):
            log.warning("refused to fetch %s for a paper", url[:120])
            raise _Refused(url)
        return super().fetch(url, headers)


class _OwnFonts(URLFetcher):  # type: ignore[misc]
    """Fetches the two font files, and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if url not in {path.as_uri() for path in FONTS.values()}:
            raise _Refused(url)
        return super().fetch(url, headers)


def render(html: str, *, title: str, sheets: tuple[str, ...] = SHEETS) -> bytes:
    """The PDF of an HTML text, the same bytes for the same text; on A4 unless ``sheets`` names other style sheets.

    ``title`` is the document's title in the PDF.  No moment of making stands in it: when a paper was made is in its
    words.  Takes up to a second a page, so never inside a write; an open look is ended before.  Raises Busy where as
    many stand in line as a process of ours can bear, or where the turn does not come in time.
    """
    db.no_open_write()
    db.let_go()
    with _turn():
        return _draw(html, title, sheets)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait in line for one's turn to draw, so that many asking at once leave threads for everybody else."""
    if not _line.acquire(blocking=False):
        raise Busy
    try:
        if not _places.acquire(timeout=PATIENCE):
            raise Busy
        try:
            yield
        finally:
            _places.release()
    finally:
        _line.release()


def _draw(html: str, title: str, sheets: tuple[str, ...]) -> bytes:
    fonts, faces = _fonts()
    document = HTML(string=html.translate(SUBSTITUTES), url_fetcher=_Nothing()).render(
        stylesheets=[faces, *map(_sheet, sheets)], font_config=fonts
    )
    document.metadata.title = title
    document.metadata.created = document.metadata.modified = None
    document.metadata.generator = None
    pdf: bytes = document.write_pdf(pdf_identifier=False)
    return pdf


@cache
def _fonts() -> tuple[FontConfiguration, CSS]:
    """The fonts, read once a process: loading them costs more than a page."""
    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "{name}"; src: url("{path.as_uri()}") }}' for name, path in FONTS.items()
    )
    return fonts, CSS(string=faces, font_config=fonts, url_fetcher=_OwnFonts())


@cache
def _sheet(name: str) -> CSS:
    """A style sheet of static/css, read once a process."""
    text = (STYLE / f"{name}.css").read_text(encoding="utf-8")
    return CSS(string=text, font_config=_fonts()[0], url_fetcher=_Nothing())
