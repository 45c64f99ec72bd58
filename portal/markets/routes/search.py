"""The page that finds markets, stalls, vendors and equipment by a word."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.markets import queries
from portal.markets.forms.fields import one_of
from portal.markets.models import Found
from portal.markets.policy import May
from portal.markets.routes.entry import area, asked
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import page

navigation.entry("markets.find", _l("查找"), "find", May.READ_BY_WORD, order=590)


@area.get("/search", needs=May.READ_BY_WORD)
def find() -> ResponseReturnValue:
    """What in sight bears this word; of one kind alone, page by page, when the address says which."""
    typed, kind = asked("q", 60), one_of(Found, request.args.get("kind"))
    if kind is None:
        found = queries.search(actor(), typed)
    else:
        found = [queries.search_kind(actor(), typed, kind, request.args.get("after", ""))]
    return page("markets/search.html", q=typed, kind=kind, found=[hits for hits in found if hits.rows])
