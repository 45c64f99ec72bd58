"""The papers of markets: labels with the square codes of signs, to be cut out, stuck on, or hung at a door.

They are always in Chinese, whatever language the reader's pages are in: they hang in the market for years.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from portal.core import paper, qr
from portal.core.labels import Labelled
from portal.markets.models import Market
from portal.markets.operations.signs import code_of
from portal.markets.queries.signs import Placard

LANGUAGE = "zh_Hans_CN"
MOST_LABELS = 48
"""So many labels are drawn at once; more are several papers."""


class Layout(Labelled):
    """How labels lie on the paper."""

    GRID = "grid", _l("A4 标签纸，一页 24 个，沿线剪开")
    STICKER = "sticker", _l("60 毫米不干胶，一张一个")
    PLATE = "plate", _l("A5 门牌，一页一个")
    GATE = "gate", _l("A4 大门牌，一页一个")

    @property
    def a_page(self) -> int:
        """Labels on a page."""
        return 24 if self is Layout.GRID else 1

    @property
    def is_small(self) -> bool:
        """Whether the code stands first and the words make do with what is left."""
        return self in (Layout.GRID, Layout.STICKER)


def labels(market: Market, placards: Sequence[Placard], layout: Layout) -> bytes:
    """The PDF of these signs, at most ``MOST_LABELS``; 0.3 to 2 seconds."""
    with force_locale(LANGUAGE):
        title = f"{market.name} {layout.label}"
        html = current_app.jinja_env.get_template("markets/papers/labels.html").render(
            layout=layout,
            pages=[_page(placards[start : start + layout.a_page]) for start in _starts(placards, layout)],
            start=address_start(),
            title=title,
        )
    return paper.render(html, title=title, sheets=("labels",))


def _starts(placards: Sequence[Placard], layout: Layout) -> range:
    return range(0, min(len(placards), MOST_LABELS), layout.a_page)


def _page(placards: Sequence[Placard]) -> list[dict[str, Any]]:
    return [{"placard": one, "code": qr.code_of(address_of(one), hangs=True)} for one in placards]


def address_of(placard: Placard) -> str:
    """Where the code of a sign leads."""
    path = url_for("frontdoor.scan", code=code_of(placard.sign))
    return str(current_app.config["PORTAL_SETTINGS"].base_url) + path


def address_start() -> str:
    """How every address of ours begins: what tells a forged code from a real one."""
    parts = urlsplit(current_app.config["PORTAL_SETTINGS"].base_url)
    return f"{parts.scheme}://{parts.netloc}/"
