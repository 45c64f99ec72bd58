"""Pages of markets themselves: the list, one market, registering, describing, moving, closing."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core import clock, journal
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms import CloseMarketForm, EditMarketForm, RegisterMarketForm
from portal.markets.forms.fields import one_of
from portal.markets.models import Market, MarketKind
from portal.markets.policy import May
from portal.markets.queries import setup
from portal.markets.routes.entry import (
    area,
    asked,
    community_choices,
    company_named,
    get_market,
    town_named,
    towns_to_choose,
)
from portal.territory import queries as territory
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

WRITTEN = (
    "name",
    "opener_name",
    "opener_uscc",
    "address",
    "phone",
    "opens_at",
    "closes_at",
    "area_m2",
    "floors_up",
    "floors_down",
    "is_key_unit",
    "version",
)
"""What the form of a market is filled with, besides its kind."""


@area.get("/markets", needs=May.READ)
def index() -> ResponseReturnValue:
    """The markets one works with."""
    kind, search, is_closed = (
        one_of(MarketKind, request.args.get("kind")),
        asked("q"),
        asked("show") == "closed",
    )
    found = queries.list_markets(
        actor(), kind=kind, search=search, is_closed=is_closed, cursor=request.args.get("after", "")
    )
    return page(
        "markets/index.html", markets=found, kind=kind, kinds=MarketKind, q=search, is_closed=is_closed
    )


@area.form("/markets/register", needs=May.REGISTER)
def register() -> ResponseReturnValue:
    """Enter a market; the town is chosen first, where the actor has more than one."""
    town = town_named(request.args.get("town", ""))
    form = RegisterMarketForm()
    form.community.choices = community_choices(town)
    if form.validate_on_submit():
        with told(form):
            community = territory.get_area(form.community.data)
            market = operations.register_market(
                company_named(form.company.data), community, form.facts(), actor()
            )
            tell(_("登记好了，市场编码 %(code)s。", code=market.code))
            return go("markets.show", market_id=market.id)
    towns = towns_to_choose()
    return page("markets/register.html", form=form, town=town, towns=towns)


@area.get("/markets/<int:market_id>", needs=May.READ)
def show(market_id: int) -> ResponseReturnValue:
    """One market: its facts, its zones, who answers for it, what comes next."""
    market = get_market(market_id)
    sees_posts = may(actor(), May.READ_POSTS)
    posts = (
        [post for post in queries.posts_of(market) if post.is_held_on(clock.today())] if sees_posts else []
    )
    return page(
        "markets/show.html",
        market=market,
        stalls=queries.count_stalls(market),
        zones=queries.zones_of(market),
        posts=posts,
        sees_posts=sees_posts,
        readiness=setup.readiness_of(market, actor()),
        due=queries.due_papers(actor(), market=market).rows[:5],
        past=queries.past_of(market),
    )


@area.form("/markets/<int:market_id>/edit", needs=May.EDIT)
def edit(market_id: int) -> ResponseReturnValue:
    """Write down what is so now."""
    market = get_market(market_id)
    demand(actor(), May.EDIT, market)
    form = EditMarketForm(data=_typed(market))
    if form.validate_on_submit():
        with told(form):
            operations.edit_market(market, form.facts(), form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show", market_id=market.id)
    return page("markets/edit.html", form=form, market=market)


def _typed(market: Market) -> dict[str, Any]:
    return {name: getattr(market, name) for name in WRITTEN} | {"kind": market.kind.value}


@area.form("/markets/<int:market_id>/close", needs=May.CLOSE)
def close(market_id: int) -> ResponseReturnValue:
    """The market trades no more: said with a reason."""
    market = get_market(market_id)
    demand(actor(), May.CLOSE, market)
    form = CloseMarketForm()
    if form.validate_on_submit():
        with told(form):
            operations.close_market(market, form.note.data, actor())
            tell(_("%(name)s 已关闭。", name=market.name))
            return go("markets.show", market_id=market.id)
    return page("markets/close.html", form=form, market=market)


@area.get("/markets/<int:market_id>/history", needs=May.READ)
def history(market_id: int) -> ResponseReturnValue:
    """What was done with the market, and by whom."""
    market = get_market(market_id)
    return page("markets/history.html", market=market, lines=journal.of(market))
