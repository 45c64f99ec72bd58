"""Pages of a market's setting-up: what is still missing, and inviting people with their posts."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import signin
from portal.core.actor import Role
from portal.core.policy import demand
from portal.core.qr import code_of
from portal.markets import queries
from portal.markets.forms.fields import choices
from portal.markets.forms.setup import InvitePersonForm
from portal.markets.models import Market, PostKind
from portal.markets.operations import setup as operations
from portal.markets.operations.setup import Invited
from portal.markets.policy import May
from portal.markets.queries import setup
from portal.markets.routes.arriving import address_of
from portal.markets.routes.entry import area, get_market
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/markets/<int:market_id>/setup", needs=May.READ)
def show_setup(market_id: int) -> ResponseReturnValue:
    """The list of what a market needs, and what of it is missing."""
    market = get_market(market_id)
    return page("markets/setup.html", market=market, readiness=setup.readiness_of(market, actor()))


@area.get("/markets/arriving", needs=May.READ)
def list_arriving() -> ResponseReturnValue:
    """The trading markets in sight that still lack something."""
    found = queries.list_markets(actor(), cursor=request.args.get("after", ""))
    lacking = [one for one in setup.readiness_of_all(found.rows, actor()) if one.missing]
    places = {market.id: market for market in found.rows}
    return page("markets/arriving.html", lacking=lacking, places=places, next_cursor=found.next_cursor)


@area.form("/markets/<int:market_id>/invite", needs=May.APPOINT)
@signin.proven
def invite(market_id: int) -> ResponseReturnValue:
    """Somebody new with a role and posts, and the link that opens the account, shown this once."""
    market = get_market(market_id)
    demand(actor(), May.APPOINT, market)
    form = InvitePersonForm(data={"role": Role.PATROLLER.value})
    form.posts.choices = choices(PostKind)
    if form.validate_on_submit():
        with told(form):
            kinds = form.kinds()
            invited = operations.invite(market, form.card(), Role(form.role.data), kinds, actor())
            return _handed_over(market, invited)
    return page("markets/invite.html", form=form, market=market, needed=queries.steps.posts_needed(market))


def _handed_over(market: Market, invited: Invited) -> ResponseReturnValue:
    if not invited.token:
        tell(_("%(name)s 已经有账号，登录就能看到这个市场。", name=invited.person.name))
        return go("markets.show_setup", market_id=market.id)
    address = address_of(invited.token)
    return page(
        "markets/invited.html", market=market, person=invited.person, address=address, code=code_of(address)
    )
