"""Pages on which a market moves to another community or comes to be run by another company."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.policy import demand
from portal.markets import operations
from portal.markets.forms import RestampMarketForm
from portal.markets.forms.moving import ChangeOperatorForm
from portal.markets.models import Market
from portal.markets.operations import operators
from portal.markets.policy import May
from portal.markets.routes.entry import (
    area,
    community_choices,
    company_named,
    get_market,
    town_named,
    towns_to_choose,
)
from portal.territory import queries as territory
from portal.territory.models import Organisation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.form("/markets/<int:market_id>/restamp", needs=May.RESTAMP)
def restamp(market_id: int) -> ResponseReturnValue:
    """Count the market with another community."""
    market = get_market(market_id)
    demand(actor(), May.RESTAMP, market)
    town = town_named(request.args.get("town", market.town_code))
    form = RestampMarketForm()
    form.community.choices = community_choices(town)
    if form.validate_on_submit():
        with told(form):
            community = territory.get_area(form.community.data)
            operations.restamp(market, community, form.reason.data, actor())
            tell(_("市场改到 %(name)s，编码不变。资料几分钟内更新好。", name=community.name))
            return go("markets.show", market_id=market_id)
    towns = towns_to_choose()
    return page("markets/restamp.html", form=form, market=market, town=town, towns=towns)


@area.form("/markets/<int:market_id>/operator", needs=May.CHANGE_OPERATOR, repeats=True)
def operator(market_id: int) -> ResponseReturnValue:
    """Which company takes over, and a last look at what that means; nothing is written yet."""
    market, form = _handed_over(market_id), ChangeOperatorForm()
    company = None
    if form.validate_on_submit():
        with told(form):
            company = _successor(market, form)
    is_edited = "edit" in request.form
    return _operator_page(market, form, None if is_edited else company)


@area.post("/markets/<int:market_id>/operator/change", needs=May.CHANGE_OPERATOR)
def change_operator(market_id: int) -> ResponseReturnValue:
    """Let the other company take over."""
    market, form = _handed_over(market_id), ChangeOperatorForm()
    if form.validate_on_submit():
        with told(form):
            company = company_named(form.company.data)
            operations.change_operator(market, company, form.reason.data, actor())
            tell(
                _(
                    "%(name)s 改由 %(company)s 管理，资料几分钟内转好。",
                    name=market.name,
                    company=company.name,
                )
            )
            return go("markets.show", market_id=market.id)
    return _operator_page(market, form, None)


def _handed_over(market_id: int) -> Market:
    market = get_market(market_id)
    demand(actor(), May.CHANGE_OPERATOR, market)
    return market


def _successor(market: Market, form: ChangeOperatorForm) -> Organisation:
    company = company_named(form.company.data)
    operators.check_operator(market, company)
    return company


def _operator_page(
    market: Market, form: ChangeOperatorForm, company: Organisation | None
) -> ResponseReturnValue:
    renumbered = operators.count_renumbered(market, company) if company else 0
    return page("markets/operator.html", market=market, form=form, company=company, renumbered=renumbered)
