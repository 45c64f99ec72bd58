"""Pages of markets themselves: the list, one market, registering, describing, moving, closing."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.core import clock, journal
from portal.core.errors import Mistake, NotThere
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms import CloseMarketForm, EditMarketForm, RegisterMarketForm, RestampMarketForm
from portal.markets.forms.fields import one_of
from portal.markets.models import Market, MarketKind, PostKind
from portal.markets.policy import May
from portal.markets.routes.entry import area, asked, get_market
from portal.territory import queries as territory
from portal.territory.models import Area, Level, Organisation, cut
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

SIGNING = (
    PostKind.HEAD,
    PostKind.SAFETY_MANAGER,
    PostKind.FOOD_SAFETY_OFFICER,
    PostKind.FOOD_SAFETY_DIRECTOR,
)
"""The posts every market should have filled, for they sign its records (60号令, 消防法 article 16)."""

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
    town = _town(request.args.get("town", ""))
    form = RegisterMarketForm()
    form.community.choices = _communities(town)
    if form.validate_on_submit():
        with told(form):
            community = territory.get_area(form.community.data)
            market = operations.register_market(_company(form.company.data), community, form.facts(), actor())
            tell(_("登记好了，市场编码 %(code)s。", code=market.code))
            return go("markets.show", market_id=market.id)
    towns = [] if _own_town() else territory.towns()
    return page("markets/register.html", form=form, town=town, towns=towns)


def _own_town() -> str:
    own = actor().area_code or ""
    return cut(own, Level.TOWN) if len(own) >= Level.TOWN.length else ""


def _town(named: str) -> Area | None:
    """The town a market is entered in: one's own, or the one the address names."""
    code = _own_town() or named
    town = territory.find_area(code) if code else None
    if code and (town is None or town.level is not Level.TOWN):
        raise NotThere
    return town


def _communities(town: Area | None) -> list[SelectChoice]:
    found = territory.communities(town.code) if town else []
    return [SelectChoice("", _l("请选择")), *(SelectChoice(one.code, one.name) for one in found)]


def _company(typed: str) -> Organisation:
    found = queries.find_companies(typed)
    if not found:
        raise Mistake("company", _l("没有找到这家公司，请先登记单位，或核对名称。"))
    if len(found) > 1:
        raise Mistake("company", _l("有两家公司叫这个名字，请填统一社会信用代码。"))
    return found[0]


@area.get("/markets/<int:market_id>", needs=May.READ)
def show(market_id: int) -> ResponseReturnValue:
    """One market: its facts, its zones, who answers for it, what comes next."""
    market = get_market(market_id)
    sees_posts = may(actor(), May.READ_POSTS)
    posts = (
        [post for post in queries.posts_of(market) if post.is_held_on(clock.today())] if sees_posts else []
    )
    held = {post.kind for post in posts}
    return page(
        "markets/show.html",
        market=market,
        stalls=queries.count_stalls(market),
        zones=queries.zones_of(market),
        posts=posts,
        sees_posts=sees_posts,
        vacant=[kind for kind in SIGNING if kind not in held] if sees_posts else [],
        due=queries.due_papers(actor(), market=market).rows[:5],
        moves=queries.moves_of(market),
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


@area.form("/markets/<int:market_id>/restamp", needs=May.RESTAMP)
def restamp(market_id: int) -> ResponseReturnValue:
    """Count the market with another community."""
    market = get_market(market_id)
    demand(actor(), May.RESTAMP, market)
    town = _town(request.args.get("town", market.town_code))
    form = RestampMarketForm()
    form.community.choices = _communities(town)
    if form.validate_on_submit():
        with told(form):
            community = territory.get_area(form.community.data)
            name = community.name  # the deed forgets every row it had read
            operations.restamp(market, community, form.reason.data, actor())
            tell(_("市场改到 %(name)s，编码不变。", name=name))
            return go("markets.show", market_id=market_id)
    towns = [] if _own_town() else territory.towns()
    return page("markets/restamp.html", form=form, market=market, town=town, towns=towns)


@area.get("/markets/<int:market_id>/history", needs=May.READ)
def history(market_id: int) -> ResponseReturnValue:
    """What was done with the market, and by whom."""
    market = get_market(market_id)
    return page("markets/history.html", market=market, lines=journal.of(market))
