"""Pages of a market's plan: its lines along the day, what is made ahead, and a check begun for an event."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.core import clock
from portal.core.policy import demand, may
from portal.markets import queries as markets
from portal.markets.models import Market
from portal.selfcheck.forms.plans import EndLineForm, ExcuseCheckForm, LineForm, StartEventForm, typed
from portal.selfcheck.models import Occurrence, PlanLine, Slot
from portal.selfcheck.operations import occurrences
from portal.selfcheck.operations import plans as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import plans as queries
from portal.selfcheck.queries import sheets
from portal.selfcheck.queries.plans import DAILY_SLOTS
from portal.selfcheck.routes.area import area
from portal.selfcheck.routes.lists import shown_code
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("selfcheck.list_plans", _l("检查计划"), "plan", May.PLAN, 45)

WEEKDAYS = (
    _l("星期一"),
    _l("星期二"),
    _l("星期三"),
    _l("星期四"),
    _l("星期五"),
    _l("星期六"),
    _l("星期日"),
)
DAYS_SHOWN = 7
FARTHEST = 14


def get_market(market_id: int) -> Market:
    """The market in sight of whoever asks; raises NotThere."""
    return markets.get_market(actor(), market_id)


@area.get("/plans", needs=May.PLAN)
def list_plans() -> ResponseReturnValue:
    """The markets whose plans one arranges; on to the plan where there is one market."""
    found = markets.list_markets(actor(), cursor=request.args.get("after", ""))
    if len(found.rows) == 1 and not request.args.get("after"):
        return go("selfcheck.show_plan", market_id=found.rows[0].id)
    return page("selfcheck/plans/index.html", markets=found)


@area.get("/plans/<int:market_id>", needs=May.READ)
def show_plan(market_id: int) -> ResponseReturnValue:
    """The plan of a market, the daily lines as a rail, the rarer ones below."""
    market = get_market(market_id)
    lines = [line for line in queries.lines_of(market, clock.today()) if line.slot is not Slot.EVENT]
    return page(
        "selfcheck/plans/show.html",
        **frame(market, "plan"),
        daily=sorted(
            (line for line in lines if line.slot in DAILY_SLOTS),
            key=lambda line: (line.day_shift, line.starts_at, line.minutes),
        ),
        rare=[line for line in lines if line.slot not in DAILY_SLOTS],
        windows={line.id: queries.windows(line, clock.today()) for line in lines},
        weekdays=WEEKDAYS,
        today=clock.today(),
    )


def frame(market: Market, part: str) -> dict[str, object]:
    """What every page of one market's plan needs: the market, the tab, and what the reader may do."""
    return {
        "market": market,
        "part": part,
        "may_plan": market.is_open and may(actor(), May.PLAN, market),
        "may_walk": market.is_open and may(actor(), May.WALK, market),
    }


@area.post("/plans/<int:market_id>/usual", needs=May.PLAN)
def take_usual_plan(market_id: int) -> ResponseReturnValue:
    """Give a market without a plan the usual one."""
    market = get_market(market_id)
    operations.default_plan(market, actor())
    tell(_("按营业时间排好了计划，检查马上生成。"))
    return go("selfcheck.show_plan", market_id=market.id)


@area.form("/plans/<int:market_id>/lines/add", needs=May.PLAN)
def add_line(market_id: int) -> ResponseReturnValue:
    """Add a line to the plan."""
    market = get_market(market_id)
    form = _line_form()
    if form.validate_on_submit():
        with told(form):
            operations.add_line(market, form.facts(), actor())
            tell(_("加好了，检查马上生成。"))
            return go("selfcheck.show_plan", market_id=market.id)
    return page("selfcheck/plans/line.html", form=form, market=market, line=None)


@area.form("/plans/<int:market_id>/lines/<int:line_id>/change", needs=May.PLAN)
def change_line(market_id: int, line_id: int) -> ResponseReturnValue:
    """Put another line in the place of one, from tomorrow on."""
    market = get_market(market_id)
    line = queries.get_line(market, line_id)
    form = _line_form(line)
    if form.validate_on_submit():
        with told(form):
            operations.change_line(market, line, form.facts(), actor())
            tell(_("改好了，明天起按新的时间。还没开始的检查会重排。"))
            return go("selfcheck.show_plan", market_id=market.id)
    return page("selfcheck/plans/line.html", form=form, market=market, line=line)


def _line_form(line: PlanLine | None = None) -> LineForm:
    form = LineForm(data=typed(line) if line and request.method == "GET" else None)
    form.weekdays.choices = [SelectChoice(number, name) for number, name in enumerate(WEEKDAYS, start=1)]
    if line is not None:
        form.slot.choices = [SelectChoice(line.slot.value, line.slot.label)]
    return form


@area.form("/plans/<int:market_id>/lines/<int:line_id>/end", needs=May.PLAN)
def end_line(market_id: int, line_id: int) -> ResponseReturnValue:
    """Take a line out of the plan."""
    market = get_market(market_id)
    line = queries.get_line(market, line_id)
    form = EndLineForm()
    if form.validate_on_submit():
        with told(form):
            operations.end_line(market, line, actor())
            tell(_("停了，明天起不再排。"))
            return go("selfcheck.show_plan", market_id=market.id)
    return page("selfcheck/plans/end_line.html", form=form, market=market, line=line)


@area.get("/plans/<int:market_id>/ahead", needs=May.READ)
def show_ahead(market_id: int) -> ResponseReturnValue:
    """The checks made ahead, a week at a time."""
    market = get_market(market_id)
    first = _first_day(request.args.get("from", ""))
    last = first + timedelta(days=DAYS_SHOWN - 1)
    found = queries.checks_ahead(market, first, last)
    closed = queries.closed_times(market, first)
    return page(
        "selfcheck/plans/ahead.html",
        **frame(market, "ahead"),
        days=_by_day(found),
        zones={zone.id: zone for zone in markets.zones_of(market)},
        closed={day: closed.reason_on(day) for day in queries.days(first, last)},
        previous=first - timedelta(days=DAYS_SHOWN) if first > clock.today() else None,
        following=last + timedelta(days=1) if last < clock.today() + timedelta(days=FARTHEST) else None,
        may_excuse=may(actor(), May.EXCUSE),
        moment=clock.now(),
    )


def _first_day(typed_day: str) -> date:
    """The day asked for, kept within what is made ahead."""
    today = clock.today()
    try:
        day = date.fromisoformat(typed_day)
    except ValueError:
        return today
    return min(max(day, today), today + timedelta(days=FARTHEST))


def _by_day(found: Sequence[Occurrence]) -> list[tuple[date, list[Occurrence]]]:
    ordered = sorted(found, key=lambda one: (one.service_day, one.opens_at, one.id))
    return [(day, list(checks)) for day, checks in groupby(ordered, key=lambda one: one.service_day)]


@area.form("/plans/<int:market_id>/checks/<int:occurrence_id>/excuse", needs=May.EXCUSE)
def excuse_check(market_id: int, occurrence_id: int) -> ResponseReturnValue:
    """Let one check be, for a reason, before it is due."""
    market = get_market(market_id)
    check = queries.get_check(market, occurrence_id)
    demand(actor(), May.EXCUSE, check)
    form = ExcuseCheckForm()
    if form.validate_on_submit():
        with told(form):
            occurrences.excuse(check, form.reason.data, actor())
            tell(_("这一次免查，原因记下了。"))
            return go("selfcheck.show_ahead", market_id=market.id)
    return page("selfcheck/plans/excuse.html", form=form, market=market, check=check)


@area.form("/plans/<int:market_id>/event", needs=May.WALK)
def start_event(market_id: int) -> ResponseReturnValue:
    """Something has happened: choose what, and go to the check of its items."""
    market = get_market(market_id)
    today = clock.today()
    items = [one for one in sheets.official_items(market, today) if Slot.EVENT in one["slots"]]
    form = StartEventForm()
    form.event.choices = [SelectChoice("", _("选一件")), *_events(items)]
    form.codes.choices = [SelectChoice(one["code"], shown_code(one)) for one in items]
    if form.validate_on_submit():
        with told(form):
            codes = frozenset(form.codes.data or [])
            check = occurrences.start_event(market, form.words(), actor(), codes)
            return go("selfcheck.show_check", occurrence_id=check.id)
    return page("selfcheck/plans/start_event.html", form=form, market=market)


def _events(items: list[dict[str, str]]) -> list[SelectChoice]:
    words = dict.fromkeys(one["event"] for one in items if one["event"])
    return [SelectChoice(word, word) for word in words]
