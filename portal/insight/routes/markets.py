"""The markets of an area, for those who watch over many: figures, and the records behind each of them."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.core import db
from portal.insight.forms import PartForm
from portal.insight.policy import May
from portal.insight.queries import coverage, overview, permits
from portal.insight.queries.coverage import Fate
from portal.insight.queries.part import Part, choose
from portal.insight.routes.entry import area
from portal.markets.forms.fields import one_of
from portal.markets.models import MarketKind
from portal.web import navigation
from portal.web.gate import actor
from portal.web.pages import page

SIDES = {"expired": True, "soon": False}

navigation.entry("insight.show_area", _l("全貌"), "chart", May.SEE_AREA, order=480)


def _part() -> Part:
    """The part of the area the address names."""
    asked = {name: request.args.get(name, "") for name in ("town", "community", "function")}
    return choose(actor(), kind=one_of(MarketKind, request.args.get("kind")), **asked)


def _shown(template: str, part: Part, *, asks_function: bool = False, **context: Any) -> ResponseReturnValue:
    """A page about a part of the area, with the questions that choose another."""
    form = PartForm(request.args)
    form.offer(part)
    if not asks_function and "function" in form:
        del form.function
    return page(template, part=part, form=form, endpoint=request.endpoint, **context)


@area.get("/area", needs=May.SEE_AREA)
def show_area() -> ResponseReturnValue:
    """The area in sentences: its markets, today's checks, coverage, papers, permits."""
    part = _part()
    stalls, vendors = overview.count_traders(part)
    return _shown(
        "insight/area.html",
        part,
        kinds=overview.count_markets(part),
        stalls=stalls,
        vendors=vendors,
        coverage=coverage.coverage_of(part),
        running=overview.count_running(part),
        gaps=permits.count_gaps(part),
    )


@area.get("/area/markets", needs=May.SEE_AREA)
def list_area_markets() -> ResponseReturnValue:
    """The markets with the figures of each."""
    part = _part()
    found = overview.list_markets(part, actor(), request.args.get("after", ""))
    return _shown("insight/area_markets.html", part, markets=found)


@area.get("/area/coverage", needs=May.SEE_AREA)
def show_coverage() -> ResponseReturnValue:
    """Coverage of the last thirty days, a market and a slot at a time."""
    part = _part()
    found = overview.page_of_markets(part, request.args.get("after", ""))
    return _shown(
        "insight/area_coverage.html", part, markets=found, slots=coverage.coverage_by_slot(part, found.rows)
    )


@area.get("/area/checks", needs=May.SEE_AREA)
def list_area_checks() -> ResponseReturnValue:
    """The checks behind a figure of coverage: when and where, never what was found."""
    part = _part()
    fate = one_of(Fate, request.args.get("what")) or Fate.MISSED
    only_today, market_id = request.args.get("days") == "1", db.as_id(request.args.get("market", ""))
    found = coverage.list_checks(
        part, fate, only_today=only_today, market_id=market_id, cursor=request.args.get("after", "")
    )
    kept = part.chosen | ({"days": "1"} if only_today else {}) | ({"market": market_id} if market_id else {})
    return _shown("insight/area_checks.html", part, checks=found, fate=fate, fates=Fate, kept=kept)


@area.get("/area/papers", needs=May.SEE_AREA)
def list_area_papers() -> ResponseReturnValue:
    """The papers that run out, in every market of the area."""
    part, side = _part(), request.args.get("show", "")
    found = overview.list_papers(
        part, actor(), is_expired=SIDES.get(side), cursor=request.args.get("after", "")
    )
    return _shown("insight/area_papers.html", part, asks_function=True, papers=found, side=side)


@area.get("/area/permits", needs=May.SEE_AREA)
def list_area_permits() -> ResponseReturnValue:
    """The vendors who trade without a paper the law asks for."""
    part, market_id = _part(), db.as_id(request.args.get("market", ""))
    found = permits.list_gaps(part, market_id=market_id, cursor=request.args.get("after", ""))
    return _shown("insight/area_permits.html", part, asks_function=True, gaps=found, market_id=market_id)
